#include "ledger/oversight/alert.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/store/record.h"

#define ID_MAX        (1LL << 40)
#define ALL_PROVIDERS 0

static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct alert, id), 0, RECORD_KEY},
	{"kind", RECORD_INT, offsetof(struct alert, kind), 0, RECORD_FIXED},
	{"subject", RECORD_INT64, offsetof(struct alert, subject), 0, RECORD_FIXED},
	{"scope", RECORD_TEXT, RECORD_ARRAY(struct alert, scope), RECORD_FIXED},
	{"figure", RECORD_INT64, offsetof(struct alert, figure), 0, RECORD_FIXED},
	{"raised_at", RECORD_INT64, offsetof(struct alert, raised_at), 0, RECORD_FIXED},
	{"closed_at", RECORD_ID, offsetof(struct alert, closed_at), 0, 0},
	{"closed_by", RECORD_OPTIONAL, RECORD_ARRAY(struct alert, closed_by), 0},
	{"outcome", RECORD_OPTIONAL, RECORD_ARRAY(struct alert, outcome), 0},
};
static const struct record alert_record = {"alert", RECORD_COLUMNS(columns)};

static const struct {
	const char *name, *unit;
	enum alert_subject subject;
} kinds[ALERT__MAX] = {
	[ALERT_BUDGET_80] = {"budget_80", "percent", ALERT_OF_FUND},
	[ALERT_BUDGET_90] = {"budget_90", "percent", ALERT_OF_FUND},
	[ALERT_BUDGET_95] = {"budget_95", "percent", ALERT_OF_FUND},
	[ALERT_PROVIDER_SHARE] = {"provider_share", "percent", ALERT_OF_PROVIDER},
	[ALERT_PROVIDER_GROWTH] = {"provider_growth", "cents", ALERT_OF_PROVIDER},
	[ALERT_SAME_BANK_ACCOUNT] = {"same_bank_account", "providers", ALERT_OF_PROVIDER},
	[ALERT_COURSE_RUSH] = {"course_rush", "orders", ALERT_OF_COURSE},
	[ALERT_GRANT_80] = {"grant_80", "percent", ALERT_OF_FUND},
	[ALERT_GRANT_90] = {"grant_90", "percent", ALERT_OF_FUND},
	[ALERT_GRANT_95] = {"grant_95", "percent", ALERT_OF_FUND},
	[ALERT_ACCRUAL_UNFINISHED] = {"accrual_unfinished", "learners", ALERT_OF_FUND},
	[ALERT_NOT_ENTERED] = {"not_entered", "cents", ALERT_OF_PROVIDER},
	[ALERT_EXIT_BEFORE_END] = {"exit_before_end", "days", ALERT_OF_PROVIDER},
	[ALERT_HOURS_A_DAY] = {"hours_a_day", "hours", ALERT_OF_PROVIDER},
	[ALERT_BUDGET_100] = {"budget_100", "percent", ALERT_OF_FUND},
	[ALERT_UNREFERENCED] = {"unreferenced", "cents", ALERT_OF_PROVIDER},
	[ALERT_WRONG_CODES] = {"wrong_codes", "codes", ALERT_OF_PROVIDER},
	[ALERT_WEBHOOK_OFF] = {"webhook_off", "events", ALERT_OF_PROVIDER},
};

/* Of budgets from ALERT_BUDGET_80 on, of envelopes from ALERT_GRANT_80 on. */
static const int thresholds[] = {ALERT_PCTS};
_Static_assert(ALERT_BUDGET_80 + sizeof thresholds / sizeof thresholds[0] - 1 == ALERT_BUDGET_95 &&
		       ALERT_GRANT_80 + sizeof thresholds / sizeof thresholds[0] - 1 == ALERT_GRANT_95,
	       "an alert for each threshold");

const char *alert_kind_name(enum alert_kind kind)
{
	return kinds[kind].name;
}

const char *alert_unit(enum alert_kind kind)
{
	return kinds[kind].unit;
}

enum alert_subject alert_subject_of(enum alert_kind kind)
{
	return kinds[kind].subject;
}

/* 1 when it was raised before, open or closed; 0 or -1. */
static int is_known(struct tx *tx, enum alert_kind kind, int64_t subject, const char *scope, struct err *err)
{
	int64_t id;

	return db_int(tx->db, "SELECT id FROM alert WHERE kind = $1 AND subject = $2 AND scope = $3",
		      VALS(v_int(kind), v_int(subject), v_text(scope)), &id, err);
}

static int add_alert(struct tx *tx, enum alert_kind kind, int64_t subject, const char *scope, int64_t figure,
		     struct err *err)
{
	static const char last_id[] = "SELECT max(id) FROM alert";
	struct alert a = {.kind = kind, .subject = subject, .figure = figure, .raised_at = tx->now};

	snprintf(a.scope, sizeof a.scope, "%s", scope);
	if (db_next_id(tx->db, last_id, &a.id, err) != 0 ||
	    record_insert(tx->db, &alert_record, &a, err) != 0)
		return -1;
	db_used_id(tx->db, last_id, a.id);
	return 0;
}

/* Once for each kind, subject and scope. */
static int raise_alert(struct tx *tx, enum alert_kind kind, int64_t subject, const char *scope,
		       int64_t figure, struct err *err)
{
	int known = is_known(tx, kind, subject, scope, err);

	if (known != 0)
		return known < 0 ? -1 : 0;
	return add_alert(tx, kind, subject, scope, figure, err);
}

static int takes_budget(const struct transfer *t)
{
	return (t->debit == K_AE_AVAILABLE && t->credit == K_AE_COMMITTED) ||
	       (t->debit == K_CP_AVAILABLE && (t->credit == K_CP_ORDERED || t->credit == K_CP_PAID));
}

static int same_budget(const struct transfer *a, const struct transfer *b)
{
	return a->fund == b->fund && a->debit == b->debit && a->debit_holder == b->debit_holder;
}

/* Does what is used reach that many percent of all? */
static int reaches(int pct, int64_t all, int64_t used)
{
	/* Exact: 95 % need not be a whole number of cents. */
	return all > 0 ? used * 100 >= all * pct : used > 0;
}

/* Did the last of what is used of all cross that many percent? */
static int crossed(int pct, int64_t all, int64_t used, int64_t last)
{
	return reaches(pct, all, used) && !reaches(pct, all, used - last);
}

/* What is used of a budget, and of how much. */
struct consumed {
	int64_t all, used;
};

/* A vote that was amended is another: its alerts are raised anew. */
static int raise_of_budget(struct tx *tx, enum alert_kind kind, int64_t fund, const char *side, int year,
			   const struct consumed *now, struct err *err)
{
	struct budget b = {0};
	char scope[48];

	if (budget_find(tx->db, fund, year, &b, err) < 0)
		return -1;
	if (b.amendments == 0)
		snprintf(scope, sizeof scope, "%s-%d", side, year);
	else
		snprintf(scope, sizeof scope, "%s-%d/%lld", side, year, (long long)b.amendments);
	return raise_alert(tx, kind, fund, scope, now->all > 0 ? now->used * 100 / now->all : 100, err);
}

static int check_budget(struct tx *tx, int64_t fund, const char *side, int year,
			const struct consumed *before, const struct consumed *now, struct err *err)
{
	struct fund f;

	for (unsigned i = 0; i < sizeof thresholds / sizeof thresholds[0]; i++)
		if (reaches(thresholds[i], now->all, now->used) &&
		    !reaches(thresholds[i], before->all, before->used) &&
		    raise_of_budget(tx, ALERT_BUDGET_80 + i, fund, side, year, now, err) != 0)
			return -1;
	if (!reaches(100, now->all, now->used) || reaches(100, before->all, before->used))
		return 0;
	if (fund_get(tx->db, fund, &f, err) != 0)
		return -1;
	return budget_stops(&f) ? 0 : raise_of_budget(tx, ALERT_BUDGET_100, fund, side, year, now, err);
}

/* taken is what the entry took from the budget that t names. */
static int check_thresholds(struct tx *tx, const struct transfer *t, int64_t taken, struct err *err)
{
	int year = (int)t->debit_holder, ae = t->debit == K_AE_AVAILABLE;
	struct consumed before, now;
	struct budget_use u;

	if (budget_use(tx->db, t->fund, year, &u, err) != 0)
		return -1;
	now.all = before.all = ae ? u.ae : u.cp;
	now.used = now.all - (ae ? u.ae_left : u.cp_left);
	before.used = now.used - taken;
	return check_budget(tx, t->fund, ae ? "ae" : "cp", year, &before, &now, err);
}

int alert_watch_vote(struct tx *tx, int64_t fund, int year, const struct budget_use *change, struct err *err)
{
	struct consumed before, now;
	struct budget_use u;

	if (budget_use(tx->db, fund, year, &u, err) != 0)
		return -1;
	now = (struct consumed){u.ae, u.ae - u.ae_left};
	before = (struct consumed){u.ae - change->ae, now.used};
	if (check_budget(tx, fund, "ae", year, &before, &now, err) != 0)
		return -1;
	now = (struct consumed){u.cp, u.cp - u.cp_left};
	before = (struct consumed){u.cp - change->cp, now.used};
	return check_budget(tx, fund, "cp", year, &before, &now, err);
}

int alert_watch_grant(struct tx *tx, int64_t fund, const struct rule_grant *by, int year, int64_t taken,
		      int64_t used, struct err *err)
{
	char scope[CODE_MAX + 16];

	if (year == 0)
		snprintf(scope, sizeof scope, "%s/period", by->grant);
	else
		snprintf(scope, sizeof scope, "%s/%d", by->grant, year);
	for (unsigned i = 0; i < sizeof thresholds / sizeof thresholds[0]; i++)
		if (crossed(thresholds[i], by->envelope, used, taken) &&
		    raise_alert(tx, ALERT_GRANT_80 + i, fund, scope, used * 100 / by->envelope, err) != 0)
			return -1;
	return 0;
}

int alert_watch_budget(struct tx *tx, const struct entry *e, struct err *err)
{
	for (size_t i = 0; i < e->count; i++) {
		const struct transfer *t = &e->transfer[i];
		int64_t taken = 0;
		size_t first = 0;

		if (!takes_budget(t))
			continue;
		while (!takes_budget(&e->transfer[first]) || !same_budget(&e->transfer[first], t))
			first++;
		if (first < i)
			continue;
		for (size_t k = i; k < e->count; k++)
			if (takes_budget(&e->transfer[k]) && same_budget(&e->transfer[k], t))
				taken += e->transfer[k].amount;
		if (check_thresholds(tx, t, taken, err) != 0)
			return -1;
	}
	return 0;
}

/* The running figure after by was added to it. */
static int add(struct tx *tx, enum alert_kind kind, int64_t subject, int64_t period, int64_t by,
	       int64_t *figure, struct err *err)
{
	int rc = db_int(
		tx->db,
		"INSERT INTO watch (kind, subject, period, figure) VALUES ($1, $2, $3, $4) "
		"ON CONFLICT (kind, subject, period) DO UPDATE SET figure = watch.figure + $4 RETURNING figure",
		VALS(v_int(kind), v_int(subject), v_int(period), v_int(by)), figure, err);

	return rc == 1 ? 0 : -1;
}

static int watch_share(struct tx *tx, const struct rule *rule, const struct watched_order *o, struct err *err)
{
	char scope[2 * CODE_MAX + 2];
	int64_t all, its;

	if (rule->alert_share_pct == 0)
		return 0;
	if (add(tx, ALERT_PROVIDER_SHARE, ALL_PROVIDERS, rule->id, o->price, &all, err) != 0 ||
	    add(tx, ALERT_PROVIDER_SHARE, o->provider, rule->id, o->price, &its, err) != 0)
		return -1;
	if (all < rule->alert_share_from || its * 100 <= all * rule->alert_share_pct)
		return 0;
	snprintf(scope, sizeof scope, "%s/%s", rule->programme, rule->version);
	return raise_alert(tx, ALERT_PROVIDER_SHARE, o->provider, scope, its * 100 / all, err);
}

static int watch_growth(struct tx *tx, const struct rule *rule, const struct watched_order *o,
			struct err *err)
{
	int64_t now, before = 0, month;
	char scope[DATE_TEXT];

	if (rule->alert_growth_pct == 0)
		return 0;
	day_format(tx->today, scope);
	scope[sizeof "2026-03" - 1] = '\0';
	month = (int64_t)day_year(tx->today) * 12 + (scope[5] - '0') * 10 + (scope[6] - '0') - 1;
	if (add(tx, ALERT_PROVIDER_GROWTH, o->provider, month, o->price, &now, err) != 0 ||
	    db_int(tx->db, "SELECT figure FROM watch WHERE kind = $1 AND subject = $2 AND period = $3",
		   VALS(v_int(ALERT_PROVIDER_GROWTH), v_int(o->provider), v_int(month - 1)), &before,
		   err) < 0)
		return -1;
	if (now < rule->alert_growth_from || (now - before) * 100 <= before * rule->alert_growth_pct)
		return 0;
	return raise_alert(tx, ALERT_PROVIDER_GROWTH, o->provider, scope, now, err);
}

/* 1 when the course had its alert within the days over which a rush is counted. */
static int raised_lately(struct tx *tx, const struct rule *rule, int64_t course, struct err *err)
{
	char since[DATE_TEXT];
	int64_t one;

	return db_int(tx->db, "SELECT 1 FROM alert WHERE kind = $1 AND subject = $2 AND scope >= $3 LIMIT 1",
		      VALS(v_int(ALERT_COURSE_RUSH), v_int(course),
			   v_text(day_format(tx->today - rule->alert_rush_days + 1, since))),
		      &one, err);
}

static int watch_rush(struct tx *tx, const struct rule *rule, const struct watched_order *o, struct err *err)
{
	char today[DATE_TEXT];
	int64_t orders;
	int rc;

	if (rule->alert_rush_orders == 0)
		return 0;
	if (add(tx, ALERT_COURSE_RUSH, o->course, tx->today, 1, &orders, err) != 0 ||
	    db_int(tx->db, "SELECT sum(figure) FROM watch WHERE kind = $1 AND subject = $2 AND period > $3",
		   VALS(v_int(ALERT_COURSE_RUSH), v_int(o->course), v_int(tx->today - rule->alert_rush_days)),
		   &orders, err) < 0)
		return -1;
	if (orders <= rule->alert_rush_orders)
		return 0;
	rc = raised_lately(tx, rule, o->course, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return raise_alert(tx, ALERT_COURSE_RUSH, o->course, day_format(tx->today, today), orders, err);
}

int alert_watch_order(struct tx *tx, const struct rule *rule, const struct watched_order *o, struct err *err)
{
	if (watch_share(tx, rule, o, err) != 0 || watch_growth(tx, rule, o, err) != 0)
		return -1;
	return watch_rush(tx, rule, o, err);
}

int alert_watch_voucher(struct tx *tx, enum alert_kind kind, int64_t provider, const struct uuid *voucher,
			int64_t figure, struct err *err)
{
	char scope[UUID_TEXT];

	return raise_alert(tx, kind, provider, uuid_format(voucher, scope), figure, err);
}

int alert_settle_voucher(struct tx *tx, enum alert_kind kind, int64_t provider, const struct uuid *voucher,
			 const char *outcome, struct err *err)
{
	char scope[UUID_TEXT];

	return db_run(tx->db,
		      "UPDATE alert SET closed_at = $4, closed_by = $5, outcome = $6 "
		      "WHERE kind = $1 AND subject = $2 AND scope = $3 AND closed_at IS NULL",
		      VALS(v_int(kind), v_int(provider), v_text(uuid_format(voucher, scope)), v_int(tx->now),
			   v_text("ledger"), v_text(outcome)),
		      err);
}

int alert_watch_account(struct tx *tx, const struct org *o, struct err *err)
{
	char other[CODE_MAX + 1] = "";
	int64_t sharing = 1;
	struct stmt *q;
	int rc;

	if (o->iban[0] == '\0' || (o->roles & ROLE_BIT(ROLE_PROVIDER)) == 0)
		return 0;
	q = db_query(
		tx->db,
		"SELECT code, roles FROM organisation WHERE iban = $1 AND id <> $2 ORDER BY code LIMIT $3",
		VALS(v_text(o->iban), v_int(o->id), v_int(ACCOUNT_SHARERS_MAX)), err);
	while ((rc = db_step(q, err)) == 1) {
		if ((col_int(q, 1) & ROLE_BIT(ROLE_PROVIDER)) == 0)
			continue;
		if (sharing++ == 1)
			col_copy(q, 0, other, sizeof other);
	}
	if (rc < 0 || sharing == 1)
		return rc < 0 ? -1 : 0;
	return raise_alert(tx, ALERT_SAME_BANK_ACCOUNT, o->id, other, sharing, err);
}

int alert_watch_codes(struct tx *tx, int64_t provider, int64_t key, int64_t wrong, struct err *err)
{
	char scope[DATE_TEXT + 24], day[DATE_TEXT];

	snprintf(scope, sizeof scope, "%lld/%s", (long long)key, day_format(tx->today, day));
	return raise_alert(tx, ALERT_WRONG_CODES, provider, scope, wrong, err);
}

int alert_watch_accrual(struct tx *tx, int64_t fund, const char *programme, int period, int64_t learners,
			const char *outcome, struct err *err)
{
	char scope[CODE_MAX + 16];
	int known;

	snprintf(scope, sizeof scope, "%s/%d", programme, period);
	if (outcome != NULL)
		return db_run(tx->db,
			      "UPDATE alert SET figure = $4, closed_at = $5, closed_by = $6, outcome = $7 "
			      "WHERE kind = $1 AND subject = $2 AND scope = $3 AND closed_at IS NULL",
			      VALS(v_int(ALERT_ACCRUAL_UNFINISHED), v_int(fund), v_text(scope),
				   v_int(learners), v_int(tx->now), v_text("ledger"), v_text(outcome)),
			      err);
	known = is_known(tx, ALERT_ACCRUAL_UNFINISHED, fund, scope, err);
	if (known != 1)
		return known < 0 ? -1 : add_alert(tx, ALERT_ACCRUAL_UNFINISHED, fund, scope, learners, err);
	return db_run(
		tx->db,
		"UPDATE alert SET figure = $4, raised_at = CASE WHEN closed_at IS NULL THEN raised_at ELSE $5 "
		"END, closed_at = NULL, closed_by = NULL, outcome = NULL "
		"WHERE kind = $1 AND subject = $2 AND scope = $3",
		VALS(v_int(ALERT_ACCRUAL_UNFINISHED), v_int(fund), v_text(scope), v_int(learners),
		     v_int(tx->now)),
		err);
}

int alert_watch_webhook(struct tx *tx, int64_t org, int64_t webhook, int64_t entry, int64_t late,
			struct err *err)
{
	char scope[48];

	snprintf(scope, sizeof scope, "%lld/%lld", (long long)webhook, (long long)entry);
	return raise_alert(tx, ALERT_WEBHOOK_OFF, org, scope, late, err);
}

int64_t alert_position(const struct alert *a)
{
	return a->closed_at != 0 ? a->id + ID_MAX : a->id;
}

int alert_list(struct db *db, int64_t after, size_t max, struct alert *out, size_t *n, struct err *err)
{
	size_t open = 0;

	*n = 0;
	if (after < ID_MAX &&
	    record_list(db, &alert_record, "WHERE closed_at IS NULL AND id > $1 ORDER BY id LIMIT $2",
			VALS(v_int(after), v_int((int64_t)max)), out, sizeof *out, &open, err) != 0)
		return -1;
	if (open < max &&
	    record_list(db, &alert_record, "WHERE closed_at IS NOT NULL AND id > $1 ORDER BY id LIMIT $2",
			VALS(v_int(after < ID_MAX ? 0 : after - ID_MAX), v_int((int64_t)(max - open))),
			out + open, sizeof *out, n, err) != 0)
		return -1;
	*n += open;
	return 0;
}

int alert_close(struct tx *tx, int64_t id, const char *outcome, struct alert *a, struct err *err)
{
	int rc;

	if (tx->actor.role != ROLE_CONTROLLER)
		return err_set(err, ERR_FORBIDDEN, NULL, "Only a controller can close alerts.");
	if (!check_reason(outcome))
		return err_set(err, ERR_FIELD_INVALID, "outcome",
			       "The outcome must be a word of a-z, 0-9 and _, such as no_finding.");
	rc = record_find(tx->db, &alert_record, "WHERE id = $1", VALS(v_int(id)), a, err);
	if (rc != 1)
		return rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, NULL, "There is no such alert.");
	if (a->closed_at != 0)
		return err_set(err, ERR_ALERT_CLOSED, NULL, "%s has closed this alert already: %s.",
			       a->closed_by, a->outcome);
	a->closed_at = tx->now;
	memcpy(a->closed_by, tx->actor.principal, sizeof a->closed_by);
	snprintf(a->outcome, sizeof a->outcome, "%s", outcome);
	return record_update(tx->db, &alert_record, a, err);
}
