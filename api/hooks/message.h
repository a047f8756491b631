/*
 * A message as Standard Webhooks 1.0.0 has it: the body, and the headers that say which one it is, when it is
 * sent, and who signs it: HMAC-SHA-256 (v1) and Ed25519 (v1a), each by the secret before, too, while that is
 * in force.
 */
#ifndef ILA_API_HOOKS_MESSAGE_H
#define ILA_API_HOOKS_MESSAGE_H

#include "api/hooks/posts.h"
#include "api/views/event_view.h"
#include "ledger/events/webhook.h"

#define MESSAGE_MAX 4096 /* bytes of a body: an event is thin */

struct message {
	struct buf body;
	char id[EVENT_ID_TEXT];
};

/* message_make(settings, told, m): its body; message_free() it.  0, or -1 when it does not fit. */
int message_make(const struct ledger_settings *, const struct event_told *, struct message *);
void message_free(struct message *);

/* The headers of one attempt. */
struct message_headers {
	char text[POST_HEADERS][POST_HEADER_TEXT];
};

/* message_sign(m, master, w, now, at, out): now: the ledger's clock, for which secrets are in force; at:
 * seconds of the computer's clock. */
void message_sign(const struct message *, const unsigned char *master, const struct webhook *, int64_t now,
		  int64_t at, struct message_headers *out);

#endif
