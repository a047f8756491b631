#include "ledger/oversight/budget_decide.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/oversight/alert.h"
#include "ledger/rules/transition.h"

static struct decision_kind kind(void)
{
	const struct transition *t = transition_get(G11);

	return (struct decision_kind){"budget", t->roles, t->second, 0};
}

static void read_words(struct budget_decision *b)
{
	b->year = (int)decision_number(&b->d, "year", 0);
	b->ae = decision_number(&b->d, "ae", 0);
	b->cp = decision_number(&b->d, "cp", 0);
	b->former_ae = decision_number(&b->d, "former_ae", 0);
	b->former_cp = decision_number(&b->d, "former_cp", 0);
	b->voted_on = (day_t)decision_number(&b->d, "voted_on", DAY_NONE);
	decision_text(&b->d, "reason", b->reason, sizeof b->reason);
}

int budget_decisions(struct db *db, int64_t fund, int64_t before, size_t max, struct budget_decision *out,
		     size_t *n, struct err *err)
{
	char subject[DECISION_SUBJECT];

	if (decision_list(db, kind().name, decision_subject(fund, subject), before, max, out, sizeof *out, n,
			  err) != 0)
		return -1;
	for (size_t i = 0; i < *n; i++)
		read_words(&out[i]);
	return 0;
}

/* May this actor speak on the budget of that fund? */
static int need(struct tx *tx, const char *code, struct fund *f, struct err *err)
{
	return transition_need(tx, G11, err) == 0 ? fund_need(tx->db, code, NULL, f, err) : -1;
}

static int take(struct tx *tx, const struct fund *f, const struct budget *now, struct budget_decision *b,
		struct err *err)
{
	const struct decision_kind by = kind();
	char subject[DECISION_SUBJECT];

	b->former_ae = now->ae;
	b->former_cp = now->cp;
	return decision_take(tx, &by, decision_subject(f->id, subject),
			     (struct content[]){{"ae", v_int(b->ae)},
						{"cp", v_int(b->cp)},
						{"former_ae", v_int(b->former_ae)},
						{"former_cp", v_int(b->former_cp)},
						{"reason", v_text(b->reason)},
						{"voted_on", v_day(b->voted_on)},
						{"year", v_int(b->year)}},
			     7, &b->d, err);
}

static int put_in_force(struct tx *tx, const struct fund *f, const struct budget_decision *b, struct err *err)
{
	struct budget_amendment a = {.year = b->year, .ae = b->ae, .cp = b->cp, .voted_on = b->voted_on};
	struct budget_use change;

	memcpy(a.reason, b->reason, sizeof a.reason);
	memcpy(a.proposed_by, b->d.proposed_by, sizeof a.proposed_by);
	memcpy(a.confirmed_by, b->d.confirmed_by, sizeof a.confirmed_by);
	return budget_amend(tx, f, &a, &change, err) == 0 ? alert_watch_vote(tx, f->id, a.year, &change, err)
							  : -1;
}

int budget_decide(struct tx *tx, const char *code, struct budget_decision *b, struct err *err)
{
	const struct budget_amendment asked = {
		.year = b->year, .ae = b->ae, .cp = b->cp, .voted_on = b->voted_on};
	struct budget now;
	struct fund f;
	int rc;

	if (need(tx, code, &f, err) != 0)
		return -1;
	if (!check_reason(b->reason))
		return err_set(err, ERR_FIELD_MISSING, "reason",
			       "Give a reason: a word of a-z, 0-9 and _, such as %s.",
			       transition_get(G11)->reason);
	if (budget_check(tx, &f, &asked, &now, err) != 0)
		return -1;
	rc = take(tx, &f, &now, b, err);
	return rc == 1 && put_in_force(tx, &f, b, err) != 0 ? -1 : rc;
}

int budget_withdraw(struct tx *tx, const char *code, struct budget_decision *b, struct err *err)
{
	char subject[DECISION_SUBJECT];
	struct fund f;
	int rc;

	memset(b, 0, sizeof *b);
	if (need(tx, code, &f, err) != 0)
		return -1;
	rc = decision_open(tx->db, kind().name, decision_subject(f.id, subject), &b->d, err);
	if (rc == 0)
		return err_set(err, ERR_NOTHING_WAITS, NULL, "No amendment of a budget of %s is open.",
			       f.code);
	read_words(b);
	return rc == 1 ? decision_end(tx, &b->d, DECISION_WITHDRAWN, err) : -1;
}
