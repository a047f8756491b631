/*
 * What operations share: problems, headers, the key; and their schemas by name.
 */
#include <stdio.h>
#include <string.h>

#include "api/contract/parts.h"
#include "api/contract/put.h"
#include "api/contract/schema.h"
#include "api/frame/batch.h"
#include "ledger/base/err.h"

/* --- problems ------------------------------------------------------------------------------ */

static const char problem_head[] =
	"{\"type\":\"object\",\"description\":\"A refusal or a failure (RFC 9457).\",\"required\":[\"type\",\"title\","
	"\"status\",\"detail\",\"cure\",\"code\",\"retryable\"],\"properties\":{"
	"\"type\":{\"type\":\"string\",\"format\":\"uri-reference\",\"description\":\"the page about its code\"},"
	"\"title\":{\"type\":\"string\",\"description\":\"always the same for a code\"},"
	"\"status\":{\"type\":\"integer\"},"
	"\"detail\":{\"type\":\"string\",\"description\":\"what happened, with the figures, and what to do\"},"
	"\"effect\":{\"type\":\"string\",\"enum\":[\"nothing\",\"partly\",\"unknown\"],\"description\":\"of a POST: "
	"what the refused request has changed\"},"
	"\"cure\":{\"type\":\"string\",\"description\":\"what to do, in general\"},"
	"\"instance\":{\"type\":\"string\",\"format\":\"uri\",\"description\":\"the request that was refused: its "
	"Request-Id\"},"
	"\"errors\":{\"type\":\"array\",\"description\":\"the member at fault, or the lines of a file\",\"items\":{"
	"\"type\":\"object\",\"properties\":{"
	"\"pointer\":{\"type\":\"string\",\"description\":\"JSON pointer as a fragment\"},"
	"\"line\":{\"type\":\"integer\"},\"column\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"}}}},"
	"\"missing\":{\"type\":\"integer\",\"format\":\"int64\",\"description\":\"minor units short\"},"
	"\"next_due\":{\"type\":\"string\",\"format\":\"date\",\"description\":\"when more money is due\"},"
	"\"retryable\":{\"type\":\"boolean\",\"description\":\"the same request may succeed later\"},"
	"\"code\":{\"type\":\"string\",\"description\":\"stable; /problems lists what each means\",\"enum\":[";

static void put_problem(struct buf *out)
{
	put_key(out, "Problem");
	buf_text_add(out, problem_head);
	for (int code = ERR_NONE + 1; code < ERR__MAX; code++) {
		put_item(out);
		buf_json(out, err_name((enum err_code)code));
	}
	buf_text_add(out, "]}}}");
}

/* --- schemas ------------------------------------------------------------------------------- */

static void put_request(const struct operation *o, struct buf *out)
{
	struct buf name;

	buf_init(&name, 256);
	parts_schema(o, "Request", &name);
	put_open(out, buf_text(&name), '{');
	buf_free(&name);
	buf_text_add(out, "\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
	for (const struct member *m = o->action->takes; m != NULL && m->name != NULL; m++)
		if (operation_in_body(m) && operation_takes(o, m) != STEP_LEAVES_OUT) {
			put_key(out, m->name);
			schema_taken(m, out);
		}
	buf_text_add(out, "},\"required\":[");
	for (const struct member *m = o->action->takes; m != NULL && m->name != NULL; m++)
		if (operation_in_body(m) && operation_takes(o, m) == STEP_NEEDS) {
			put_item(out);
			buf_json(out, m->name);
		}
	buf_text_add(out, "]}");
}

static void put_answer(const struct operation *o, struct buf *out)
{
	struct buf name;

	buf_init(&name, 256);
	parts_schema(o, "Answer", &name);
	put_key(out, buf_text(&name));
	schema_answer(o->action->gives, out);
	buf_free(&name);
}

static void begin_schema(const struct operation *o, const char *suffix, struct buf *out)
{
	struct buf name;

	buf_init(&name, 256);
	parts_schema(o, suffix, &name);
	put_open(out, buf_text(&name), '{');
	buf_free(&name);
}

static void put_line(const struct operation *o, struct buf *out)
{
	struct member takes[BATCH_MEMBERS];

	batch_members(o->action->lines->each, takes);
	begin_schema(o, "Line", out);
	buf_text_add(out, "\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
	for (const struct member *m = takes; m->name != NULL; m++) {
		put_key(out, m->name);
		schema_taken(m, out);
	}
	buf_text_add(out, "},\"required\":[");
	for (const struct member *m = takes; m->name != NULL; m++)
		if ((m->flags & M_NEEDED) != 0) {
			put_item(out);
			buf_json(out, m->name);
		}
	buf_text_add(out, "]}");
}

static void put_result(const struct operation *o, struct buf *out)
{
	begin_schema(o, "Result", out);
	buf_text_add(
		out,
		"\"type\":\"object\",\"required\":[\"line\",\"status\"],\"properties\":{"
		"\"line\":{\"type\":\"integer\",\"minimum\":1,\"description\":\"of the request\"},"
		"\"status\":{\"type\":\"integer\",\"description\":\"that the line as a single request is answered "
		"with\"},"
		"\"idempotency_key\":{\"type\":\"string\",\"description\":\"of the line; absent where none could be "
		"read\"},"
		"\"replayed\":{\"type\":\"boolean\",\"description\":\"true: the answer to an earlier request under that "
		"key\"},"
		"\"problem\":{\"$ref\":\"#/components/schemas/Problem\"},"
		"\"body\":");
	schema_answer(o->action->lines->each->gives, out);
	buf_text_add(out, "}}");
}

static void put_schemas(struct buf *out)
{
	const struct member *members;
	const char *name;
	const struct operation *o;

	put_open(out, "schemas", '{');
	put_problem(out);
	for (size_t i = 0; (members = schema_shared_at(i, &name)) != NULL; i++) {
		put_key(out, name);
		schema_answer(members, out);
	}
	for (size_t i = 0; (o = operation_at(i)) != NULL; i++) {
		if (operation_has_body(o))
			put_request(o, out);
		if (parts_answers(o))
			put_answer(o, out);
		if (o->action->lines != NULL) {
			put_line(o, out);
			put_result(o, out);
		}
	}
	put_close(out, '}');
}

/* --- the rest ------------------------------------------------------------------------------ */

static const char others[] =
	"\"securitySchemes\":{\"key\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"An API key, as ila key "
	"create shows it once.\"},\"token\":{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":\"JWT\","
	"\"description\":\"An access token (RFC 9068) of an issuer that the operator has named, for a client that has a "
	"key: OAuth 2.0 client credentials. The issuer's own documents say where to get one.\"},"
	"\"certificate\":{\"type\":\"mutualTLS\",\"description\":\"Where the key is pinned to "
	"client certificates: one of them, self-signed or not.\"}},"
	"\"parameters\":{\"IdempotencyKey\":{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"required\":true,"
	"\"description\":\"Of your own making, new for each new request, bare or in quotes: 1 to 255 of A-Z a-z 0-9 _ "
	": . -\",\"schema\":{\"type\":\"string\",\"pattern\":\"^\\\"?[A-Za-z0-9_:.-]{1,255}\\\"?$\"},"
	"\"example\":\"8e03978e-40d5-43e8-bc93-6894a57f9324\"}},"
	"\"headers\":{"
	"\"RequestId\":{\"description\":\"The client's own name for the request, else one that was made. Quote it when "
	"something is wrong.\",\"schema\":{\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9_:.-]{1,64}$\"}},"
	"\"Head\":{\"description\":\"The journal's head after the write, as ila verify --head takes it: SEQ:HASH.\","
	"\"schema\":{\"type\":\"string\"}},"
	"\"Replayed\":{\"description\":\"true: the answer to an earlier request under the same "
	"Idempotency-Key.\",\"schema\":{\"type\":\"string\",\"enum\":[\"true\"]}},"
	"\"RetryAfter\":{\"description\":\"Seconds after which to try again; with 503.\",\"schema\":{\"type\":"
	"\"integer\"}}},"
	"\"responses\":{\"Problem\":{\"description\":\"Refused, or failed: see its code.\",\"headers\":{\"Request-Id\":{"
	"\"$ref\":\"#/components/headers/RequestId\"},\"Retry-After\":{\"$ref\":\"#/components/headers/RetryAfter\"}},"
	"\"content\":{\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}}";

void parts_components(struct buf *out)
{
	put_open(out, "components", '{');
	buf_text_add(out, others);
	put_schemas(out);
	put_close(out, '}');
}
