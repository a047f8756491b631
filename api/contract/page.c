/*
 * The contract as a page.
 */
#include <stdio.h>
#include <string.h>

#include "api/contract/contract.h"
#include "api/contract/example.h"
#include "api/contract/html.h"
#include "api/contract/parts.h"
#include "api/frame/batch.h"
#include "api/frame/member_at.h"

#define PART_MAX  16384
#define NAME_TEXT 192

static const char introduction[] =
	"Every operation of this server, with its members and an example. It is made by the server from the tables that "
	"it serves by; programs read the same as OpenAPI 3.1.\n\n"
	"- `Authorization: Bearer KEY`: a key belongs to a person and carries one role.\n"
	"- Every POST takes an `Idempotency-Key` of your own making. Send the same request again under the same key "
	"after a lost answer: you get the first answer, marked `Idempotent-Replayed: true`.\n"
	"- Amounts are whole numbers in minor units (cents), days are `YYYY-MM-DD`, instants RFC 3339 in UTC.\n"
	"- A member that an operation does not take is refused. In answers, ignore members that you do not know: new "
	"ones may be added.\n"
	"- Lists answer `data`, `has_more` and `next`; send `next` back as `after`.\n"
	"- 202, or `awaiting` in a voucher: a second person confirms by sending the same body.\n"
	"- `finished: false`: send the request again with its `after`, under a new Idempotency-Key.\n";

/* --- members -------------------------------------------------------------------------------- */

static const char *const types[] = {
	[M_CODE] = "code",
	[M_WORD] = "word",
	[M_TEXT] = "text",
	[M_STRING] = "text",
	[M_AMOUNT] = "amount",
	[M_NUMBER] = "number",
	[M_DAY] = "date",
	[M_INSTANT] = "instant",
	[M_UUID] = "UUID",
	[M_FLAG] = "true, false",
	[M_ONE_OF] = "one of",
	[M_SET] = "some of, with commas",
	[M_PAIRS] = "object of texts",
	[M_OBJECT] = "object",
	[M_INLINE] = "object",
	[M_LIST] = "list",
	[M_SECRET] = "code, shown once",
	[M_LINES] = "text",
	[M_RAW] = "object",
	[M_CURRENCY] = "currency code",
	[M_CERTIFICATE] = "certificate",
	[M_FILE] = "file name",
	[M_LIVEMODE] = "true, false",
};

static void add_type(const struct member *m, int taken, struct buf *out)
{
	const char *word, *before = ": ";
	int64_t min, max;

	buf_text_add(out, m->word != NULL && m->type != M_SET ? types[M_ONE_OF] : types[m->type]);
	if (m->word != NULL)
		for (int i = 0; (word = m->word(i)) != NULL; i++)
			if (word[0] != '\0') {
				buf_format(out, "%s<code>%s</code>", before, word);
				before = ", ";
			}
	if (taken && m->type == M_NUMBER && m->max > 0) {
		member_range(m, &min, &max);
		buf_format(out, " from %lld to %lld", (long long)min, (long long)max);
	}
	if (!taken && (m->flags & M_NULL) != 0)
		buf_text_add(out, ", or null");
}

static void add_row(const char *name, const struct member *m, const char *where, int taken, struct buf *out)
{
	buf_format(out, "<tr><td><code>%s</code></td><td>", name);
	add_type(m, taken, out);
	buf_format(out, "</td><td>%s</td><td>", where);
	html_line(m->help != NULL ? m->help : "", out);
	buf_text_add(out, "</td></tr>\n");
}

/* Members of an object stand under its name: "learner_payment.amount"; of a list's items: "plan[].fund". */
static void add_given(const char *prefix, const struct member *members, struct buf *out)
{
	char name[NAME_TEXT];

	for (const struct member *m = members; m != NULL && m->name != NULL; m++) {
		if (m->type == M_INLINE) {
			add_given(prefix, m->of, out);
			continue;
		}
		snprintf(name, sizeof name, "%s%s", prefix, m->name);
		add_row(name, m, (m->flags & M_OMIT) != 0 ? "where there is one" : "", 0, out);
		if (m->type != M_OBJECT && (m->type != M_LIST || m->of[0].name[0] == '\0'))
			continue;
		snprintf(name, sizeof name, "%s%s%s", prefix, m->name, m->type == M_LIST ? "[]." : ".");
		add_given(name, m->of, out);
	}
}

static const char *needed(int is)
{
	return is ? "needed" : "optional";
}

static void add_object(const struct member *object, struct buf *out)
{
	char name[NAME_TEXT];

	for (const struct member *m = object->of; m->name != NULL; m++) {
		snprintf(name, sizeof name, "%s.%s", object->name, m->name);
		add_row(name, m, needed((m->flags & M_NEEDED) != 0), 1, out);
	}
}

static void add_taken(const struct operation *o, struct buf *out)
{
	for (const struct member *m = o->action->takes; m != NULL && m->name != NULL; m++) {
		enum step_takes takes = operation_takes(o, m);
		char where[64];

		if (takes == STEP_LEAVES_OUT || (o->step != NULL && strcmp(m->name, "step") == 0))
			continue;
		snprintf(where, sizeof where, "%s%s",
			 (m->flags & M_PATH) != 0    ? "in the path"
			 : (m->flags & M_QUERY) != 0 ? "behind ?, "
						     : "",
			 (m->flags & M_PATH) != 0 ? "" : needed(takes == STEP_NEEDS && m->type != M_FILE));
		add_row(m->name, m, where, 1, out);
		if (m->type == M_OBJECT)
			add_object(m, out);
	}
}

static void add_table(const char *title, const struct buf *rows, struct buf *out)
{
	if (rows->len == 0)
		return;
	buf_format(out,
		   "<h4>%s</h4>\n<table><thead><tr><th>member</th><th>type</th><th></th><th></th></tr>"
		   "</thead><tbody>\n",
		   title);
	buf_add(out, rows->data, rows->len);
	buf_text_add(out, "</tbody></table>\n");
}

/* --- an operation ----------------------------------------------------------------------------- */

/* As it is pasted into a shell that knows $ILA and $KEY. */
static void add_curl(const struct operation *o, struct buf *out)
{
	int writes = strcmp(o->action->method, "POST") == 0;
	struct buf text;

	buf_init(&text, PART_MAX);
	buf_text_add(&text, "curl \"$ILA");
	example_path(o, &text);
	buf_char(&text, '"');
	if (o->roles != 0)
		buf_text_add(&text, " \\\n  -H \"Authorization: Bearer $KEY\"");
	if (parts_keyed(o))
		buf_text_add(&text, " \\\n  -H \"Idempotency-Key: $(uuidgen)\"");
	if (operation_file(o) != NULL) {
		buf_format(&text, " \\\n  -H \"Content-Type: %s\" \\\n  --data-binary @",
			   o->action->lines != NULL ? BATCH_TYPE : "application/octet-stream");
		example_text(operation_file(o), &text);
	} else if (writes) {
		buf_text_add(&text, " \\\n  -H \"Content-Type: application/json\" \\\n  -d '");
		example_body(o, &text);
		buf_char(&text, '\'');
	}
	buf_text_add(out, "<pre><code>");
	html_text(buf_text(&text), out);
	buf_text_add(out, "</code></pre>\n");
	buf_free(&text);
}

/* Of a batch: what a line holds, an example, and what comes of it. */
static void add_lines(const struct operation *o, struct buf *out)
{
	struct member takes[BATCH_MEMBERS];
	struct buf rows;

	buf_init(&rows, 8 * PART_MAX);
	batch_members(o->action->lines->each, takes);
	for (const struct member *m = takes; m->name != NULL; m++) {
		add_row(m->name, m, needed((m->flags & M_NEEDED) != 0), 1, &rows);
		if (m->type == M_OBJECT)
			add_object(m, &rows);
	}
	add_table("A line takes", &rows, out);
	buf_text_add(out, "<pre><code>");
	html_text(o->action->lines->example, out);
	buf_text_add(
		out,
		"</code></pre>\n<p>Each is answered with a line: <code>line</code>, <code>status</code>, "
		"<code>idempotency_key</code>, <code>replayed</code> where it was done before, and "
		"<code>body</code> or <code>problem</code>, as the single request is answered.</p>\n");
	buf_free(&rows);
}

static void add_operation(const struct operation *o, struct buf *out)
{
	struct buf text, rows;

	buf_init(&text, PART_MAX);
	buf_init(&rows, 8 * PART_MAX);
	buf_format(out, "<details id=\"%s\"><summary><code>%s %s</code> ", o->id, o->action->method, o->path);
	if (o->step != NULL)
		buf_format(out, "step %s of a voucher", o->step);
	else
		html_line(o->action->summary, out);
	buf_text_add(out, "</summary>\n");
	operation_tell(o, &text);
	html_paragraphs(buf_text(&text), out);
	add_curl(o, out);
	if (o->action->lines == NULL)
		add_taken(o, &rows);
	else
		add_lines(o, out);
	add_table("Takes", &rows, out);
	buf_clear(&rows);
	add_given("", o->action->gives, &rows);
	add_table("Answers", &rows, out);
	if (o->action->stream != NULL)
		buf_format(out, "<p>Answers <code>%s</code>.</p>\n", o->action->content_type);
	buf_text_add(out, "<p>Refused, it answers <code>application/problem+json</code>: "
			  "<a href=\"#problems\">what a refusal means</a>.</p>\n</details>\n");
	buf_free(&text);
	buf_free(&rows);
}

/* --- the page ------------------------------------------------------------------------------------ */

static int is_first_of_tag(size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(operation_at(k)->tag, operation_at(i)->tag) == 0)
			return 0;
	return 1;
}

static void add_tags(struct buf *out)
{
	const struct operation *o;

	buf_text_add(out, "<nav>");
	for (size_t i = 0; (o = operation_at(i)) != NULL; i++)
		if (is_first_of_tag(i))
			buf_format(out, "<a href=\"#%s\">%s</a> ", o->tag, o->tag);
	buf_text_add(out, "<a href=\"#problems\">problems</a></nav>\n");
}

static void add_tag(size_t first, struct buf *out)
{
	const char *tag = operation_at(first)->tag;
	const struct operation *o;

	buf_format(out, "<h2 id=\"%s\">%s</h2>\n", tag, tag);
	for (size_t i = first; (o = operation_at(i)) != NULL; i++)
		if (strcmp(o->tag, tag) == 0)
			add_operation(o, out);
}

/* A path alone is one of this machine. */
static void add_address(const char *base, struct buf *out)
{
	buf_text_add(out, "<pre><code>ILA=");
	if (base[0] == '\0' || base[0] == '/')
		buf_text_add(out, "http://127.0.0.1:8080");
	html_text(base, out);
	buf_text_add(out, "\nKEY=ila_...</code></pre>\n");
}

void contract_page(const char *base, struct buf *out)
{
	html_begin("ila: the HTTP API", out);
	html_paragraphs(introduction, out);
	buf_text_add(out, "<p><a href=\"");
	html_text(base, out);
	buf_text_add(out, "/v1/openapi.json\">OpenAPI 3.1</a> <a href=\"");
	html_text(base, out);
	buf_text_add(out, "/problems\">What a refusal means</a></p>\n");
	add_address(base, out);
	add_tags(out);
	for (size_t i = 0; operation_at(i) != NULL; i++)
		if (is_first_of_tag(i))
			add_tag(i, out);
	buf_text_add(out, "<h2 id=\"problems\">What a refusal means</h2>\n");
	problems_table(base, out);
	html_end(out);
}
