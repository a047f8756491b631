#include "api/cli/watch.h"

#include <string.h>

#include "api/cli/cli.h"
#include "ledger/base/env.h"
#include "ledger/forms/json.h"

#define ASK_US     (US_PER_S / 2)
#define PATIENCE   2000 /* ms */
#define ANSWER_MAX 65536
#define IMPORTS    256 /* more than any ledger has */

/* What a state is counted in. */
static const char *unit_of(const char *state)
{
	return strcmp(state, "taking") == 0 ? "rows taken" : "rows checked";
}

static int tell(const struct watch *w, const struct json_node *import)
{
	struct err ignored = {0};
	const char *key, *state;
	int64_t rows, of;

	if (!json_has(import, "idempotency_key") ||
	    json_text(import, "", "idempotency_key", IDEMPOTENCY_KEY_MAX, &key, &ignored) != 0 ||
	    strcmp(key, w->idempotency_key) != 0)
		return 0;
	if (json_text(import, "", "state", REASON_MAX, &state, &ignored) != 0 ||
	    json_int(import, "", "rows", 0, INT64_MAX, &rows, &ignored) != 0 ||
	    json_int(import, "", "of", 0, INT64_MAX, &of, &ignored) != 0)
		return -1;
	w->call->progress(w->call->progress_arg, unit_of(state), rows, of);
	return 0;
}

static int tell_ours(const struct watch *w, const struct buf *body)
{
	const struct json_node *imports, *one;
	struct err ignored = {0};
	struct json *doc = json_parse(buf_text(body), body->len, &ignored);
	int rc =
		doc == NULL || json_get_array(json_root(doc), "", "imports", IMPORTS, &imports, &ignored) != 0
			? -1
			: 0;

	for (size_t i = 0; rc == 0 && i < json_count(imports); i++)
		rc = json_object_at(imports, "", i, &one, &ignored) == 0 ? tell(w, one) : -1;
	json_free(doc);
	return rc;
}

static struct client *connect_to(const char *base)
{
	struct err ignored = {0};
	struct client *client = client_open(base, &ignored);
	struct client_tls tls;

	cli_client_tls(&tls);
	if (client != NULL)
		client_secure(client, &tls);
	return client;
}

/* -1: it is of no use to ask again. */
static int ask(struct watch *w)
{
	const struct client_request q = {
		.method = "GET", .path = "/v1/imports", .key = w->secret, .patience_ms = PATIENCE};
	struct client_reply reply = {0};
	struct err ignored = {0};
	int rc;

	if (w->client == NULL && (w->client = connect_to(w->base)) == NULL)
		return -1;
	buf_init(&reply.body, ANSWER_MAX);
	rc = client_call(w->client, &q, &reply, &ignored);
	if (rc == 0)
		rc = reply.status == 200 ? tell_ours(w, &reply.body) : -1;
	buf_free(&reply.body);
	return rc;
}

void watch_waiting(void *watch, int64_t sent, int64_t size)
{
	struct watch *w = watch;

	if (sent < size) {
		w->call->progress(w->call->progress_arg, "bytes sent", sent, size);
		return;
	}
	if (w->off || env_ticks() - w->asked < ASK_US)
		return;
	w->off = ask(w) != 0;
	w->asked = env_ticks();
}

void watch_close(struct watch *w)
{
	client_close(w->client);
	w->client = NULL;
}
