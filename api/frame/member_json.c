/*
 * Members as JSON, both ways.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "api/frame/member_at.h"

/* --- a request's body into a struct ------------------------------------------- */

static int take_word(const struct member *m, const struct json_node *body, const char *path, void *base,
		     struct err *err)
{
	const char *text;

	if (json_text(body, path, m->name, 256, &text, err) != 0)
		return -1;
	return member_find_word(m, text, base, err);
}

static int take_text(const struct member *m, const struct json_node *body, const char *path, void *base,
		     struct err *err)
{
	size_t most = m->type == M_TEXT ? m->size - 1 : 256;
	const char *text;

	if (json_text(body, path, m->name, most, &text, err) != 0 || member_check_text(m, text, err) != 0)
		return -1;
	member_set_text(m, base, text);
	return 0;
}

static int take_number(const struct member *m, const struct json_node *body, const char *path, void *base,
		       struct err *err)
{
	int64_t min, max, value;
	char at[160];

	member_range(m, &min, &max);
	if (m->type == M_AMOUNT && json_has(body, m->name) && !json_is_whole(body, m->name)) {
		snprintf(at, sizeof at, "%s%s%s", path, path[0] != '\0' ? "." : "", m->name);
		return err_set(err, ERR_FIELD_INVALID, at,
			       "The field %s must be a whole number of cents, such as 69000 for 690.00.", at);
	}
	if (json_int(body, path, m->name, min, max, &value, err) != 0)
		return -1;
	member_set(m, base, value);
	return 0;
}

static int take_instant(const struct member *m, const struct json_node *body, const char *path, void *base,
			struct err *err)
{
	const char *text;

	if (json_text(body, path, m->name, INSTANT_TEXT + 8, &text, err) != 0)
		return -1;
	return member_from_text(m, text, 0, base, err);
}

static int take_currency(const struct member *m, const struct json_node *body, const char *path,
			 const struct ledger_settings *settings, struct err *err)
{
	const char *text;

	if (json_text(body, path, m->name, CODE_MAX, &text, err) != 0)
		return -1;
	if (strcmp(text, settings->currency) == 0)
		return 0;
	return err_set(err, ERR_FIELD_INVALID, m->name, "This ledger is kept in %s.", settings->currency);
}

static int take_members(const struct member *, const struct json_node *, const char *path,
			const struct ledger_settings *, void *base, struct err *);

static int take_object(const struct member *m, const struct json_node *body,
		       const struct ledger_settings *settings, void *base, struct err *err)
{
	const struct json_node *object;
	int known = 1;

	if (json_get_object(body, "", m->name, &object, err) != 0)
		return -1;
	memcpy(member_at(m, base), &known, sizeof known);
	return take_members(m->of, object, m->name, settings, member_at(m, base), err);
}

static int take(const struct member *m, const struct json_node *body, const char *path,
		const struct ledger_settings *settings, void *base, struct err *err)
{
	int flag;

	switch (m->type) {
	case M_CODE:
	case M_WORD:
	case M_TEXT:
		return take_text(m, body, path, base, err);
	case M_ONE_OF:
		return take_word(m, body, path, base, err);
	case M_AMOUNT:
	case M_NUMBER:
		return take_number(m, body, path, base, err);
	case M_DAY:
		return json_day(body, path, m->name, member_at(m, base), err);
	case M_UUID:
		return json_uuid(body, path, m->name, member_at(m, base), err);
	case M_INSTANT:
		return take_instant(m, body, path, base, err);
	case M_CURRENCY:
		return take_currency(m, body, path, settings, err);
	case M_OBJECT:
		return take_object(m, body, settings, base, err);
	case M_PAIRS:
		return member_pairs_from_body(m, body, path, base, err);
	case M_CERTIFICATE:
		return member_certificate_from_body(m, body, path, base, err);
	case M_FLAG:
		if (json_bool(body, path, m->name, &flag, err) != 0)
			return -1;
		member_set(m, base, flag);
		return 0;
	case M_STRING:
	case M_SECRET:
	case M_LINES:
	case M_RAW:
	case M_INLINE:
	case M_LIST:
	case M_LIVEMODE:
	case M_FILE:
	case M_SET:
		break;
	}
	return err_bug(err, "a member that no body holds");
}

static int in_body(const struct member *m)
{
	return (m->flags & (M_PATH | M_QUERY)) == 0 && m->type != M_FILE;
}

/* Names all that are missing, not only the first. */
static int check_needed(const struct member *members, const struct json_node *body, const char *path,
			struct err *err)
{
	char at[160], missing[400] = "";
	const char *first = NULL;
	size_t n = 0, count = 0;

	for (const struct member *m = members; m->name != NULL; m++) {
		if (!in_body(m) || (m->flags & M_NEEDED) == 0 || json_has(body, m->name))
			continue;
		first = first != NULL ? first : m->name;
		if (n < sizeof missing)
			n += (size_t)snprintf(missing + n, sizeof missing - n, "%s%s", count > 0 ? ", " : "",
					      m->name);
		count++;
	}
	if (count < 2)
		return 0; /* one alone is named where it is read */
	snprintf(at, sizeof at, "%s%s%s", path, path[0] != '\0' ? "." : "", first);
	return err_set(err, ERR_FIELD_MISSING, at, "The fields %s are missing.", missing);
}

static int take_members(const struct member *members, const struct json_node *body, const char *path,
			const struct ledger_settings *settings, void *base, struct err *err)
{
	const char *names[MEMBERS_MAX + 1] = {NULL};
	size_t n = 0;

	for (const struct member *m = members; m->name != NULL; m++)
		if (in_body(m))
			names[n++] = m->name;
	if (json_only(body, path, names, err) != 0 || check_needed(members, body, path, err) != 0)
		return -1;
	for (const struct member *m = members; m->name != NULL; m++) {
		if (!in_body(m) || ((m->flags & M_NEEDED) == 0 && !json_has(body, m->name)))
			continue;
		if (take(m, body, path, settings, base, err) != 0)
			return -1;
	}
	return 0;
}

int members_from_body(const struct member *members, const struct json_node *body,
		      const struct ledger_settings *settings, void *base, struct err *err)
{
	return take_members(members, body, "", settings, base, err);
}

/* --- a struct into JSON ---------------------------------------------------------- */

/* What stands in quotes without being a text. */
static void give_text(const struct member *m, const void *base, struct buf *out)
{
	char text[64] = "";
	const char *word = text;

	switch (m->type) {
	case M_DAY:
		day_format((day_t)member_value(m, base), text);
		break;
	case M_INSTANT:
		instant_format(member_value(m, base), text);
		break;
	case M_UUID:
		uuid_format(member_in(m, base), text);
		break;
	default:
		word = m->word((int)member_value(m, base));
		break;
	}
	buf_char(out, '"');
	buf_text_add(out, word);
	buf_char(out, '"');
}

static int is_bare(const struct member *list)
{
	return list->of[0].type == M_STRING && list->of[0].name[0] == '\0';
}

static void give_list(const struct member *m, const void *base, const struct ledger_settings *settings,
		      struct buf *out)
{
	struct list list;

	memcpy(&list, member_in(m, base), sizeof list);
	buf_char(out, '[');
	for (size_t i = 0; i < list.count; i++) {
		const char *item = (const char *)list.at + i * m->item;

		if (i > 0)
			buf_char(out, ',');
		if (is_bare(m))
			buf_json(out, member_text(m->of, item));
		else
			members_to_json(m->of, item, settings, out);
	}
	buf_char(out, ']');
}

static void give(const struct member *m, const void *base, const struct ledger_settings *settings,
		 struct buf *out)
{
	switch (m->type) {
	case M_CODE:
	case M_WORD:
	case M_TEXT:
	case M_CERTIFICATE:
	case M_FILE:
	case M_STRING:
	case M_LINES:
	case M_SECRET:
		buf_json(out, member_text(m, base));
		break;
	case M_RAW:
		buf_text_add(out, member_text(m, base));
		break;
	case M_PAIRS:
		member_pairs_to_json(m, base, out);
		break;
	case M_AMOUNT:
	case M_NUMBER:
		buf_int(out, member_value(m, base));
		break;
	case M_DAY:
	case M_INSTANT:
	case M_UUID:
	case M_ONE_OF:
		give_text(m, base, out);
		break;
	case M_FLAG:
		buf_text_add(out, member_value(m, base) ? "true" : "false");
		break;
	case M_OBJECT:
	case M_INLINE:
		assert(member_is_there(m, base)); /* or it is null */
		members_to_json(m->of, member_in(m, base), settings, out);
		break;
	case M_LIST:
		give_list(m, base, settings, out);
		break;
	case M_CURRENCY:
		buf_json(out, settings->currency);
		break;
	case M_LIVEMODE:
		buf_text_add(out, settings->sandbox ? "false" : "true");
		break;
	case M_SET:
		break; /* taken only */
	}
}

typedef int written_fn(const struct member *, const void *base);

static const char *write_each(const struct member *members, const void *base, written_fn *is_written,
			      const char *before, const struct ledger_settings *settings, struct buf *out)
{
	for (const struct member *m = members; m->name != NULL; m++) {
		if (m->type == M_INLINE) {
			if (member_is_there(m, base))
				before = write_each(m->of, member_in(m, base), is_written, before, settings,
						    out);
			continue;
		}
		if (!is_written(m, base))
			continue;
		/* A name needs no escape. */
		buf_text_add(out, before);
		buf_char(out, '"');
		buf_text_add(out, m->name);
		buf_add(out, "\":", 2);
		if ((m->flags & M_NULL) != 0 && !member_is_there(m, base))
			buf_text_add(out, "null");
		else
			give(m, base, settings, out);
		before = ",";
	}
	return before;
}

static void write_members(const struct member *members, const void *base, written_fn *is_written,
			  const struct ledger_settings *settings, struct buf *out)
{
	const char *before = write_each(members, base, is_written, "{", settings, out);

	buf_text_add(out, *before == '{' ? "{}" : "}");
}

static int in_answer(const struct member *m, const void *base)
{
	return (m->flags & M_OMIT) == 0 || member_is_there(m, base);
}

void members_to_json(const struct member *members, const void *base, const struct ledger_settings *settings,
		     struct buf *out)
{
	write_members(members, base, in_answer, settings, out);
}

/* An absent member is not sent; a member that must be there is sent when it is false, too. */
static int is_sent(const struct member *m, const void *base)
{
	return in_body(m) && !member_is_virtual(m) &&
	       (member_is_there(m, base) || (m->flags & M_NEEDED) != 0);
}

void members_to_body(const struct member *members, const void *base, const struct ledger_settings *settings,
		     struct buf *out)
{
	if (members == NULL)
		buf_text_add(out, "{}");
	else
		write_members(members, base, is_sent, settings, out);
}

/* --- an answer's JSON into its struct ----------------------------------------------- */

static int read_string(const struct member *m, const char *text, struct arena *arena, void *base,
		       struct err *err)
{
	const char *copy = arena_copy(arena, text, strlen(text));

	if (copy == NULL)
		return err_set(err, ERR_LIMIT, NULL, "The server's answer is too long.");
	memcpy(member_at(m, base), &copy, sizeof copy);
	return 0;
}

static int read_text(const struct member *m, const struct json_node *node, struct arena *arena, void *base,
		     struct err *err)
{
	const char *text;

	if (json_text(node, "", m->name, 65536, &text, err) != 0)
		return -1;
	switch (m->type) {
	case M_STRING:
		return read_string(m, text, arena, base, err);
	case M_CODE:
	case M_WORD:
	case M_TEXT:
	case M_CERTIFICATE:
	case M_FILE:
	case M_SECRET:
		member_set_text(m, base, text);
		return 0;
	default:
		return member_from_text(m, text, 0, base, err);
	}
}

static int read_list(const struct member *m, const struct json_node *node, struct arena *arena, void *base,
		     struct err *err)
{
	const struct json_node *array;
	struct list list = {0};

	if (json_get_array(node, "", m->name, 65536, &array, err) != 0 ||
	    list_make(&list, arena, json_count(array), m->item, err) != 0)
		return -1;
	for (size_t i = 0; i < list.count; i++) {
		char *item = (char *)list.at + i * m->item;
		const struct json_node *object;
		const char *text;

		if (is_bare(m)) {
			if (json_text_at(array, m->name, i, 65536, &text, err) != 0 ||
			    read_string(m->of, text, arena, item, err) != 0)
				return -1;
		} else if (json_object_at(array, m->name, i, &object, err) != 0 ||
			   members_from_json(m->of, object, arena, item, err) != 0) {
			return -1;
		}
	}
	memcpy(member_at(m, base), &list, sizeof list);
	return 0;
}

static int read_object(const struct member *m, const struct json_node *node, struct arena *arena, void *base,
		       struct err *err)
{
	const struct json_node *object;
	int known = 1;

	if (json_get_object(node, "", m->name, &object, err) != 0 ||
	    members_from_json(m->of, object, arena, member_at(m, base), err) != 0)
		return -1;
	memcpy(member_at(m, base), &known, sizeof known);
	return 0;
}

static int read_raw(const struct member *m, const struct json_node *node, struct arena *arena, void *base,
		    struct err *err)
{
	const struct json_node *object;
	struct buf text;
	int rc;

	if (json_get_object(node, "", m->name, &object, err) != 0)
		return -1;
	buf_init(&text, 1 << 20);
	json_write(object, &text);
	rc = read_string(m, buf_text(&text), arena, base, err);
	buf_free(&text);
	return rc;
}

static int read_member(const struct member *m, const struct json_node *node, struct arena *arena, void *base,
		       struct err *err)
{
	const char *text;
	int64_t value;
	int flag;

	switch (m->type) {
	case M_AMOUNT:
	case M_NUMBER:
		if (json_int(node, "", m->name, INT64_MIN, INT64_MAX, &value, err) != 0)
			return -1;
		member_set(m, base, value);
		return 0;
	case M_FLAG:
		if (json_bool(node, "", m->name, &flag, err) != 0)
			return -1;
		member_set(m, base, flag);
		return 0;
	case M_OBJECT:
		return read_object(m, node, arena, base, err);
	case M_LIST:
		return read_list(m, node, arena, base, err);
	case M_LINES:
		return json_lines(node, "", m->name, 1 << 20, &text, err) == 0
			       ? read_string(m, text, arena, base, err)
			       : -1;
	case M_RAW:
		return read_raw(m, node, arena, base, err);
	case M_CURRENCY:
	case M_LIVEMODE:
	case M_INLINE:
		return 0;
	default:
		return read_text(m, node, arena, base, err);
	}
}

static int read_inline(const struct member *m, const struct json_node *node, struct arena *arena, void *base,
		       struct err *err)
{
	int known = 1;

	if (members_from_json(m->of, node, arena, member_at(m, base), err) != 0)
		return -1;
	memcpy(member_at(m, base), &known, sizeof known);
	return 0;
}

int members_from_json(const struct member *members, const struct json_node *node, struct arena *arena,
		      void *base, struct err *err)
{
	members_clear(members, base);
	for (const struct member *m = members; m->name != NULL; m++) {
		if (m->type == M_INLINE) {
			if (json_has(node, m->of[0].name) && read_inline(m, node, arena, base, err) != 0)
				return -1;
			continue;
		}
		if (!json_has(node, m->name)) {
			if ((m->flags & M_NULL) != 0 && (m->type == M_NUMBER || m->type == M_AMOUNT))
				member_set(m, base, -1);
			continue;
		}
		if (read_member(m, node, arena, base, err) != 0)
			return -1;
	}
	return 0;
}
