#include "ledger/oversight/role_decide.h"

#include <stdio.h>
#include <string.h>

const struct decision_kind decision_on_role = {"role", ROLE_BIT(ROLE_OPERATOR), ROLE_BIT(ROLE_OPERATOR), 0};

/* One proposal for each person and role is open at a time: "claire/controller". */
#define SUBJECT (CODE_MAX + 1)

static char *subject_of(const struct person *p, enum role role, char out[SUBJECT])
{
	snprintf(out, SUBJECT, "%s/%s", p->code, role_name(role));
	return out;
}

static int need_operator(const struct tx *tx, struct err *err)
{
	if (tx->actor.role == ROLE_OPERATOR)
		return 0;
	return err_set(err, ERR_FORBIDDEN, NULL, "Roles are granted by operators, who are persons.");
}

/* Who, where and when. */
static int read_asked(struct tx *tx, const struct role_asked *asked, struct person *p, struct org *org,
		      struct role_grant *g, struct err *err)
{
	if (person_need(tx->db, asked->person, "person", p, err) != 0)
		return -1;
	if (asked->org[0] != '\0' ? org_need(tx->db, asked->org, "organisation", org, err)
				  : org_get(tx->db, p->org, org, err))
		return -1;
	memset(g, 0, sizeof *g);
	g->person = p->id;
	g->org = org->id;
	g->role = asked->role;
	g->valid_from = asked->from > tx->today ? asked->from : tx->today;
	if (asked->from == DAY_NONE && p->valid_from > tx->today)
		g->valid_from = p->valid_from;
	g->valid_to = asked->to;
	if (asked->to != DAY_NONE && asked->to < tx->today)
		return err_set(err, ERR_FIELD_INVALID, "to", "The last day of a role is today or later.");
	return 0;
}

static int refuse_own(const struct tx *tx, const struct person *p, struct err *err)
{
	if (strcmp(p->code, tx->actor.principal) != 0)
		return 0;
	return err_set(err, ERR_SEPARATION_OF_DUTIES, "person",
		       "Nobody grants a role to itself: other persons must grant it to %s.", p->code);
}

static int take(struct tx *tx, const struct role_asked *asked, const struct person *p, const struct org *org,
		struct decision *d, struct err *err)
{
	char subject[SUBJECT];

	return decision_take(tx, &decision_on_role, subject_of(p, asked->role, subject),
			     (struct content[]){{"from", v_day(asked->from)},
						{"org", v_text(org->code)},
						{"person", v_text(p->code)},
						{"role", v_text(role_name(asked->role))},
						{"to", v_day(asked->to)}},
			     5, d, err);
}

int role_decide(struct tx *tx, const struct role_asked *asked, struct decision *d, struct role_grant *g,
		struct err *err)
{
	struct person p;
	struct org org;
	int rc = 1;

	memset(d, 0, sizeof *d);
	if (need_operator(tx, err) != 0 || read_asked(tx, asked, &p, &org, g, err) != 0 ||
	    refuse_own(tx, &p, err) != 0 || grant_check(tx->db, &p, &org, g, err) != 0)
		return -1;
	snprintf(g->granted_by, sizeof g->granted_by, "%s", actor_person(tx));
	if ((ROLES_OF_MONEY & ROLE_BIT(asked->role)) != 0)
		rc = take(tx, asked, &p, &org, d, err);
	if (rc != 1)
		return rc;
	if (d->number != 0) {
		memcpy(g->granted_by, d->proposed_by, sizeof g->granted_by);
		memcpy(g->confirmed_by, d->confirmed_by, sizeof g->confirmed_by);
	}
	return grant_add(tx, g, err) == 0 ? 1 : -1;
}

int role_withdraw(struct tx *tx, const char *person, enum role role, struct decision *d, struct err *err)
{
	char subject[SUBJECT];
	struct person p;
	int rc;

	if (need_operator(tx, err) != 0 || person_need(tx->db, person, "person", &p, err) != 0)
		return -1;
	rc = decision_open(tx->db, decision_on_role.name, subject_of(&p, role, subject), d, err);
	if (rc == 0)
		return err_set(err, ERR_NOTHING_WAITS, NULL, "No proposal to make %s %s is open.", p.code,
			       role_name(role));
	return rc == 1 ? decision_end(tx, d, DECISION_WITHDRAWN, err) : -1;
}

/* --- the first two ----------------------------------------------------------------- */

static int make_authority(struct tx *tx, const char *code, struct org *org, struct err *err)
{
	enum upsert done;

	memset(org, 0, sizeof *org);
	snprintf(org->code, sizeof org->code, "%s", code);
	snprintf(org->name, sizeof org->name, "%s", code);
	org->roles = ROLE_BIT(ROLE_OPERATOR);
	return org_upsert(tx, org, &done, err);
}

int role_name_first(struct tx *tx, const struct first_persons *first, struct err *err)
{
	struct org org;
	int64_t one;
	int rc = db_int(tx->db, "SELECT 1 FROM person LIMIT 1", NO_VALS, &one, err);

	if (rc == 1)
		return err_set(err, ERR_EXISTS, NULL,
			       "The ledger has persons: its operators record the others, and grant roles.");
	if (rc < 0 || make_authority(tx, first->authority, &org, err) != 0)
		return -1;
	for (int i = 0; i < FIRST_PERSONS; i++) {
		struct person p = {.org = org.id, .valid_from = DAY_NONE, .valid_to = DAY_NONE};
		struct role_grant g = {
			.org = org.id, .role = ROLE_OPERATOR, .valid_from = tx->today, .valid_to = DAY_NONE};

		snprintf(p.os_user, sizeof p.os_user, "%s", first->person[i].os_user);
		snprintf(g.granted_by, sizeof g.granted_by, "%s", actor_person(tx));
		if (person_add(tx, first->person[i].code, &p, err) != 0)
			return -1;
		g.person = p.id;
		if (grant_check(tx->db, &p, &org, &g, err) != 0 || grant_add(tx, &g, err) != 0)
			return -1;
	}
	return 0;
}

int role_is_beginning(struct db *db, const char *person, enum role role, struct err *err)
{
	struct person p;
	int64_t one;
	int rc = person_find(db, person, &p, err);

	if (rc != 1 || role != ROLE_OPERATOR || p.id > FIRST_PERSONS)
		return rc < 0 ? -1 : 0;
	rc = db_int(db, "SELECT 1 FROM api_key WHERE person = $1 LIMIT 1", VALS(v_int(p.id)), &one, err);
	return rc < 0 ? -1 : rc == 0;
}

int role_act_as(struct tx *tx, int64_t number, struct err *err)
{
	struct person p;

	if (person_get(tx->db, number, &p, err) != 0)
		return -1;
	tx->actor = (struct actor){.org = p.org, .key = -p.id, .role = ROLE_OPERATOR};
	memcpy(tx->actor.principal, p.code, sizeof tx->actor.principal);
	return 0;
}

static int record_person(struct tx *tx, const struct role_asked *asked, struct err *err)
{
	struct person p;
	struct org org;
	int rc = person_find(tx->db, asked->person, &p, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (org_need(tx->db, asked->org, "org", &org, err) != 0)
		return -1;
	p = (struct person){.org = org.id, .valid_from = DAY_NONE, .valid_to = DAY_NONE};
	return person_add(tx, asked->person, &p, err);
}

int role_by_first(struct tx *tx, role_say *say, void *arg, struct err *err)
{
	const struct actor before = tx->actor;
	int rc = 0;

	for (int64_t number = 1; number <= FIRST_PERSONS && rc == 0; number++)
		rc = role_act_as(tx, number, err) == 0 ? say(tx, arg, err) : -1;
	tx->actor = before;
	return rc;
}

struct granting {
	const struct role_asked *asked;
	struct role_grant *g;
};

/* The second one's word is asked for only where the role needs it. */
static int grant_as_one(struct tx *tx, void *arg, struct err *err)
{
	struct granting *x = arg;
	struct decision d;

	return role_decide(tx, x->asked, &d, x->g, err);
}

int role_grant_by_first(struct tx *tx, const struct role_asked *asked, struct role_grant *g, struct err *err)
{
	const struct actor before = tx->actor;
	struct person p;
	struct org org;
	int rc;

	if (role_act_as(tx, 1, err) != 0 || record_person(tx, asked, err) != 0 ||
	    person_need(tx->db, asked->person, "principal", &p, err) != 0 ||
	    org_need(tx->db, asked->org, "org", &org, err) != 0)
		rc = -1;
	else
		rc = grant_on(tx->db, p.id, org.id, asked->role, tx->today, g, err);
	if (rc == 0)
		rc = role_by_first(tx, grant_as_one, &(struct granting){asked, g}, err);
	tx->actor = before;
	return rc == 1 ? 0 : -1;
}
