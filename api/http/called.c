#include "api/http/called.h"

#include <string.h>

#include "ledger/desk/command.h"

/* What the path names is there, or nothing is. */
static int take_path(struct action_call *c, const struct request *r, const struct member *m, struct err *err)
{
	if (member_from_text(m, request_path(r, m->name), 0, c->args, err) == 0)
		return 0;
	err->code = ERR_NOT_FOUND;
	err->field[0] = '\0';
	return -1;
}

static int take_query(struct action_call *c, const struct request *r, const struct member *m, struct err *err)
{
	const char *text = request_query(r, m->name);

	return text == NULL ? 0 : member_from_text(m, text, 0, c->args, err);
}

static int take_words(struct action_call *c, const struct request *r, struct err *err)
{
	for (const struct member *m = c->action->takes; m != NULL && m->name != NULL; m++) {
		if ((m->flags & M_PATH) != 0 && take_path(c, r, m, err) != 0)
			return -1;
		if ((m->flags & M_QUERY) != 0 && take_query(c, r, m, err) != 0)
			return -1;
		if (m->type == M_FILE && r->upload != NULL &&
		    member_from_text(m, r->upload, 0, c->args, err) != 0)
			return -1;
	}
	return 0;
}

static struct action_call *begin(const struct request *r, struct err *err)
{
	static const struct member nothing[] = {MEMBERS_END};
	const struct action *a = r->route->action;
	struct action_call *c = arena_alloc(r->arena, sizeof *c);

	if (c == NULL) {
		err_set(err, ERR_LIMIT, NULL, "The request is too large.");
		return NULL;
	}
	if (call_begin(c, a, r->arena, err) != 0)
		return NULL;
	c->ledger = r->ledger;
	c->settings = ledger_settings(r->ledger);
	c->actor = r->actor;
	if (take_words(c, r, err) != 0 ||
	    (r->body != NULL &&
	     members_from_body(a->takes ? a->takes : nothing, r->body, c->settings, c->args, err) != 0) ||
	    call_check(c, err) != 0)
		return NULL;
	return c;
}

static void answer(const struct action_call *c, struct buf *out)
{
	members_to_json(c->action->gives, c->answer, c->settings, out);
}

int called_parse(const struct request *r, void **args, struct err *err)
{
	*args = begin(r, err);
	return *args != NULL ? 0 : -1;
}

int called_run(struct tx *tx, struct command *command, struct err *err)
{
	struct action_call *c = command->args;

	if (call_run(tx, c, err) != 0)
		return -1;
	command->http_status = c->status;
	answer(c, &command->answer);
	return 0;
}

int called_read(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	struct action_call *c = begin(r, err);

	if (c == NULL || c->action->read(db, c, err) != 0)
		return -1;
	answer(c, &reply->body);
	return 0;
}

/* A secret goes around the answers that are kept for retries. */
static int run_secret(struct tx *tx, struct command *command, struct err *err)
{
	return call_run(tx, command->args, err);
}

int called_act(const struct request *r, struct reply *reply, struct err *err)
{
	struct action_call *c = begin(r, err);
	int rc;

	if (c == NULL)
		return -1;
	if (c->action->act != NULL)
		rc = c->action->act(c, err);
	else
		rc = ledger_do_as(r->ledger, &r->actor, c->action->name, run_secret, c, err);
	if (rc != 0)
		return -1;
	reply->status = c->status;
	answer(c, &reply->body);
	return 0;
}

int called_queries(const struct request *r, struct err *err)
{
	const struct member *takes = r->route->action->takes;
	char known[256] = "none";
	size_t n = 0;

	for (const struct member *m = takes; m != NULL && m->name != NULL; m++)
		if ((m->flags & M_QUERY) != 0 && n < sizeof known)
			n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", n > 0 ? " " : "", m->name);
	for (size_t i = 0; i < r->queries; i++) {
		const struct member *m = takes;

		while (m != NULL && m->name != NULL &&
		       ((m->flags & M_QUERY) == 0 || strcmp(m->name, r->query[i].name) != 0))
			m++;
		if (m == NULL || m->name == NULL)
			return err_set(err, ERR_FIELD_UNKNOWN, r->query[i].name,
				       "This address takes no query parameter of that name. It takes: %s.",
				       known);
	}
	return 0;
}
