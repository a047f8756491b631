/*
 * Mandates: whom a learner lets see what was posted for it.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/words.h"
#include "ledger/registers/mandate.h"

struct mandate_asked {
	char id[CODE_MAX + 1];
	char union_code[CODE_MAX + 1];
};

struct mandated {
	char learner[CODE_MAX + 1];
	char union_code[CODE_MAX + 1];
	struct mandate mandate;
};

static const struct member mandate_takes[] = {
	LEARNER_TAKES(struct mandate_asked, id),
	{"union", M_CODE, IN(struct mandate_asked, union_code), .flags = M_NEEDED | M_POSITION,
	 .example = "UNION"},
	MEMBERS_END,
};

static const struct member mandate_gives[] = {
	{"learner", M_CODE, IN(struct mandated, learner)},
	{"union", M_CODE, IN(struct mandated, union_code)},
	{"given_on", M_DAY, IN(struct mandated, mandate.given_on), .flags = M_NULL},
	{"ended_on", M_DAY, IN(struct mandated, mandate.ended_on), .flags = M_NULL},
	MEMBERS_END,
};

typedef int mandate_fn(struct tx *, const char *learner, const char *union_code, struct mandate *,
		       struct err *);

static int change_mandate(struct tx *tx, struct action_call *c, mandate_fn *change, struct err *err)
{
	const struct mandate_asked *in = c->args;
	struct mandated *out = c->answer;
	int rc = change(tx, in->id, in->union_code, &out->mandate, err);

	memcpy(out->learner, in->id, sizeof out->learner);
	memcpy(out->union_code, in->union_code, sizeof out->union_code);
	c->status = rc > 0 ? 201 : 200;
	return rc < 0 ? -1 : 0;
}

static int give_mandate(struct tx *tx, struct action_call *c, struct err *err)
{
	return change_mandate(tx, c, mandate_give, err);
}

static int end_mandate(struct tx *tx, struct action_call *c, struct err *err)
{
	return change_mandate(tx, c, mandate_end, err);
}

static void print_mandate(FILE *out, const struct action_call *c, const void *answer)
{
	const struct mandated *m = answer;
	char given[DATE_TEXT], ended[DATE_TEXT];

	(void)c;
	fprintf(out, "%s's mandate for %s is given on %s%s%s\n", m->learner, m->union_code,
		day_format(m->mandate.given_on, given),
		m->mandate.ended_on != DAY_NONE ? " and ended on " : "",
		day_format(m->mandate.ended_on, ended));
}

static const struct action giving = {
	.name = "learner mandate",
	.method = "POST",
	.path = "/v1/learners/{id}/mandate",
	.roles = BY(PORTAL),
	.takes = mandate_takes,
	.takes_size = sizeof(struct mandate_asked),
	.gives = mandate_gives,
	.gives_size = sizeof(struct mandated),
	.run = give_mandate,
	.print = print_mandate,
	.summary = "let a union see what was posted for the learner",
};

static const struct action ending = {
	.name = "learner revoke-mandate",
	.method = "POST",
	.path = "/v1/learners/{id}/revoke-mandate",
	.roles = BY(PORTAL),
	.takes = mandate_takes,
	.takes_size = sizeof(struct mandate_asked),
	.gives = mandate_gives,
	.gives_size = sizeof(struct mandated),
	.run = end_mandate,
	.print = print_mandate,
	.summary = "end a union's mandate, from today on",
};

const struct action *const actions_of_mandates[] = {&giving, &ending, NULL};
