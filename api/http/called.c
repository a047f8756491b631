#include "api/http/called.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/frame/command.h"
#include "api/http/shelf.h"
#include "ledger/base/temp.h"

#define SMALL_MAX (64 << 10) /* bytes of a stream that are answered from memory */

/* --- arguments --------------------------------------------------------------------- */

/* What the path names is there, or nothing is. */
static int take_path(struct action_call *c, const struct request *r, const struct member *m, struct err *err)
{
	if (member_from_text(m, request_path(r, m->name), 0, c->args, err) == 0)
		return 0;
	err->code = ERR_NOT_FOUND;
	err->field[0] = '\0';
	return -1;
}

/* The body is in a file by now; the query may say what it was called. */
static int take_file(struct action_call *c, const struct request *r, const struct member *m, const char *name,
		     struct err *err)
{
	assert(r->upload != NULL);
	if (member_from_text(m, r->upload, 0, c->args, err) != 0)
		return -1;
	return member_file_name(m, name != NULL ? name : "upload", c->args, err);
}

static int take_words(struct action_call *c, const struct request *r, struct err *err)
{
	for (const struct member *m = c->action->takes; m != NULL && m->name != NULL; m++) {
		const char *query = (m->flags & M_QUERY) != 0 ? request_query(r, m->name) : NULL;

		if ((m->flags & M_PATH) != 0 && take_path(c, r, m, err) != 0)
			return -1;
		if (m->type == M_FILE) {
			if (take_file(c, r, m, query, err) != 0)
				return -1;
		} else if (query != NULL && member_from_text(m, query, 0, c->args, err) != 0) {
			return -1;
		}
	}
	return 0;
}

static int take_body(struct action_call *c, const struct request *r, struct err *err)
{
	static const struct member nothing[] = {MEMBERS_END};
	const struct member *takes = c->action->takes;

	return r->body == NULL
		       ? 0
		       : members_from_body(takes ? takes : nothing, r->body, c->settings, c->args, err);
}

struct action_call *called_begin(const struct request *r, struct err *err)
{
	struct action_call *c = arena_alloc(r->arena, sizeof *c);

	if (c == NULL) {
		err_set(err, ERR_LIMIT, NULL, "The request is too large.");
		return NULL;
	}
	if (call_begin(c, r->action, r->arena, err) != 0)
		return NULL;
	c->ledger = r->ledger;
	c->shelf = r->shelf;
	c->base = r->base;
	c->settings = ledger_settings(r->ledger);
	c->actor = r->actor;
	c->gate = r->gate;
	c->beside = 1;
	if (take_words(c, r, err) != 0 || take_body(c, r, err) != 0 || call_check(c, err) != 0)
		return NULL;
	return c;
}

/* --- answers ------------------------------------------------------------------------- */

/* Of several ledgers, whether one is. */
static int is_live(const struct action_call *c)
{
	int live = !c->settings->sandbox;

	for (size_t i = 0; c->shelf != NULL && i < c->shelf->count; i++)
		live |= !ledger_settings(c->shelf->at[i].ledger)->sandbox;
	return live;
}

/* The ETag: the last entry of what is shown, where it has one, and half of the answer's hash: what is
 * decided, or due, may change without an entry of its own. */
static void name_version(int64_t seq, const struct buf *body, char etag[ETAG_TEXT])
{
	unsigned char hash[SHA256_BYTES];
	char hex[SHA256_HEX];

	sha256(buf_text(body), body->len, hash);
	if (seq > 0)
		snprintf(etag, ETAG_TEXT, "\"%lld-%.16s\"", (long long)seq, sha256_hex(hash, hex));
	else
		snprintf(etag, ETAG_TEXT, "\"%.16s\"", sha256_hex(hash, hex));
}

int called_read(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	struct action_call *c = called_begin(r, err);

	if (c == NULL || call_read(db, c, err) != 0)
		return -1;
	reply->status = c->status;
	call_answer(c, is_live(c), &reply->body);
	name_version(c->version, &reply->body, reply->etag);
	return 0;
}

static int write_file(int fd, const char *bytes, size_t n, struct err *err)
{
	while (n > 0) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return err_set(err, errno == ENOSPC ? ERR_STORAGE_FULL : ERR_STORAGE, NULL,
				       "The answer could not be written: %s.", strerror(errno));
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

/* A temporary file without a name: a refusal can still be a problem, and a slow client holds no snapshot. */
static int open_file(struct reply *reply, struct err *err)
{
	reply->file = temp_open(err);
	if (reply->file < 0)
		return -1;
	return write_file(reply->file, buf_text(&reply->body), reply->body.len, err);
}

static int write_reply(void *to, const char *bytes, size_t n, struct err *err)
{
	struct reply *reply = to;

	if (reply->file < 0 && reply->body.len + n <= SMALL_MAX) {
		buf_add(&reply->body, bytes, n);
		return buf_ok(&reply->body) ? 0 : err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	}
	if (reply->file < 0 && open_file(reply, err) != 0)
		return -1;
	return write_file(reply->file, bytes, n, err);
}

static int stream(struct action_call *c, struct reply *reply, struct err *err)
{
	const struct sink sink = {write_reply, reply};

	if (c->action->stream(c, &sink, err) != 0) {
		if (reply->file >= 0)
			close(reply->file);
		reply->file = -1;
		return -1;
	}
	reply->content_type = c->action->content_type;
	reply->head = c->head;
	if (c->file_name[0] != '\0')
		snprintf(reply->disposition, sizeof reply->disposition, "attachment; filename=\"%s\"",
			 c->file_name);
	return 0;
}

static int run_secret(struct tx *tx, struct command *command, struct err *err)
{
	return call_run(tx, command->args, err);
}

int called_at_once(const struct action *a)
{
	return a->act != NULL || a->stream != NULL || (a->flags & ACTION_SECRET) != 0;
}

int called_act(const struct request *r, struct reply *reply, struct err *err)
{
	struct action_call *c = called_begin(r, err);
	int rc;

	if (c == NULL)
		return -1;
	if (c->action->stream != NULL)
		return stream(c, reply, err);
	if (c->action->act != NULL)
		rc = c->action->act(c, err);
	else
		rc = ledger_do_as(r->ledger, &r->actor, c->action->name, run_secret, c, err);
	if (rc != 0)
		return -1;
	reply->status = c->status;
	call_answer(c, is_live(c), &reply->body);
	return 0;
}
