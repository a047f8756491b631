#include "api/contract/example.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "api/contract/put.h"
#include "ledger/base/money.h"

#define EXPONENT 2 /* examples are typed in euros */

/* A member whose table has no example. */
static const char *plain(const struct member *m)
{
	static const char *const by_type[] = {
		[M_CODE] = "CODE-1",
		[M_WORD] = "reason",
		[M_TEXT] = "text",
		[M_AMOUNT] = "100.00",
		[M_NUMBER] = "1",
		[M_DAY] = "2026-01-05",
		[M_INSTANT] = "2026-01-05T08:00:00Z",
		[M_UUID] = "0198c0de-0000-7000-8000-000000000001",
		[M_FLAG] = "true",
		[M_CURRENCY] = "EUR",
	};
	int word = 0;

	if (m->example != NULL)
		return m->example;
	if (m->type != M_ONE_OF && m->type != M_SET)
		return by_type[m->type];
	while (m->word(word) != NULL && m->word(word)[0] == '\0')
		word++;
	return m->word(word);
}

static void amount(const struct member *m, struct buf *out)
{
	int64_t cents = 0;

	(void)money_parse(plain(m), EXPONENT, &cents);
	buf_int(out, cents);
}

static void object(const struct member *members, struct buf *out)
{
	buf_char(out, '{');
	for (const struct member *m = members; m->name != NULL; m++)
		if ((m->flags & M_NEEDED) != 0) {
			put_key(out, m->name);
			example_value(m, out);
		}
	buf_char(out, '}');
}

/* "cohort=2026-a,site=lyon" as an object. */
static void pairs(const char *typed, struct buf *out)
{
	char text[256], *rest = text, *pair, *value;

	snprintf(text, sizeof text, "%s", typed);
	buf_char(out, '{');
	while ((pair = strsep(&rest, ",")) != NULL) {
		value = strchr(pair, '=');
		assert(value != NULL);
		*value = '\0';
		put_key(out, pair);
		buf_json(out, value + 1);
	}
	buf_char(out, '}');
}

void example_value(const struct member *m, struct buf *out)
{
	switch (m->type) {
	case M_AMOUNT:
		amount(m, out);
		break;
	case M_NUMBER:
	case M_FLAG:
		buf_text_add(out, plain(m));
		break;
	case M_OBJECT:
		object(m->of, out);
		break;
	case M_PAIRS:
		pairs(plain(m), out);
		break;
	default:
		buf_json(out, plain(m));
		break;
	}
}

void example_text(const struct member *m, struct buf *out)
{
	if (m->type == M_AMOUNT)
		amount(m, out);
	else
		buf_text_add(out, m->type == M_FILE && m->example == NULL ? "file.csv" : plain(m));
}

/* The reason is that of the step's own row. */
static int own_reason(const struct operation *o, const struct member *m, struct buf *out)
{
	const struct transition *t = operation_row(o, 0);

	if (t == NULL || t->reason == NULL || strcmp(m->name, "reason") != 0)
		return 0;
	buf_json(out, t->reason);
	return 1;
}

void example_body(const struct operation *o, struct buf *out)
{
	buf_char(out, '{');
	for (const struct member *m = o->action->takes; m != NULL && m->name != NULL; m++) {
		enum step_takes takes = operation_takes(o, m);

		if (!operation_in_body(m) || takes == STEP_LEAVES_OUT ||
		    (takes != STEP_NEEDS && (m->flags & M_SHOWN) == 0))
			continue;
		put_key(out, m->name);
		if (!own_reason(o, m, out))
			example_value(m, out);
	}
	buf_char(out, '}');
}

static const struct member *named(const struct operation *o, const char *name, size_t n)
{
	for (const struct member *m = o->action->takes; m != NULL && m->name != NULL; m++)
		if (strlen(m->name) == n && strncmp(m->name, name, n) == 0)
			return m;
	return NULL;
}

void example_path(const struct operation *o, struct buf *out)
{
	for (const char *at = o->path; *at != '\0'; at++) {
		size_t n = strcspn(at + 1, "}");
		const struct member *m = *at == '{' ? named(o, at + 1, n) : NULL;

		if (m == NULL) {
			buf_char(out, *at);
			continue;
		}
		example_text(m, out);
		at += n + 1;
	}
}
