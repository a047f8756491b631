#include "ledger/queues/decided.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/intake/agreed.h"
#include "ledger/oversight/bank_change.h"
#include "ledger/oversight/conflict.h"
#include "ledger/oversight/role_decide.h"
#include "ledger/oversight/standing_decide.h"
#include "ledger/registers/fund.h"
#include "ledger/registers/person.h"
#include "ledger/seasons/close_down_decide.h"
#include "ledger/treasury/bank_resolve.h"
#include "ledger/treasury/cash.h"
#include "ledger/treasury/payment_file.h"

/* What the subject of a decision is, which has a number there and a name outside. */
enum subject_is { AS_IT_IS, AN_ORGANISATION, A_FUND, A_PAYMENT, IN_ITS_KIND };

static const struct decided {
	const char *name; /* of the decisions */
	const struct decision_kind *kind;
	const char *action; /* that makes it, and confirms it */
	enum subject_is subject;
} decided[] = {
	{"standing", &decision_on_standing, "provider decide", AN_ORGANISATION},
	{"bank_account", &decision_on_bank_account, "bank change", AN_ORGANISATION},
	{"close_down", &decision_on_close_down, "close-down decide", AS_IT_IS},
	{"budget", NULL, "budget amend", A_FUND}, /* its sides are those of row G11 */
	{"role", &decision_on_role, "role grant", AS_IT_IS},
	{"import", NULL, "import", IN_ITS_KIND}, /* its sides are those of the file's kind */
	{"payment_file", &decision_on_payment_file, "pay file", A_PAYMENT},
	{"bank_line", &decision_on_bank_line, "bank resolve", AS_IT_IS},
	{"cash", &decision_on_cash, "contribute", AS_IT_IS},
};

static const struct decided *find(const char *name)
{
	for (size_t i = 0; i < sizeof decided / sizeof decided[0]; i++)
		if (strcmp(decided[i].name, name) == 0)
			return &decided[i];
	return NULL;
}

/* The roles of the other side. */
static unsigned wanted(unsigned roles, unsigned second, int proposer)
{
	return (roles & ROLE_BIT(proposer)) != 0 ? second : roles;
}

static int is_wanted(const struct tx *tx, unsigned roles, unsigned second, const struct proposed *p)
{
	return (wanted(roles, second, p->role) & ROLE_BIT(tx->actor.role)) != 0;
}

static int name_organisation(struct db *db, int64_t id, struct work_item *item, struct err *err)
{
	struct org org;

	if (org_get(db, id, &org, err) != 0)
		return -1;
	snprintf(item->subject, sizeof item->subject, "%s", org.code);
	return 0;
}

static int name_fund(struct db *db, int64_t id, struct work_item *item, struct err *err)
{
	struct fund fund;

	if (fund_get(db, id, &fund, err) != 0)
		return -1;
	snprintf(item->subject, sizeof item->subject, "%s", fund.code);
	return 0;
}

static int name_payment(struct db *db, int64_t id, struct work_item *item, struct err *err)
{
	struct payment payment;

	if (payment_get(db, id, &payment, err) != 0)
		return -1;
	uuid_format(&payment.uuid, item->subject);
	return 0;
}

/* A file is sent to the address of its kind; its hash says which it is. */
static void name_import(const struct proposed *p, struct work_item *item)
{
	struct decision d = {0};

	memcpy(d.content, p->content, sizeof d.content);
	decision_text(&d, "kind", item->subject, sizeof item->subject);
	snprintf(item->about, sizeof item->about, "%s", p->subject);
}

static int name_subject(struct tx *tx, const struct decided *d, const struct proposed *p,
			struct work_item *item, struct err *err)
{
	int64_t id = strtoll(p->subject, NULL, 10);

	item->action = d->action;
	snprintf(item->about, sizeof item->about, "%s", p->kind);
	switch (d->subject) {
	case AN_ORGANISATION:
		return name_organisation(tx->db, id, item, err);
	case A_FUND:
		return name_fund(tx->db, id, item, err);
	case A_PAYMENT:
		return name_payment(tx->db, id, item, err);
	case IN_ITS_KIND:
		name_import(p, item);
		return 0;
	case AS_IT_IS:
		break;
	}
	snprintf(item->subject, sizeof item->subject, "%s", p->subject);
	return 0;
}

/* 1 when the actor is of the staff and has no interest in that learner, or is a party; 0, -1. */
static int may_act(struct tx *tx, const struct voucher *v, struct err *err)
{
	int rc = voucher_may_read(tx->db, v, &tx->actor, err);

	if (rc != 1 || conflict_refuse(tx, v->learner, err) == 0)
		return rc;
	if (err->code != ERR_CONFLICT_OF_INTEREST)
		return -1;
	memset(err, 0, sizeof *err);
	return 0;
}

/* A step of a voucher, while it can still be taken. */
static int decide_step(struct tx *tx, const struct proposed *p, struct work_item *item, struct err *err)
{
	const struct transition *t = transition_find(p->kind, (enum role)p->role);
	struct voucher v;
	int rc;

	if (t == NULL || t->second == 0 || !is_wanted(tx, t->roles, t->second, p))
		return 0;
	if (voucher_get(tx->db, strtoll(p->subject, NULL, 10), &v, err) != 0)
		return -1;
	if ((t->from & STATE_BIT(v.state)) == 0 || (t->billing_from & STATE_BIT(v.billing)) == 0)
		return 0;
	rc = may_act(tx, &v, err);
	if (rc != 1)
		return rc;
	item->action = "voucher step";
	uuid_format(&v.uuid, item->subject);
	snprintf(item->second, sizeof item->second, "%s", t->name);
	snprintf(item->about, sizeof item->about, "%s", t->name);
	return 1;
}

static void sides_of(const struct decided *d, const struct proposed *p, unsigned *roles, unsigned *second)
{
	struct work_item file;

	if (d->kind != NULL) {
		*roles = d->kind->roles;
		*second = d->kind->second;
	} else if (d->subject == IN_ITS_KIND) {
		name_import(p, &file);
		agreed_sides(file.subject, roles, second);
	} else {
		*roles = transition_get(G11)->roles;
		*second = transition_get(G11)->second;
	}
}

int decided_by(struct tx *tx, const struct proposed *p, struct work_item *item, struct err *err)
{
	const struct decided *d = find(p->kind);
	unsigned roles, second;
	int rc;

	if (d != NULL) {
		sides_of(d, p, &roles, &second);
		if (!is_wanted(tx, roles, second, p))
			return 0;
	}
	/* The word of one who could no longer give it counts no more. */
	rc = person_can(tx->db, p->by, (enum role)p->role, tx->today, err);
	if (rc != 1)
		return rc;
	if (d == NULL)
		return decide_step(tx, p, item, err);
	return name_subject(tx, d, p, item, err) == 0 ? 1 : -1;
}
