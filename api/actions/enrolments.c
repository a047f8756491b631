/*
 * Learners registered one by one, changed, and shown: by the rules of the import,
 * for the portal that acts for the learner, or an operator.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/words.h"
#include "ledger/rights/enrol.h"

/* --- what is said and shown of a learner -------------------------------------------- */

static const char *const sexes[] = {"", "F", "M", "X"};

static const char *sex_word(int value)
{
	return (size_t)value < sizeof sexes / sizeof sexes[0] ? sexes[value] : NULL;
}

/* As it is sent: what is absent is not said. */
struct said {
	char id[CODE_MAX + 1];
	char programme[CODE_MAX + 1], portal[CODE_MAX + 1], identity[CODE_MAX + 1];
	char age_band[CODE_MAX + 1], qualification[CODE_MAX + 1], region[CODE_MAX + 1];
	char status[REASON_MAX + 1];
	int64_t work_pct;
	int low_qualified, disabled_worker, sex;
	day_t active_from;
};

struct shown {
	const char *learner, *programme, *portal, *status, *sex, *age_band, *qualification, *region,
		*identity;
	int64_t work_pct;
	int low_qualified, disabled_worker, is_new;
	day_t active_from, closed_on;
};

#define TRAITS_TAKEN                                                                                         \
	{"disabled_worker",                                                                                  \
	 M_FLAG,                                                                                             \
	 IN(struct said, disabled_worker),                                                                   \
	 .absent = -1,                                                                                       \
	 .help = "the law protects the employment for a disability",                                         \
	 .example = "true"},                                                                                 \
		{"status", M_WORD, IN(struct said, status), .help = "as the programme's rules name it",      \
		 .example = "employee"},                                                                     \
		{"sex", M_ONE_OF, IN(struct said, sex), .word = sex_word, .example = "F"},                   \
		{"age_band", M_CODE, IN(struct said, age_band), .example = "25-34"},                         \
		{"qualification", M_CODE, IN(struct said, qualification), .example = "level-4"},             \
		{"region", M_CODE, IN(struct said, region), .example = "76"},                                \
		{"portal", M_CODE, IN(struct said, portal), .help = "that acts for the learner",             \
		 .example = "PORTAIL"},                                                                      \
	{                                                                                                    \
		"identity_reference", M_CODE, IN(struct said, identity),                                     \
			.help = "where the check of who it is was filed", .example = "CHECK-17"              \
	}

static const struct member register_takes[] = {
	{"learner", M_CODE, IN(struct said, id), .flags = M_NEEDED | M_POSITION, .help = "the pseudonym",
	 .example = "L-0007"},
	{"programme", M_CODE, IN(struct said, programme), .flags = M_NEEDED, .example = "cpf"},
	{"work_pct", M_NUMBER, IN(struct said, work_pct), .flags = M_NEEDED, .max = 100, .absent = -1,
	 .help = "working time, percent of full time", .example = "100"},
	{"low_qualified", M_FLAG, IN(struct said, low_qualified), .flags = M_NEEDED, .absent = -1,
	 .help = "the higher yearly right may hold", .example = "false"},
	{"active_from", M_DAY, IN(struct said, active_from), .flags = M_NEEDED,
	 .help = "first day of the account", .example = "2026-01-05"},
	TRAITS_TAKEN,
	MEMBERS_END,
};

static const struct member change_takes[] = {
	LEARNER_TAKES(struct said, id),
	{"work_pct", M_NUMBER, IN(struct said, work_pct), .max = 100, .absent = -1,
	 .help = "working time, percent of full time", .example = "80"},
	{"low_qualified", M_FLAG, IN(struct said, low_qualified), .absent = -1,
	 .help = "the higher yearly right may hold", .example = "false"},
	{"active_from", M_DAY, IN(struct said, active_from), .help = "first day of the account",
	 .example = "2026-01-05"},
	TRAITS_TAKEN,
	MEMBERS_END,
};

static const struct member show_takes[] = {LEARNER_TAKES(struct said, id), MEMBERS_END};

#define SHOWN                                                                                                \
	{"learner", M_STRING, IN(struct shown, learner)},                                                    \
		{"programme", M_STRING, IN(struct shown, programme)},                                        \
		{"portal", M_STRING, IN(struct shown, portal), .flags = M_NULL},                             \
		{"work_pct", M_NUMBER, IN(struct shown, work_pct), .absent = -1},                            \
		{"low_qualified", M_FLAG, IN(struct shown, low_qualified)},                                  \
		{"disabled_worker", M_FLAG, IN(struct shown, disabled_worker)},                              \
		{"status", M_STRING, IN(struct shown, status), .flags = M_NULL},                             \
		{"sex", M_STRING, IN(struct shown, sex), .flags = M_NULL},                                   \
		{"age_band", M_STRING, IN(struct shown, age_band), .flags = M_NULL},                         \
		{"qualification", M_STRING, IN(struct shown, qualification), .flags = M_NULL},               \
		{"region", M_STRING, IN(struct shown, region), .flags = M_NULL},                             \
		{"active_from", M_DAY, IN(struct shown, active_from)},                                       \
		{"closed_on", M_DAY, IN(struct shown, closed_on), .flags = M_NULL},                          \
	{                                                                                                    \
		"identity_reference", M_STRING, IN(struct shown, identity), .flags = M_NULL                  \
	}

static const struct member learner_gives[] = {SHOWN, MEMBERS_END};
static const struct member register_gives[] = {
	SHOWN,
	{"new", M_FLAG, IN(struct shown, is_new)},
	MEMBERS_END,
};

static int tell(struct db *db, struct action_call *c, const struct learner *l, struct err *err)
{
	struct shown *out = c->answer;
	struct org portal = {.code = ""};

	if (l->portal != 0 && org_get(db, l->portal, &portal, err) != 0)
		return -1;
	*out = (struct shown){.learner = call_keep(c, l->code),
			      .programme = call_keep(c, l->programme),
			      .portal = call_keep(c, portal.code),
			      .status = call_keep(c, l->status),
			      .sex = call_keep(c, l->sex),
			      .age_band = call_keep(c, l->age_band),
			      .qualification = call_keep(c, l->qualification),
			      .region = call_keep(c, l->region),
			      .identity = call_keep(c, l->identity),
			      .work_pct = l->work_pct,
			      .low_qualified = l->low_qualified,
			      .disabled_worker = l->disabled_worker,
			      .active_from = l->active_from,
			      .closed_on = l->closed_on};
	return 0;
}

/* --- what is said, onto a learner ------------------------------------------------------ */

static int check_word(const char *word, const char *field, struct err *err)
{
	return strlen(word) <= REASON_MAX ? 0
					  : err_set(err, ERR_FIELD_INVALID, field,
						    "%s has at most %d characters.", field, REASON_MAX);
}

static int check_said(struct action_call *c, struct err *err)
{
	const struct said *in = c->args;

	if (enrol_check_pseudonym(in->id, "learner", err) != 0 ||
	    check_word(in->age_band, "age_band", err) != 0 ||
	    check_word(in->qualification, "qualification", err) != 0 ||
	    check_word(in->region, "region", err) != 0)
		return -1;
	return in->identity[0] != '\0' ? enrol_check_pseudonym(in->identity, "identity_reference", err) : 0;
}

/* Its length was checked. */
static void put(char *to, size_t size, const char *said)
{
	size_t n = strlen(said);

	if (n > 0 && n < size)
		memcpy(to, said, n + 1);
}

/* What is said takes the place of what was known. */
static void overlay(const struct said *in, struct learner *l)
{
	put(l->status, sizeof l->status, in->status);
	put(l->sex, sizeof l->sex, sexes[in->sex]);
	put(l->age_band, sizeof l->age_band, in->age_band);
	put(l->qualification, sizeof l->qualification, in->qualification);
	put(l->region, sizeof l->region, in->region);
	put(l->identity, sizeof l->identity, in->identity);
	l->work_pct = in->work_pct >= 0 ? (int)in->work_pct : l->work_pct;
	l->low_qualified = in->low_qualified >= 0 ? in->low_qualified : l->low_qualified;
	l->disabled_worker = in->disabled_worker >= 0 ? in->disabled_worker : l->disabled_worker;
	l->active_from = in->active_from != DAY_NONE ? in->active_from : l->active_from;
}

static void learner_said_ahead(struct db *db, const struct action_call *c, int round)
{
	if (round == 0)
		learner_ahead(db, ((const struct said *)c->args)->id);
}

/* A portal acts for the learners that it registers; it hands none to another. */
static int portal_of(struct tx *tx, const struct said *in, char portal[CODE_MAX + 1], struct err *err)
{
	struct org own;

	memcpy(portal, in->portal, CODE_MAX + 1);
	if (tx->actor.role != ROLE_PORTAL)
		return 0;
	if (org_get(tx->db, tx->actor.org, &own, err) != 0)
		return -1;
	if (portal[0] != '\0' && strcmp(portal, own.code) != 0)
		return err_set(
			err, ERR_FORBIDDEN, "portal",
			"A portal registers learners for itself; an operator says that another acts for one.");
	memcpy(portal, own.code, CODE_MAX + 1);
	return 0;
}

/* --- register -------------------------------------------------------------------------- */

/* 1: it is registered with just that; 0: nobody is; -1: with something else, whoever's it is. */
static int registered(struct tx *tx, const struct learner *l, const char *portal, struct err *err)
{
	struct learner stored, wanted = *l;
	int rc = learner_find(tx->db, l->code, &stored, err);

	if (rc != 1)
		return rc;
	if (portal[0] != '\0' && org_in_role(tx->db, portal, ROLE_PORTAL, &wanted.portal, err) < 0)
		return -1;
	wanted.closed_on = stored.closed_on;
	if (learner_same(&wanted, &stored) && strcmp(wanted.programme, stored.programme) == 0)
		return 1;
	return err_set(err, ERR_REFERENCE_USED, "learner",
		       "That pseudonym is taken. What is known of a learner of yours is changed with POST "
		       "/v1/learners/{id}.");
}

static int register_learner(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct said *in = c->args;
	struct shown *out = c->answer;
	struct learner l = {.closed_on = DAY_NONE};
	char portal[CODE_MAX + 1];
	enum upsert done;
	int rc;

	memcpy(l.code, in->id, sizeof l.code);
	memcpy(l.programme, in->programme, sizeof l.programme);
	overlay(in, &l);
	if (portal_of(tx, in, portal, err) != 0)
		return -1;
	rc = registered(tx, &l, portal, err);
	if (rc < 0 || enrol(tx, &l, portal, KEEP_CLOSED, &done, err) != 0 || tell(tx->db, c, &l, err) != 0)
		return -1;
	out->is_new = done == UPSERT_CREATED;
	c->status = out->is_new ? 201 : 200;
	return 0;
}

static void print_registered(FILE *out, const struct action_call *c, const void *answer)
{
	const struct shown *l = answer;
	char day[DATE_TEXT];

	(void)c;
	fprintf(out, "learner %s of programme %s %s, from %s on\n", l->learner, l->programme,
		l->is_new ? "is registered" : "was registered already", day_format(l->active_from, day));
}

/* --- change and show -------------------------------------------------------------------- */

static int check_change(struct action_call *c, struct err *err)
{
	const struct said *in = c->args;

	if (c->actor.role == ROLE_PORTAL && in->portal[0] != '\0')
		return err_set(err, ERR_FORBIDDEN, "portal",
			       "An operator says which portal acts for a learner.");
	return check_said(c, err);
}

static int change_learner(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct said *in = c->args;
	unsigned keep = KEEP_CLOSED | (in->portal[0] == '\0' ? KEEP_PORTAL : 0);
	struct learner l;
	enum upsert done;

	if (learner_need_own(tx->db, &tx->actor, in->id, NULL, &l, err) != 0)
		return -1;
	overlay(in, &l);
	return enrol(tx, &l, in->portal, keep, &done, err) == 0 ? tell(tx->db, c, &l, err) : -1;
}

static int show_learner(struct db *db, struct action_call *c, struct err *err)
{
	const struct said *in = c->args;
	struct learner l;

	if (learner_need_own(db, &c->actor, in->id, NULL, &l, err) != 0)
		return -1;
	return tell(db, c, &l, err);
}

/* --- the actions ------------------------------------------------------------------------ */

static const struct action registering = {
	.name = "learner register",
	.method = "POST",
	.path = "/v1/learners",
	.roles = BY(PORTAL) | BY(OPERATOR),
	.takes = register_takes,
	.takes_size = sizeof(struct said),
	.gives = register_gives,
	.gives_size = sizeof(struct shown),
	.check = check_said,
	.run = register_learner,
	.ahead = learner_said_ahead,
	.print = print_registered,
	.summary = "register a learner, by the rules of the import; a portal registers for itself",
};

static const struct action changing = {
	.name = "learner change",
	.method = "POST",
	.path = "/v1/learners/{id}",
	.roles = BY(PORTAL) | BY(OPERATOR),
	.takes = change_takes,
	.takes_size = sizeof(struct said),
	.gives = learner_gives,
	.gives_size = sizeof(struct shown),
	.flags = ACTION_BY_ROLE,
	.check = check_change,
	.run = change_learner,
	.ahead = learner_said_ahead,
	.print = print_answer,
	.summary = "change what is known of a learner; what is left out stays as it is",
};

static const struct action showing = {
	.name = "learner show",
	.method = "GET",
	.path = "/v1/learners/{id}",
	.roles = BY(PORTAL) | BY(OPERATOR),
	.takes = show_takes,
	.takes_size = sizeof(struct said),
	.gives = learner_gives,
	.gives_size = sizeof(struct shown),
	.read = show_learner,
	.print = print_answer,
	.summary = "what is known of a learner",
};

const struct action *const actions_of_enrolments[] = {&registering, &changing, &showing, NULL};
