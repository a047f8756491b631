#include "api/http/forward.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/http/auth.h"
#include "api/http/client.h"
#include "api/http/witness.h"

/* A connection to a leader, kept for the next write. */
struct line {
	struct client *client;
	char address[NODE_ADDRESS_MAX + 1];
};

struct forward {
	pthread_mutex_t mutex;
	struct line idle[HTTP_FORWARDS_AT_ONCE];
	size_t count;
	struct client_tls tls;
};

struct forward *forward_open(const struct client_tls *tls)
{
	struct forward *f = calloc(1, sizeof *f);

	if (f == NULL)
		return NULL;
	pthread_mutex_init(&f->mutex, NULL);
	f->tls = *tls;
	return f;
}

void forward_close(struct forward *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->count; i++)
		client_close(f->idle[i].client);
	pthread_mutex_destroy(&f->mutex);
	free(f);
}

/* An idle line to that address, or a new one. */
static int take_line(struct forward *f, const char *address, struct line *line, struct err *err)
{
	line->client = NULL;
	pthread_mutex_lock(&f->mutex);
	if (f->count > 0)
		*line = f->idle[--f->count];
	pthread_mutex_unlock(&f->mutex);
	if (line->client != NULL && strcmp(line->address, address) != 0) {
		client_close(line->client);
		line->client = NULL;
	}
	if (line->client == NULL && (line->client = client_open(address, err)) != NULL)
		client_secure(line->client, &f->tls);
	snprintf(line->address, sizeof line->address, "%s", address);
	return line->client != NULL ? 0 : -1;
}

static void give_line_back(struct forward *f, const struct line *line, int works)
{
	int kept = 0;

	pthread_mutex_lock(&f->mutex);
	if (works && f->count < HTTP_FORWARDS_AT_ONCE) {
		f->idle[f->count++] = *line;
		kept = 1;
	}
	pthread_mutex_unlock(&f->mutex);
	if (!kept)
		client_close(line->client);
}

static void word_request(struct exchange *x, struct client_request *q, char witness[WITNESS_TEXT])
{
	const struct witnessed w = {x->request.method, buf_text(&x->target), x->request.idempotency_key,
				    x->shown.text};

	*q = (struct client_request){
		.method = x->request.method,
		.path = buf_text(&x->target),
		.key = w.key,
		.idempotency_key = x->request.idempotency_key[0] != '\0' ? x->request.idempotency_key : NULL,
		.request_id = x->request_id,
		.content_type = x->content_type,
		.forwarded = 1};
	if (x->shown.certificate != NULL)
		q->witness = witness_write(ledger_master(x->request.ledger), &w, x->shown.certificate,
					   env_wall() / US_PER_S, witness);
	if (x->upload >= 0) {
		q->body_file = temp_path(x->upload, x->upload_path);
	} else {
		q->body = buf_text(&x->body);
		q->body_len = x->body.len;
	}
}

static void take_answer(struct exchange *x, struct client_reply *from)
{
	struct reply *r = &x->reply;

	r->status = (int)from->status;
	r->replayed = from->replayed;
	r->retry_after = from->retry_after;
	r->head = from->head;
	snprintf(r->type, sizeof r->type, "%s", from->content_type);
	r->content_type = r->type[0] != '\0' ? r->type : NULL;
	buf_add(&r->body, from->body.data, from->body.len);
	if (from->head.seq > 0)
		ledger_saw_head(x->request.ledger, &from->head);
}

static int no_leader(struct err *err)
{
	return err_set(
		err, ERR_NO_LEADER, NULL,
		"This node does not write, and none is known that does. One takes over within half a minute.");
}

/* What this node cannot tell, its words say: the client's own would speak of a server that it never named. */
static int no_answer(struct err *err)
{
	enum err_effect effect = err->effect;

	err_set(err, ERR_NO_LEADER, NULL,
		effect == EFFECT_UNKNOWN
			? "The node that leads gave no answer. Send the same request with the same Idempotency-Key: it "
			  "is done once."
			: "The node that leads cannot be reached.");
	err->effect = effect;
	return -1;
}

/* The results of a batch are many: they go to a file. */
static FILE *open_results(struct exchange *x, struct err *err)
{
	int fd = temp_open(err);
	FILE *to = fd >= 0 ? fdopen(dup(fd), "w") : NULL;

	if (to == NULL && fd >= 0) {
		close(fd);
		err_set(err, ERR_STORAGE, NULL, "Out of memory or of descriptors.");
	}
	x->reply.file = to != NULL ? fd : -1;
	return to;
}

/* Where they could not all be kept, nobody knows what became of the batch. */
static int close_results(FILE *to, int rc, struct err *err)
{
	if (fclose(to) == 0 || rc != 0)
		return rc;
	err_set(err, ERR_STORAGE_FULL, NULL, "The answer could not be kept. Send the batch again.");
	err->effect = EFFECT_UNKNOWN;
	return -1;
}

static void drop_results(struct exchange *x)
{
	close(x->reply.file);
	x->reply.file = -1;
}

/* The request through that line. */
static int call_by(struct line *line, struct exchange *x, struct err *err)
{
	struct client_reply answer = {0};
	struct client_request q;
	char witness[WITNESS_TEXT];
	FILE *to = NULL;
	int rc;

	if (exchange_is_batch(x) && (to = answer.to = open_results(x, err)) == NULL)
		return -1;
	buf_init(&answer.body, REPLY_BYTES_MAX);
	word_request(x, &q, witness);
	rc = client_call(line->client, &q, &answer, err);
	if (rc == 0)
		take_answer(x, &answer);
	else
		no_answer(err);
	if (to != NULL)
		rc = close_results(to, rc, err);
	/* Without results the answer is a problem. */
	if (to != NULL && (rc != 0 || x->reply.status >= 300))
		drop_results(x);
	buf_free(&answer.body);
	return rc;
}

static int call(struct forward *f, struct exchange *x, struct err *err)
{
	struct leader leader = ledger_leader(x->request.ledger);
	struct line line;
	int rc;

	if (x->forwarded || leader.node.address[0] == '\0' || leader.missing)
		return no_leader(err);
	if (take_line(f, leader.node.address, &line, err) != 0)
		return -1;
	rc = call_by(&line, x, err);
	give_line_back(f, &line, rc == 0);
	return rc;
}

void forward_send(struct forward *f, struct exchange *x)
{
	struct err err = {0};

	if (call(f, x, &err) != 0)
		exchange_refuse(x, &err);
}
