/*
 * The contract of the API, and what its refusals mean, as the server tells them.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/contract/contract.h"
#include "api/contract/kept.h"

struct asked {
	char code[REASON_MAX + 1];
};

static const struct member takes_code[] = {
	{"code", M_TEXT, IN(struct asked, code), .flags = M_NEEDED | M_PATH | M_POSITION,
	 .help = "as it stands in a refusal; in its type '-' for '_'", .example = "insufficient-entitlement"},
	MEMBERS_END,
};

/* Whole, then written. */
static int write_page(struct action_call *c, contract_make *make, const struct sink *sink, struct err *err)
{
	struct buf page;
	int rc;

	buf_init(&page, CONTRACT_MAX);
	contract_kept(make, c->base, &page);
	rc = buf_ok(&page) ? sink->write(sink->to, buf_text(&page), page.len, err)
			   : err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	buf_free(&page);
	return rc;
}

static int write_openapi(struct action_call *c, const struct sink *sink, struct err *err)
{
	return write_page(c, contract_openapi, sink, err);
}

static int write_docs(struct action_call *c, const struct sink *sink, struct err *err)
{
	return write_page(c, contract_page, sink, err);
}

static int write_problems(struct action_call *c, const struct sink *sink, struct err *err)
{
	return write_page(c, contract_problems, sink, err);
}

static int write_problem(struct action_call *c, const struct sink *sink, struct err *err)
{
	const struct asked *in = c->args;
	enum err_code code = contract_problem_find(in->code);
	struct buf page;
	int rc;

	if (code == ERR__MAX)
		return err_set(err, ERR_NOT_FOUND, NULL, "No refusal has the code %s. /problems lists them.",
			       in->code);
	buf_init(&page, CONTRACT_MAX);
	contract_problem(c->base, code, &page);
	rc = sink->write(sink->to, buf_text(&page), page.len, err);
	buf_free(&page);
	return rc;
}

#define HTML "text/html; charset=utf-8"

static const struct action openapi = {
	.name = "openapi",
	.method = "GET",
	.path = "/v1/openapi.json",
	.flags = ACTION_OF_PROGRAM,
	.stream = write_openapi,
	.content_type = "application/json",
	.summary = "the contract of the API as OpenAPI 3.1",
};

static const struct action docs = {
	.name = "docs",
	.method = "GET",
	.path = "/docs",
	.flags = ACTION_OF_PROGRAM,
	.stream = write_docs,
	.content_type = HTML,
	.summary = "the contract of the API as a page",
};

static const struct action problems = {
	.name = "problem list",
	.method = "GET",
	.path = "/problems",
	.flags = ACTION_OF_PROGRAM,
	.stream = write_problems,
	.content_type = HTML,
	.summary = "what each refusal means and what to do, as a page",
};

static const struct action problem = {
	.name = "problem show",
	.method = "GET",
	.path = "/problems/{code}",
	.flags = ACTION_OF_PROGRAM,
	.takes = takes_code,
	.takes_size = sizeof(struct asked),
	.stream = write_problem,
	.content_type = HTML,
	.summary = "what one refusal means and what to do, as a page: its type leads there",
};

const struct action *const actions_of_contract[] = {&openapi, &docs, &problems, &problem, NULL};
