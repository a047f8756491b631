#include "api/frame/action.h"

#include <string.h>

#include "api/frame/magic.h"

int action_reads(const struct action *a)
{
	return a->read != NULL || strcmp(a->method, "GET") == 0;
}

int call_begin(struct action_call *c, const struct action *a, struct arena *arena, struct err *err)
{
	memset(c, 0, sizeof *c);
	c->action = a;
	c->arena = arena;
	c->base = "";
	c->args = arena_alloc(arena, a->takes_size > 0 ? a->takes_size : 1);
	c->answer = arena_alloc(arena, a->gives_size > 0 ? a->gives_size : 1);
	if (c->args == NULL || c->answer == NULL)
		return err_set(err, ERR_LIMIT, NULL, "The request is too large.");
	members_clear(a->takes, c->args);
	members_clear(a->gives, c->answer);
	return 0;
}

int call_check(struct action_call *c, struct err *err)
{
	if (magic_check(c, err) != 0)
		return -1;
	return c->action->check != NULL ? c->action->check(c, err) : 0;
}

/* A text for which there was no room is blank: an answer is whole or none. */
static int check_whole(const struct action_call *c, struct err *err)
{
	if (c->arena->lacked == 0)
		return 0;
	return err_set(err, ERR_LIMIT, NULL, "The answer is too large. Ask for less at a time.");
}

int call_run(struct tx *tx, struct action_call *c, struct err *err)
{
	members_clear(c->action->gives, c->answer);
	c->refused = (struct list){0};
	c->status = 0;
	c->secret_for = 0;
	c->actor = tx->actor;
	if (magic_run(c, err) != 0 || c->action->run(tx, c, err) != 0)
		return -1;
	c->secret_for = tx->secret_for;
	return check_whole(c, err);
}

int call_read(struct db *db, struct action_call *c, struct err *err)
{
	members_clear(c->action->gives, c->answer);
	if (magic_run(c, err) != 0 || c->action->read(db, c, err) != 0)
		return -1;
	return check_whole(c, err);
}

const char *call_keep(struct action_call *c, const char *text)
{
	const char *copy = arena_copy(c->arena, text, strlen(text));

	return copy ? copy : "";
}

void call_refused(const struct action_call *c, struct buf *out)
{
	const struct refused_row *r = c->refused.at;

	for (size_t i = 0; i < c->refused.count; i++) {
		buf_format(out, "%s{\"line\":%lld,\"column\":", i > 0 ? "," : "[", (long long)r[i].line);
		buf_json(out, r[i].column);
		buf_text_add(out, ",\"detail\":");
		buf_json(out, r[i].reason);
		buf_char(out, '}');
	}
	if (c->refused.count > 0)
		buf_char(out, ']');
}
