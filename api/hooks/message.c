#include "api/hooks/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/events/base64.h"

int message_make(const struct ledger_settings *settings, const struct event_told *told, struct message *m)
{
	memcpy(m->id, told->id, sizeof m->id);
	buf_init(&m->body, MESSAGE_MAX);
	members_to_json(event_gives, told, settings, &m->body);
	if (buf_ok(&m->body))
		return 0;
	buf_free(&m->body);
	return -1;
}

void message_free(struct message *m)
{
	buf_free(&m->body);
}

/* Both signatures of one secret behind what stands there. */
static void sign(const unsigned char *master, int64_t webhook, int64_t secret, const struct buf *bytes,
		 char *out, size_t size)
{
	unsigned char key[SHA256_BYTES], mac[SHA256_BYTES], signature[ED25519_SIGNATURE_BYTES];
	char v1[BASE64_TEXT(SHA256_BYTES)], v1a[BASE64_TEXT(ED25519_SIGNATURE_BYTES)];
	size_t n = strlen(out);

	webhook_secret(master, webhook, secret, key);
	hmac_sha256(key, sizeof key, buf_text(bytes), bytes->len, mac);
	webhook_seed(master, webhook, secret, key);
	ed25519_sign(key, buf_text(bytes), bytes->len, signature);
	snprintf(out + n, size - n, " v1,%s v1a,%s", base64(mac, sizeof mac, v1),
		 base64(signature, sizeof signature, v1a));
}

void message_sign(const struct message *m, const unsigned char *master, const struct webhook *w, int64_t now,
		  int64_t at, struct message_headers *out)
{
	struct buf bytes;
	char *signature = out->text[3];

	buf_init(&bytes, MESSAGE_MAX + 2 * EVENT_ID_TEXT);
	buf_format(&bytes, "%s.%" PRId64 ".", m->id, at);
	buf_add(&bytes, buf_text(&m->body), m->body.len);
	snprintf(out->text[0], POST_HEADER_TEXT, "Content-Type: application/json");
	snprintf(out->text[1], POST_HEADER_TEXT, "webhook-id: %s", m->id);
	snprintf(out->text[2], POST_HEADER_TEXT, "webhook-timestamp: %" PRId64, at);
	snprintf(signature, POST_HEADER_TEXT, "webhook-signature:");
	sign(master, w->id, w->secret, &bytes, signature, POST_HEADER_TEXT);
	if (w->old_until > now && w->secret > 1)
		sign(master, w->id, w->secret - 1, &bytes, signature, POST_HEADER_TEXT);
	/* No wait for "100 Continue". */
	snprintf(out->text[4], POST_HEADER_TEXT, "Expect:");
	buf_free(&bytes);
}
