/*
 * Every operation: parameters, body, answers.
 */
#include <ctype.h>
#include <string.h>

#include "api/contract/example.h"
#include "api/contract/parts.h"
#include "api/contract/put.h"
#include "api/contract/schema.h"

#define TELL_MAX 16384

int parts_answers(const struct operation *o)
{
	return o->action->stream == NULL;
}

int parts_keyed(const struct operation *o)
{
	return strcmp(o->action->method, "POST") == 0 && o->action->lines == NULL;
}

void parts_schema(const struct operation *o, const char *suffix, struct buf *out)
{
	buf_char(out, (char)toupper((unsigned char)o->id[0]));
	buf_format(out, "%s%s", o->id + 1, suffix);
}

static void put_reference(const struct operation *o, const char *suffix, struct buf *out)
{
	buf_text_add(out, "{\"$ref\":\"#/components/schemas/");
	parts_schema(o, suffix, out);
	buf_text_add(out, "\"}");
}

/* --- parameters ---------------------------------------------------------------------------- */

static void put_parameter(const struct member *m, struct buf *out)
{
	int in_path = (m->flags & M_PATH) != 0;

	put_item(out);
	buf_char(out, '{');
	put_text(out, "name", m->name);
	put_text(out, "in", in_path ? "path" : "query");
	put_raw(out, "required", in_path ? "true" : "false");
	if (m->help != NULL)
		put_text(out, "description", m->help);
	put_key(out, "schema");
	if (m->type == M_FILE)
		buf_text_add(out, "{\"type\":\"string\",\"maxLength\":127}");
	else
		schema_taken(m, out);
	if (in_path || m->example != NULL) {
		put_key(out, "example");
		if (m->type == M_FILE)
			buf_json(out, m->example);
		else
			example_value(m, out);
	}
	buf_char(out, '}');
}

static void put_parameters(const struct operation *o, struct buf *out)
{
	put_open(out, "parameters", '[');
	for (const struct member *m = o->action->takes; m != NULL && m->name != NULL; m++) {
		if ((m->flags & (M_PATH | M_QUERY)) == 0 || (o->step != NULL && strcmp(m->name, "step") == 0))
			continue;
		put_parameter(m, out);
	}
	if (parts_keyed(o)) {
		put_item(out);
		buf_text_add(out, "{\"$ref\":\"#/components/parameters/IdempotencyKey\"}");
	}
	put_close(out, ']');
}

/* --- body -------------------------------------------------------------------------------------- */

static int needs_body(const struct operation *o)
{
	for (const struct member *m = o->action->takes; m != NULL && m->name != NULL; m++)
		if (operation_in_body(m) && operation_takes(o, m) == STEP_NEEDS)
			return 1;
	return 0;
}

/* NDJSON is a text, of whose lines a schema tells (JSON Schema 2020-12, contentSchema). */
static void put_lines(const struct operation *o, const char *suffix, const char *example, struct buf *out)
{
	put_open(out, o->action->content_type, '{');
	put_open(out, "schema", '{');
	put_text(out, "type", "string");
	put_text(out, "description", "A JSON object a line, each as contentSchema says.");
	put_text(out, "contentMediaType", o->action->content_type);
	put_key(out, "contentSchema");
	put_reference(o, suffix, out);
	put_close(out, '}');
	if (example != NULL)
		put_text(out, "example", example);
	put_close(out, '}');
}

static void put_body(const struct operation *o, struct buf *out)
{
	put_open(out, "requestBody", '{');
	if (o->action->lines != NULL) {
		put_raw(out, "required", "true");
		put_text(out, "description", "NDJSON: 1 to 1,000 lines of at most 4,096 bytes.");
		put_open(out, "content", '{');
		put_lines(o, "Line", o->action->lines->example, out);
		put_close(out, '}');
	} else if (operation_file(o) != NULL) {
		put_raw(out, "required", "true");
		put_text(out, "description", "The file as it is.");
		put_raw(out, "content",
			"{\"application/octet-stream\":{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}}");
	} else {
		put_raw(out, "required", needs_body(o) ? "true" : "false");
		put_open(out, "content", '{');
		put_open(out, "application/json", '{');
		put_key(out, "schema");
		put_reference(o, "Request", out);
		put_key(out, "example");
		example_body(o, out);
		buf_text_add(out, "}}");
	}
	buf_char(out, '}');
}

/* --- answers ----------------------------------------------------------------------------------- */

/* The type without what stands behind it. */
static void put_type(const char *type, struct buf *out)
{
	char bare[64];
	size_t n = strcspn(type, ";");

	n = n < sizeof bare ? n : sizeof bare - 1;
	memcpy(bare, type, n);
	bare[n] = '\0';
	put_open(out, bare, '{');
}

static void put_content(const struct operation *o, struct buf *out)
{
	put_open(out, "content", '{');
	if (o->action->lines != NULL) {
		put_lines(o, "Result", NULL, out);
		put_close(out, '}');
		return;
	}
	put_type(parts_answers(o) ? "application/json" : o->action->content_type, out);
	put_key(out, "schema");
	if (!parts_answers(o))
		buf_text_add(out, strncmp(o->action->content_type, "application/json", 16) == 0
					  ? "{\"type\":\"object\"}"
					  : "{\"type\":\"string\"}");
	else
		put_reference(o, "Answer", out);
	buf_text_add(out, "}}");
}

static void put_header(const char *name, const char *component, struct buf *out)
{
	put_open(out, name, '{');
	buf_format(out, "\"$ref\":\"#/components/headers/%s\"}", component);
}

static void put_answer(const struct operation *o, const char *status, const char *is, struct buf *out)
{
	put_open(out, status, '{');
	put_text(out, "description", is);
	put_open(out, "headers", '{');
	put_header("Request-Id", "RequestId", out);
	if (strcmp(o->action->method, "POST") == 0) {
		put_header("ILA-Head", "Head", out);
		if (parts_keyed(o))
			put_header("Idempotent-Replayed", "Replayed", out);
	}
	put_close(out, '}');
	put_content(o, out);
	put_close(out, '}');
}

static void put_answers(const struct operation *o, struct buf *out)
{
	int writes = strcmp(o->action->method, "POST") == 0;

	put_open(out, "responses", '{');
	put_answer(o, "200",
		   o->action->lines != NULL ? "A result for each line, in their order."
		   : writes                 ? "Done, or done before."
					    : "What was asked for.",
		   out);
	if (parts_keyed(o) && o->step == NULL) {
		put_answer(o, "201", "Done: something new came of it.", out);
		put_answer(o, "202", "Taken: it waits for a second person, or for its draw.", out);
	}
	if ((o->action->flags & ACTION_OF_SERVER) != 0 && parts_answers(o))
		put_answer(o, "503", "It cannot be used.", out);
	put_raw(out, "4XX", "{\"$ref\":\"#/components/responses/Problem\"}");
	put_raw(out, "5XX", "{\"$ref\":\"#/components/responses/Problem\"}");
	put_close(out, '}');
}

/* --- operations -------------------------------------------------------------------------------- */

static void put_roles(const struct operation *o, struct buf *out)
{
	if (o->roles == 0)
		put_raw(out, "security", "[]");
	put_open(out, "x-roles", '[');
	for (int role = ROLE_NONE + 1; role < ROLE__MAX; role++)
		if ((o->roles & ROLE_BIT(role)) != 0) {
			put_item(out);
			buf_json(out, role_name((enum role)role));
		}
	put_close(out, ']');
}

/* Its first clause. */
static void put_summary(const struct operation *o, struct buf *out)
{
	struct buf text;
	const char *whole = o->action->summary;

	buf_init(&text, TELL_MAX);
	if (o->step != NULL)
		buf_format(&text, "Step %s of a voucher", o->step);
	else
		buf_format(&text, "%c%.*s", toupper((unsigned char)whole[0]), (int)strcspn(whole + 1, ";:"),
			   whole + 1);
	put_text(out, "summary", buf_text(&text));
	buf_free(&text);
}

static void put_operation(const struct operation *o, struct buf *out)
{
	int writes = strcmp(o->action->method, "POST") == 0;
	struct buf text;

	buf_init(&text, TELL_MAX);
	operation_tell(o, &text);
	put_open(out, writes ? "post" : "get", '{');
	put_text(out, "operationId", o->id);
	put_open(out, "tags", '[');
	buf_json(out, o->tag);
	put_close(out, ']');
	put_summary(o, out);
	put_text(out, "description", buf_text(&text));
	put_roles(o, out);
	put_parameters(o, out);
	if (writes)
		put_body(o, out);
	put_answers(o, out);
	put_close(out, '}');
	buf_free(&text);
}

/* All that are found at the path of the i-th, unless an earlier one has it. */
static void put_path(size_t i, struct buf *out)
{
	const struct operation *first = operation_at(i), *o;

	for (size_t k = 0; k < i; k++)
		if (strcmp(operation_at(k)->path, first->path) == 0)
			return;
	put_open(out, first->path, '{');
	for (size_t k = i; (o = operation_at(k)) != NULL; k++)
		if (strcmp(o->path, first->path) == 0)
			put_operation(o, out);
	put_close(out, '}');
}

void parts_paths(struct buf *out)
{
	put_open(out, "paths", '{');
	for (size_t i = 0; operation_at(i) != NULL; i++)
		put_path(i, out);
	put_close(out, '}');
}
