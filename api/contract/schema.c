#include "api/contract/schema.h"

#include <string.h>

#include "api/views/event_view.h"
#include "api/views/ticket_view.h"
#include "api/views/voucher_view.h"
#include "api/contract/put.h"
#include "api/frame/member_at.h"
#include "api/frame/words.h"
#include "ledger/base/crypto.h"
#include "ledger/base/limits.h"

/* --- what answers share ---------------------------------------------------------------- */

static const struct {
	const struct member *members;
	const char *name;
} shared[] = {
	{voucher_members, "Voucher"},
	{ticket_members, "Ticket"},
	{move_gives, "Movement"},
	{event_gives, "Event"},
};

const char *schema_shared(const struct member *members)
{
	for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
		if (shared[i].members == members)
			return shared[i].name;
	return NULL;
}

const struct member *schema_shared_at(size_t i, const char **name)
{
	if (i >= sizeof shared / sizeof shared[0])
		return NULL;
	*name = shared[i].name;
	return shared[i].members;
}

static void put_reference(const char *name, struct buf *out)
{
	buf_format(out, "{\"$ref\":\"#/components/schemas/%s\"}", name);
}

static void put_table(const struct member *members, struct buf *out)
{
	const char *name = schema_shared(members);

	if (name != NULL)
		put_reference(name, out);
	else
		schema_answer(members, out);
}

/* --- one value --------------------------------------------------------------------------- */

static void put_type(struct buf *out, const char *type, int or_null)
{
	if (or_null)
		buf_format(out, "\"type\":[\"%s\",\"null\"]", type);
	else
		buf_format(out, "\"type\":\"%s\"", type);
}

static void put_words(const struct member *m, int or_null, struct buf *out)
{
	const char *word;

	put_open(out, "enum", '[');
	for (int i = 0; (word = m->word(i)) != NULL; i++)
		if (word[0] != '\0') {
			put_item(out);
			buf_json(out, word);
		}
	if (or_null)
		buf_text_add(out, ",null");
	put_close(out, ']');
}

/* Several of the words. */
static void put_set(const struct member *m, struct buf *out)
{
	const char *word, *before = "(";

	put_key(out, "pattern");
	buf_text_add(out, "\"^");
	for (int list = 0; list < 2; list++, before = "(,(") {
		for (int i = 0; (word = m->word(i)) != NULL; i++)
			if (word[0] != '\0') {
				buf_format(out, "%s%s", before, word);
				before = "|";
			}
		buf_text_add(out, list ? "))*$\"" : ")");
	}
}

static void put_range(const struct member *m, struct buf *out)
{
	int64_t min, max;

	member_range(m, &min, &max);
	put_number(out, "minimum", min);
	put_number(out, "maximum", max);
	if (m->type == M_NUMBER && m->absent > 0)
		put_number(out, "default", m->absent);
}

/* How long a text is that is taken, and of what signs. */
static void put_form(const struct member *m, struct buf *out)
{
	if (m->type == M_CODE) {
		put_text(out, "pattern", "^[A-Za-z0-9][A-Za-z0-9_.:/-]*$");
		put_number(out, "maxLength", CODE_MAX);
	} else if (m->type == M_WORD) {
		put_text(out, "pattern", "^[a-z0-9_]+$");
		put_number(out, "maxLength", REASON_MAX);
	} else if (m->type == M_CERTIFICATE) {
		put_number(out, "maxLength", CERTIFICATE_MAX);
	} else if (m->type == M_TEXT) {
		put_number(out, "minLength", 1);
		put_number(out, "maxLength", (int64_t)m->size - 1);
	}
}

static const char *format_of(const struct member *m)
{
	return m->type == M_DAY       ? "date"
	       : m->type == M_INSTANT ? "date-time"
	       : m->type == M_UUID    ? "uuid"
				      : NULL;
}

static const char *type_of(const struct member *m)
{
	switch (m->type) {
	case M_AMOUNT:
	case M_NUMBER:
		return "integer";
	case M_FLAG:
	case M_LIVEMODE:
		return "boolean";
	case M_LIST:
		return "array";
	case M_OBJECT:
	case M_INLINE:
	case M_RAW:
	case M_PAIRS:
		return "object";
	default:
		return "string";
	}
}

/* What is said of a value beside its help. */
static const char *note_of(const struct member *m)
{
	return m->type == M_AMOUNT     ? "in minor units of the currency"
	       : m->type == M_CURRENCY ? "ISO 4217 code of the ledger's currency"
	       : m->type == M_LIVEMODE ? "false in a sandbox"
	       : m->type == M_SECRET   ? "a voucher's code, shown this once"
	       : m->type == M_CERTIFICATE
		       ? "in PEM, or its SHA-256 thumbprint in hexadecimal digits or base64url (x5t#S256)"
	       : m->type == M_RAW ? "JSON as it is stored"
				  : NULL;
}

static void put_description(const struct member *m, struct buf *out)
{
	const char *note = note_of(m);

	if (m->help == NULL && note == NULL)
		return;
	put_key(out, "description");
	if (m->help != NULL && note != NULL) {
		struct buf both;

		buf_init(&both, 1024);
		buf_format(&both, "%s; %s", m->help, note);
		buf_json(out, buf_text(&both));
		buf_free(&both);
	} else {
		buf_json(out, m->help != NULL ? m->help : note);
	}
}

/* --- taken ------------------------------------------------------------------------------- */

static void put_object(const struct member *members, struct buf *out)
{
	buf_text_add(out, ",\"additionalProperties\":false,\"properties\":{");
	for (const struct member *m = members; m->name != NULL; m++) {
		put_key(out, m->name);
		schema_taken(m, out);
	}
	buf_text_add(out, "},\"required\":[");
	for (const struct member *m = members; m->name != NULL; m++)
		if ((m->flags & M_NEEDED) != 0) {
			put_item(out);
			buf_json(out, m->name);
		}
	put_close(out, ']');
}

void schema_taken(const struct member *m, struct buf *out)
{
	buf_char(out, '{');
	put_type(out, type_of(m), 0);
	if (format_of(m) != NULL)
		put_text(out, "format", format_of(m));
	if (m->type == M_AMOUNT || m->type == M_NUMBER) {
		put_text(out, "format", "int64");
		put_range(m, out);
	}
	put_form(m, out);
	if (m->type == M_ONE_OF)
		put_words(m, 0, out);
	if (m->type == M_CURRENCY)
		put_text(out, "pattern", "^[A-Z]{3}$");
	if (m->type == M_SET)
		put_set(m, out);
	if (m->type == M_PAIRS)
		buf_format(
			out,
			",\"additionalProperties\":{\"type\":\"string\",\"maxLength\":%d},\"maxProperties\":%d,"
			"\"propertyNames\":{\"pattern\":\"^[a-z0-9_]{1,%d}$\"}",
			METADATA_VALUE_MAX, METADATA_PAIRS_MAX, REASON_MAX);
	put_description(m, out);
	if (m->type == M_OBJECT)
		put_object(m->of, out);
	buf_char(out, '}');
}

/* --- given ------------------------------------------------------------------------------- */

static void put_list(const struct member *m, struct buf *out)
{
	put_key(out, "items");
	if (m->of[0].type == M_STRING && m->of[0].name[0] == '\0')
		buf_text_add(out, "{\"type\":\"string\"}");
	else
		put_table(m->of, out);
}

/* An object that may be null. */
static void put_or_null(const struct member *m, struct buf *out)
{
	put_open(out, "oneOf", '[');
	put_table(m->of, out);
	buf_text_add(out, ",{\"type\":\"null\"}]");
}

void schema_given(const struct member *m, struct buf *out)
{
	int or_null = (m->flags & M_NULL) != 0;

	if (m->type == M_OBJECT && !or_null) {
		put_table(m->of, out);
		return;
	}
	buf_char(out, '{');
	if (m->type == M_OBJECT)
		put_or_null(m, out);
	else
		put_type(out, type_of(m), or_null);
	if (format_of(m) != NULL)
		put_text(out, "format", format_of(m));
	if (m->type == M_AMOUNT || m->type == M_NUMBER)
		put_text(out, "format", "int64");
	if (m->word != NULL)
		put_words(m, or_null, out);
	if (m->type == M_LIST)
		put_list(m, out);
	put_description(m, out);
	buf_char(out, '}');
}

static int all_inline(const struct member *members)
{
	for (const struct member *m = members; m->name != NULL; m++)
		if (m->type != M_INLINE)
			return 0;
	return members->name != NULL;
}

/* One of several views, or the only one. */
static void put_views(const struct member *members, struct buf *out)
{
	if (members[1].name == NULL) {
		put_table(members->of, out);
		return;
	}
	buf_text_add(out, "{\"oneOf\":[");
	for (const struct member *m = members; m->name != NULL; m++) {
		put_item(out);
		put_table(m->of, out);
	}
	buf_text_add(out, "]}");
}

/* Those of a view stand among the others, as far as they are there. */
static void put_properties(const struct member *members, struct buf *out)
{
	for (const struct member *m = members; m->name != NULL; m++) {
		if (m->type == M_INLINE) {
			put_properties(m->of, out);
			continue;
		}
		put_key(out, m->name);
		schema_given(m, out);
	}
}

void schema_answer(const struct member *members, struct buf *out)
{
	if (members == NULL) {
		buf_text_add(out, "{\"type\":\"object\"}");
		return;
	}
	if (all_inline(members)) {
		put_views(members, out);
		return;
	}
	buf_text_add(out, "{\"type\":\"object\",\"properties\":{");
	put_properties(members, out);
	buf_text_add(out, "},\"required\":[");
	for (const struct member *m = members; m->name != NULL; m++)
		if (m->type != M_INLINE && (m->flags & M_OMIT) == 0) {
			put_item(out);
			buf_json(out, m->name);
		}
	buf_text_add(out, "]}");
}
