/*
 * Members that hold pairs of key and value, both ways.
 */
#include <stdio.h>
#include <string.h>

#include "api/frame/member_at.h"

struct taking {
	const struct member *member;
	struct metadata_pairs *pairs;
};

static int add(const struct taking *t, const char *key, size_t key_len, const char *value, size_t value_len,
	       struct err *err)
{
	if (t->pairs->count == METADATA_PAIRS_MAX)
		return err_set(err, ERR_LIMIT, t->member->name, "%s holds at most %d pairs.", t->member->name,
			       METADATA_PAIRS_MAX);
	t->pairs->of[t->pairs->count++] = (struct metadata_pair){key, value, key_len, value_len};
	return 0;
}

static int add_text(void *arg, const char *key, const char *value, struct err *err)
{
	return add(arg, key, strlen(key), value, strlen(value), err);
}

int member_pairs_from_body(const struct member *m, const struct json_node *body, const char *path, void *base,
			   struct err *err)
{
	struct taking t = {m, member_at(m, base)};
	const struct json_node *object;

	t.pairs->count = 0;
	return json_get_object(body, path, m->name, &object, err) == 0
		       ? json_each(object, m->name, add_text, &t, err)
		       : -1;
}

int member_pairs_from_text(const struct member *m, const char *text, void *base, struct err *err)
{
	struct taking t = {m, member_at(m, base)};

	t.pairs->count = 0;
	for (;;) {
		size_t len = strcspn(text, ","), key = strcspn(text, "=,");

		if (key == len)
			return err_set(err, ERR_FIELD_INVALID, m->name,
				       "'%.60s' is not pairs like cohort=2026-a,site=lyon.", text);
		if (add(&t, text, key, text + key + 1, len - key - 1, err) != 0)
			return -1;
		if (text[len] == '\0')
			return 0;
		text += len + 1;
	}
}

size_t member_pairs_count(const struct member *m, const void *base)
{
	const struct metadata_pairs *pairs = member_in(m, base);

	return pairs->count;
}

/* The text between quotes; it has no NUL in it. */
static void give_text(const char *text, size_t len, struct buf *out)
{
	struct buf copy;

	buf_init(&copy, len + 1);
	buf_add(&copy, text, len);
	buf_json(out, buf_text(&copy));
	buf_free(&copy);
}

void member_pairs_to_json(const struct member *m, const void *base, struct buf *out)
{
	const struct metadata_pairs *pairs = member_in(m, base);

	buf_char(out, '{');
	for (size_t i = 0; i < pairs->count; i++) {
		buf_text_add(out, i > 0 ? "," : "");
		give_text(pairs->of[i].key, pairs->of[i].key_len, out);
		buf_char(out, ':');
		give_text(pairs->of[i].value, pairs->of[i].value_len, out);
	}
	buf_char(out, '}');
}

void member_pairs_to_text(const struct member *m, const void *base, struct buf *out)
{
	const struct metadata_pairs *pairs = member_in(m, base);

	for (size_t i = 0; i < pairs->count; i++) {
		buf_text_add(out, i > 0 ? "," : "");
		buf_add(out, pairs->of[i].key, pairs->of[i].key_len);
		buf_char(out, '=');
		buf_add(out, pairs->of[i].value, pairs->of[i].value_len);
	}
}
