#include "api/frame/member.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/frame/member_at.h"
#include "ledger/base/check.h"
#include "ledger/base/money.h"

#define WORD_TEXT 64 /* of a set: longer than any */

static const struct uuid no_uuid;

void *member_at(const struct member *m, void *base)
{
	return (char *)base + m->offset;
}

const void *member_in(const struct member *m, const void *base)
{
	return (const char *)base + m->offset;
}

void member_set(const struct member *m, void *base, int64_t value)
{
	int small = (int)value;

	if (m->size == sizeof small)
		memcpy(member_at(m, base), &small, sizeof small);
	else
		memcpy(member_at(m, base), &value, sizeof value);
}

int64_t member_value(const struct member *m, const void *base)
{
	int small;
	int64_t value;

	if (m->size == sizeof small) {
		memcpy(&small, member_in(m, base), sizeof small);
		return small;
	}
	memcpy(&value, member_in(m, base), sizeof value);
	return value;
}

const char *member_text(const struct member *m, const void *base)
{
	const char *text;

	if (m->type != M_STRING && m->type != M_RAW && m->type != M_LINES)
		return member_in(m, base);
	memcpy(&text, member_in(m, base), sizeof text);
	return text ? text : "";
}

int member_is_virtual(const struct member *m)
{
	return m->type == M_CURRENCY || m->type == M_LIVEMODE;
}

void members_clear(const struct member *members, void *base)
{
	static const char *const none = "";

	for (const struct member *m = members; m != NULL && m->name != NULL; m++) {
		if (member_is_virtual(m))
			continue;
		memset(member_at(m, base), 0, m->size); /* of an object its known, too */
		if (m->type == M_STRING || m->type == M_LINES || m->type == M_RAW)
			memcpy(member_at(m, base), &none, sizeof none);
		else if (m->type == M_DAY)
			member_set(m, base, DAY_NONE);
		else if (m->type == M_NUMBER || m->type == M_AMOUNT || m->type == M_ONE_OF ||
			 m->type == M_FLAG)
			member_set(m, base, m->absent);
		else if (m->type == M_OBJECT || m->type == M_INLINE)
			members_clear(m->of, member_at(m, base));
	}
}

int member_is_there(const struct member *m, const void *base)
{
	struct list list;
	const char *word;
	int known;

	switch (m->type) {
	case M_CODE:
	case M_WORD:
	case M_TEXT:
	case M_CERTIFICATE:
	case M_FILE:
	case M_STRING:
	case M_SECRET:
	case M_LINES:
	case M_RAW:
		return member_text(m, base)[0] != '\0';
	case M_DAY:
		return member_value(m, base) != DAY_NONE;
	case M_NUMBER:
	case M_AMOUNT:
		return (m->flags & M_NULL) != 0 ? member_value(m, base) >= 0
						: member_value(m, base) != m->absent;
	case M_ONE_OF:
		word = member_value(m, base) >= 0 ? m->word((int)member_value(m, base)) : NULL;
		return word != NULL && word[0] != '\0';
	case M_FLAG:
		return member_value(m, base) != m->absent;
	case M_INSTANT:
	case M_SET:
		return member_value(m, base) != 0;
	case M_UUID:
		return memcmp(member_in(m, base), &no_uuid, sizeof no_uuid) != 0;
	case M_OBJECT:
	case M_INLINE:
		memcpy(&known, member_in(m, base), sizeof known);
		return known;
	case M_PAIRS:
		return member_pairs_count(m, base) > 0;
	case M_LIST:
		memcpy(&list, member_in(m, base), sizeof list);
		return list.at != NULL || list.count > 0;
	case M_CURRENCY:
	case M_LIVEMODE:
		break;
	}
	return 1;
}

void member_range(const struct member *m, int64_t *min, int64_t *max)
{
	*min = m->min;
	*max = m->max;
	if (m->min == 0 && m->max == 0) {
		*min = m->type == M_AMOUNT ? 1 : 0;
		*max = m->type == M_AMOUNT ? AMOUNT_MAX : HOLDER_MAX;
	}
}

int member_check_text(const struct member *m, const char *text, struct err *err)
{
	if (m->type == M_CODE && !check_code(text))
		return err_set(err, ERR_FIELD_INVALID, m->name,
			       "%s is 1 to %d letters, digits and _.:/- and begins with a letter or digit.",
			       m->name, CODE_MAX);
	if (m->type == M_WORD && !check_reason(text))
		return err_set(err, ERR_FIELD_INVALID, m->name,
			       "%s is a word of a-z, 0-9 and _, at most %d long.", m->name, REASON_MAX);
	if (m->type == M_TEXT && !check_text(text, m->size - 1))
		return err_set(err, ERR_FIELD_INVALID, m->name,
			       "%s is text of 1 to %zu bytes, without control characters.", m->name,
			       m->size - 1);
	return 0;
}

void member_set_text(const struct member *m, void *base, const char *text)
{
	snprintf(member_at(m, base), m->size, "%s", text);
}

int member_find_word(const struct member *m, const char *text, void *base, struct err *err)
{
	char all[512] = "";
	const char *word;
	size_t n = 0;

	for (int i = 0; (word = m->word(i)) != NULL; i++) {
		if (word[0] == '\0')
			continue;
		if (strcmp(word, text) == 0) {
			member_set(m, base, i);
			return 0;
		}
		if (n < sizeof all)
			n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", n > 0 ? ", " : "", word);
	}
	return err_set(err, ERR_FIELD_INVALID, m->name, "There is no %s '%.40s'. It is one of: %s.",
		       m->noun ? m->noun : m->name, text, all);
}

/* Words with commas between. */
static int words(const struct member *m, const char *text, void *base, struct err *err)
{
	int64_t set = 0;
	size_t n;

	for (;; text += n + 1) {
		char word[WORD_TEXT];

		n = strcspn(text, ",");
		snprintf(word, sizeof word, "%.*s", n < sizeof word ? (int)n : WORD_TEXT - 1, text);
		if (member_find_word(m, word, base, err) != 0)
			return -1;
		set |= INT64_C(1) << member_value(m, base);
		if (text[n] == '\0')
			break;
	}
	member_set(m, base, set);
	return 0;
}

static void words_to_text(const struct member *m, int64_t set, struct buf *out)
{
	const char *before = "", *word;

	for (int i = 0; (word = m->word(i)) != NULL; i++)
		if ((set & INT64_C(1) << i) != 0) {
			buf_text_add(out, before);
			buf_text_add(out, word);
			before = ",";
		}
}

static int number(const struct member *m, const char *text, void *base)
{
	int64_t min, max;
	char *end;
	long long n = strtoll(text, &end, 10);

	member_range(m, &min, &max);
	if (text[strspn(text, "0123456789")] != '\0' || end == text || (text[0] == '0' && text[1] != '\0') ||
	    n < min || n > max)
		return -1;
	member_set(m, base, n);
	return 0;
}

static int day(const struct member *m, const char *text, void *base)
{
	day_t value;

	if (day_parse(text, &value) != 0)
		return -1;
	member_set(m, base, value);
	return 0;
}

static int instant(const struct member *m, const char *text, void *base)
{
	int64_t value;

	if (instant_parse(text, &value) != 0)
		return -1;
	member_set(m, base, value);
	return 0;
}

static int amount(const struct member *m, const char *text, int exponent, void *base)
{
	int64_t min, max, value;

	member_range(m, &min, &max);
	if (money_parse(text, exponent, &value) != 0 || value < min || value > max)
		return -1;
	member_set(m, base, value);
	return 0;
}

static int flag(const struct member *m, const char *text, void *base)
{
	int value = strcmp(text, "true") == 0;

	member_set(m, base, value);
	return value || strcmp(text, "false") == 0 ? 0 : -1;
}

/* What a value of its type looks like. */
static void noun_of(const struct member *m, int exponent, char out[96])
{
	static const char *const nouns[] = {
		[M_NUMBER] = "a number",
		[M_DAY] = "a date like 2026-01-31",
		[M_INSTANT] = "an instant like 2026-01-31T09:00:00Z",
		[M_UUID] = "an id (a UUID)",
		[M_FLAG] = "true or false",
	};
	char money[MONEY_TEXT];

	const char *noun = m->noun ? m->noun : nouns[m->type];

	if (m->type == M_AMOUNT)
		snprintf(out, 96, "an amount like %s", money_format(123456, exponent, money));
	else if (m->type == M_NUMBER && m->max > 0)
		snprintf(out, 96, "%s from %" PRId64 " to %" PRId64, noun, m->min, m->max);
	else
		snprintf(out, 96, "%s", noun);
}

static int file(const struct member *m, const char *path, void *base, struct err *err)
{
	struct member_file *f = member_at(m, base);
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;

	if (strlen(path) >= sizeof f->path)
		return err_set(err, ERR_FIELD_INVALID, m->name, "The name of a file has at most %d bytes.",
			       PATH_TEXT - 1);
	snprintf(f->path, sizeof f->path, "%s", path);
	snprintf(f->name, sizeof f->name, "%s", check_text(name, sizeof f->name - 1) ? name : "");
	return 0;
}

int member_file_name(const struct member *m, const char *name, void *base, struct err *err)
{
	struct member_file *f = member_at(m, base);

	if (!check_text(name, sizeof f->name - 1))
		return err_set(err, ERR_FIELD_INVALID, m->name,
			       "The name of the file is 1 to %d bytes, without control characters.",
			       FILE_NAME_TEXT - 1);
	snprintf(f->name, sizeof f->name, "%s", name);
	return 0;
}

int member_from_text(const struct member *m, const char *text, int exponent, void *base, struct err *err)
{
	char noun[96];
	int rc = -1;

	switch (m->type) {
	case M_CODE:
	case M_WORD:
	case M_TEXT:
		if (strlen(text) >= m->size)
			return err_set(err, ERR_FIELD_INVALID, m->name, "%s has at most %zu bytes.", m->name,
				       m->size - 1);
		member_set_text(m, base, text);
		return member_check_text(m, text, err);
	case M_CERTIFICATE:
		return member_certificate_typed(m, text, base, err);
	case M_FILE:
		return file(m, text, base, err);
	case M_ONE_OF:
		return member_find_word(m, text, base, err);
	case M_PAIRS:
		return member_pairs_from_text(m, text, base, err);
	case M_SET:
		return words(m, text, base, err);
	case M_NUMBER:
		rc = number(m, text, base);
		break;
	case M_DAY:
		rc = day(m, text, base);
		break;
	case M_INSTANT:
		rc = instant(m, text, base);
		break;
	case M_AMOUNT:
		rc = amount(m, text, exponent, base);
		break;
	case M_UUID:
		rc = uuid_parse(text, member_at(m, base));
		break;
	case M_FLAG:
		rc = flag(m, text, base);
		break;
	case M_STRING:
	case M_SECRET:
	case M_LINES:
	case M_RAW:
	case M_OBJECT:
	case M_INLINE:
	case M_LIST:
	case M_CURRENCY:
	case M_LIVEMODE:
		return err_bug(err, "a member that has no text");
	}
	if (rc == 0)
		return 0;
	noun_of(m, exponent, noun);
	return err_set(err, ERR_FIELD_INVALID, m->name, "'%.60s' is not %s.", text, noun);
}

void member_to_text(const struct member *m, const void *base, int exponent, struct buf *out)
{
	char text[64] = "";

	if (!member_is_there(m, base))
		return;
	switch (m->type) {
	case M_CODE:
	case M_WORD:
	case M_TEXT:
	case M_CERTIFICATE:
	case M_STRING:
	case M_SECRET:
	case M_LINES:
	case M_RAW:
		buf_text_add(out, member_text(m, base));
		break;
	case M_FILE:
		buf_text_add(out, ((const struct member_file *)member_in(m, base))->name);
		break;
	case M_NUMBER:
		buf_int(out, member_value(m, base));
		break;
	case M_AMOUNT:
		buf_text_add(out, money_format(member_value(m, base), exponent, text));
		break;
	case M_DAY:
		buf_text_add(out, day_format((day_t)member_value(m, base), text));
		break;
	case M_INSTANT:
		buf_text_add(out, instant_format(member_value(m, base), text));
		break;
	case M_UUID:
		buf_text_add(out, uuid_format(member_in(m, base), text));
		break;
	case M_FLAG:
		buf_text_add(out, member_value(m, base) ? "true" : "false");
		break;
	case M_ONE_OF:
		buf_text_add(out, m->word((int)member_value(m, base)));
		break;
	case M_PAIRS:
		member_pairs_to_text(m, base, out);
		break;
	case M_SET:
		words_to_text(m, member_value(m, base), out);
		break;
	case M_OBJECT:
	case M_INLINE:
	case M_LIST:
	case M_CURRENCY:
	case M_LIVEMODE:
		break;
	}
}

void members_reveal(const struct member *members, void *base, const char *code)
{
	for (const struct member *m = members; m != NULL && m->name != NULL; m++) {
		if (!member_is_virtual(m) && !member_is_there(m, base))
			continue;
		if (m->type == M_SECRET)
			member_set_text(m, base, code);
		else if (m->type == M_INLINE)
			members_reveal(m->of, member_at(m, base), code);
	}
}

char *member_option(const char *prefix, const struct member *m, char out[OPTION_TEXT])
{
	snprintf(out, OPTION_TEXT, "%s%s%s", prefix ? prefix : "", prefix ? "-" : "",
		 m->option ? m->option : m->name);
	for (char *c = out; *c != '\0'; c++)
		if (*c == '_')
			*c = '-';
	return out;
}

int list_make(struct list *list, struct arena *arena, size_t count, size_t size, struct err *err)
{
	list->at = count > 0 ? arena_alloc(arena, count * size) : NULL;
	list->count = list->at != NULL ? count : 0;
	if (list->count < count)
		return err_set(err, ERR_LIMIT, "limit", "Ask for fewer at a time.");
	return 0;
}
