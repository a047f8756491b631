/*
 * An answer for people that has no words of its own: a line for each member, a
 * line for each item of a list.
 */
#include <inttypes.h>
#include <string.h>

#include "api/frame/action.h"
#include "api/frame/member_at.h"
#include "api/frame/say.h"

static void print_value(FILE *out, const struct member *m, const struct action_call *c, const void *base)
{
	char money[SAY_MONEY];
	struct buf text;

	if (m->type == M_AMOUNT) {
		fputs(say_money(c->settings, member_value(m, base), money), out);
	} else if (m->type == M_FLAG) {
		fputs(member_value(m, base) ? "yes" : "no", out);
	} else {
		buf_init(&text, 1 << 20);
		member_to_text(m, base, 0, &text);
		fputs(buf_text(&text), out);
		buf_free(&text);
	}
}

/* A line leaves out absent members, and those that are of the ledger: its currency, whether it is live. */
static int is_shown(const struct member *m, const void *base)
{
	return !member_is_virtual(m) && m->type != M_INLINE && member_is_there(m, base);
}

/* An item, or an object, on one line: the first member bare, and those that say what they are; the others by
 * name. */
static void print_line(FILE *out, const struct member *members, const struct action_call *c, const void *base)
{
	const char *before = "";

	for (const struct member *m = members; m->name != NULL; m++) {
		if (!is_shown(m, base) || m->type == M_LIST)
			continue;
		fputs(before, out);
		if (m != members && m->name[0] != '\0' && (m->flags & M_BARE) == 0)
			fprintf(out, "%s ", m->name);
		if (m->type == M_OBJECT)
			print_line(out, m->of, c, member_in(m, base));
		else
			print_value(out, m, c, base);
		before = "  ";
	}
}

/* "no alerts" of "alert list", "none" of anything else. */
static void print_none(FILE *out, const char *action)
{
	size_t word = strcspn(action, " ");

	if (strcmp(action + word, " list") == 0)
		fprintf(out, "no %.*ss\n", (int)word, action);
	else
		fputs("none\n", out);
}

static void print_list(FILE *out, const struct member *m, const struct action_call *c, const void *base)
{
	struct list list;

	memcpy(&list, member_in(m, base), sizeof list);
	if (list.count == 0 && strcmp(m->name, "data") == 0)
		print_none(out, c->action->name);
	for (size_t i = 0; i < list.count; i++) {
		fputs(strcmp(m->name, "data") == 0 ? "" : "  ", out);
		print_line(out, m->of, c, (const char *)list.at + i * m->item);
		fputc('\n', out);
	}
}

static int is(const struct member *m, const char *name)
{
	return strcmp(m->name, name) == 0;
}

/* Of further pages their data only; an empty list of data is told, as none. */
static int is_told(const struct member *m, const struct action_call *c, const void *base)
{
	return (is_shown(m, base) || is(m, "data")) && !is(m, "next") && !is(m, "has_more") &&
	       (c->part == 0 || is(m, "data"));
}

static void print_member(FILE *out, const struct member *m, const struct action_call *c, const void *base)
{
	if (!is(m, "data"))
		fprintf(out, "%s:%s", m->name, m->type == M_LIST ? "\n" : " ");
	if (m->type == M_LIST) {
		print_list(out, m, c, base);
		return;
	}
	if (m->type == M_OBJECT)
		print_line(out, m->of, c, member_in(m, base));
	else
		print_value(out, m, c, base);
	fputc('\n', out);
}

static void print_members(FILE *out, const struct member *members, const struct action_call *c,
			  const void *base)
{
	for (const struct member *m = members; m != NULL && m->name != NULL; m++) {
		if (m->type == M_INLINE && member_is_there(m, base))
			print_members(out, m->of, c, member_in(m, base));
		else if (is_told(m, c, base))
			print_member(out, m, c, base);
	}
}

void print_answer(FILE *out, const struct action_call *c, const void *answer)
{
	print_members(out, c->action->gives, c, answer);
}
