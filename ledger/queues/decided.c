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
#include "ledger/registers/org.h"
#include "ledger/seasons/close_down_decide.h"
#include "ledger/treasury/bank_resolve.h"
#include "ledger/treasury/cash.h"
#include "ledger/treasury/payment_file.h"
#include "ledger/voucher/voucher.h"

/* What the subject of a decision is, which has a number there and a name outside. */
enum subject_is { AS_IT_IS, AN_ORGANISATION, A_FUND, A_PAYMENT, IN_ITS_KIND };

static const struct row {
	const char *name; /* of the decisions */
	const struct decision_kind *kind;
	const char *action; /* that makes it, and confirms it */
	enum subject_is subject;
	const char *named_by;
	int is_hidden;
} table[] = {
	{"standing", &decision_on_standing, "provider decide", AN_ORGANISATION, NULL, 0},
	{"bank_account", &decision_on_bank_account, "bank change", AN_ORGANISATION, NULL, 1},
	{"close_down", &decision_on_close_down, "close-down decide", AS_IT_IS, NULL, 0},
	{"budget", NULL, "budget amend", A_FUND, NULL, 0}, /* its sides are those of row G11 */
	{"role", &decision_on_role, "role grant", AS_IT_IS, NULL, 0},
	{"import", NULL, "import", IN_ITS_KIND, NULL, 0}, /* its sides are those of the file's kind */
	{"payment_file", &decision_on_payment_file, "pay file", A_PAYMENT, "payment", 0},
	{"bank_line", &decision_on_bank_line, "bank resolve", AS_IT_IS, NULL, 0},
	{"cash", &decision_on_cash, "contribute", AS_IT_IS, "reference", 0},
};
#define KINDS (sizeof table / sizeof table[0])

const char *decided_kind(size_t i)
{
	return i < KINDS ? table[i].name : NULL;
}

static const struct row *find(const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

/* --- what it is called ------------------------------------------------------------------ */

static int name_organisation(struct db *db, int64_t id, struct decided *out, struct err *err)
{
	struct org org;

	if (org_get(db, id, &org, err) != 0)
		return -1;
	snprintf(out->subject, sizeof out->subject, "%s", org.code);
	return 0;
}

static int name_fund(struct db *db, int64_t id, struct decided *out, struct err *err)
{
	struct fund fund;

	if (fund_get(db, id, &fund, err) != 0)
		return -1;
	snprintf(out->subject, sizeof out->subject, "%s", fund.code);
	return 0;
}

static int name_payment(struct db *db, int64_t id, struct decided *out, struct err *err)
{
	struct payment payment;

	if (payment_get(db, id, &payment, err) != 0)
		return -1;
	uuid_format(&payment.uuid, out->subject);
	return 0;
}

static void tell_step(const struct decision *d, int64_t id, const struct uuid *uuid, struct decided *out)
{
	memset(out, 0, sizeof *out);
	out->action = "voucher step";
	out->voucher = id;
	uuid_format(uuid, out->subject);
	snprintf(out->second, sizeof out->second, "%s", d->kind);
	snprintf(out->about, sizeof out->about, "%s", d->kind);
}

static int name_step(struct db *db, const struct decision *d, struct decided *out, struct err *err)
{
	int64_t id = strtoll(d->subject, NULL, 10);
	struct uuid uuid;

	if (voucher_name(db, id, &uuid, err) != 0)
		return -1;
	tell_step(d, id, &uuid, out);
	return 0;
}

int decided_name(struct db *db, const struct decision *d, struct decided *out, struct err *err)
{
	const struct row *row = find(d->kind);
	int64_t id = strtoll(d->subject, NULL, 10);

	if (row == NULL)
		return name_step(db, d, out, err);
	memset(out, 0, sizeof *out);
	snprintf(out->about, sizeof out->about, "%s", d->kind);
	out->action = row->action;
	out->named_by = row->named_by;
	out->is_hidden = row->is_hidden;
	switch (row->subject) {
	case AN_ORGANISATION:
		return name_organisation(db, id, out, err);
	case A_FUND:
		return name_fund(db, id, out, err);
	case A_PAYMENT:
		return name_payment(db, id, out, err);
	case IN_ITS_KIND:
		/* A file is sent to the address of its kind; its hash says which it is. */
		decision_text(d, "kind", out->subject, sizeof out->subject);
		snprintf(out->about, sizeof out->about, "%s", d->subject);
		return 0;
	case AS_IT_IS:
		break;
	}
	snprintf(out->subject, sizeof out->subject, "%s", d->subject);
	return 0;
}

/* --- who confirms it ---------------------------------------------------------------------- */

/* 1: the actor is of the side that has not spoken. */
static int is_wanted(const struct tx *tx, unsigned roles, unsigned second, const struct decision *d)
{
	unsigned wanted = (roles & ROLE_BIT(d->proposed_role)) != 0 ? second : roles;

	return (wanted & ROLE_BIT(tx->actor.role)) != 0;
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

/* A step of a voucher, while it can still be taken; it is named by the voucher that was read for that. */
static int may_step(struct tx *tx, const struct decision *d, struct decided *out, struct err *err)
{
	const struct transition *t = transition_find(d->kind, (enum role)d->proposed_role);
	struct voucher v;

	if (voucher_get(tx->db, strtoll(d->subject, NULL, 10), &v, err) != 0)
		return -1;
	if (voucher_permit(tx, t, &v, err) != 0) {
		memset(err, 0, sizeof *err);
		return 0;
	}
	tell_step(d, v.id, &v.uuid, out);
	return may_act(tx, &v, err);
}

/* row NULL: of a step, whose sides are none where it takes one person. */
static void sides_of(const struct row *row, const struct decision *d, unsigned *roles, unsigned *second)
{
	const struct transition *t =
		row == NULL ? transition_find(d->kind, (enum role)d->proposed_role) : NULL;
	char file[DECIDED_TEXT];

	if (row == NULL) {
		*roles = t != NULL && t->second != 0 ? t->roles : 0;
		*second = t != NULL ? t->second : 0;
	} else if (row->kind != NULL) {
		*roles = row->kind->roles;
		*second = row->kind->second;
	} else if (row->subject == IN_ITS_KIND) {
		decision_text(d, "kind", file, sizeof file);
		agreed_sides(file, roles, second);
	} else {
		*roles = transition_get(G11)->roles;
		*second = transition_get(G11)->second;
	}
}

/* Most are not for this caller, which costs no look at the ledger. */
static int is_for(const struct tx *tx, const struct row *row, const struct decision *d)
{
	unsigned roles, second;

	sides_of(row, d, &roles, &second);
	return is_wanted(tx, roles, second, d);
}

/* Steps are many; what else is decided is named as it comes. */
void decided_ahead(struct tx *tx, const struct decision *d, int round)
{
	const struct row *row = find(d->kind);
	int64_t id = strtoll(d->subject, NULL, 10);
	struct err ignored = {0};
	struct voucher v;

	if (row != NULL || !is_for(tx, row, d))
		return;
	if (round == 0)
		voucher_ahead_number(tx->db, id);
	else if (voucher_get(tx->db, id, &v, &ignored) == 0)
		conflict_ahead(tx, v.learner);
}

int decided_by(struct tx *tx, const struct decision *d, struct decided *out, struct err *err)
{
	const struct row *row = find(d->kind);

	if (!is_for(tx, row, d))
		return 0;
	if (row == NULL)
		return may_step(tx, d, out, err);
	return decided_name(tx->db, d, out, err) == 0 ? 1 : -1;
}
