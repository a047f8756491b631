#include "tests/lib/stap.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/rights/accrual.h"
#include "ledger/registers/learner.h"
#include "ledger/seasons/enact.h"

static int put_programme(struct tx *tx, const struct stap *s, int pct, struct err *err)
{
	char text[2048], intake[128] = "", sample[128] = "";
	long long budget = (long long)s->places * STAP_PRICE;
	enum upsert done;

	if (s->order != NULL)
		snprintf(intake, sizeof intake,
			 "\"intake\": {\"from\": \"%s\", \"to\": \"%s\", \"order\": \"%s\"},", s->from, s->to,
			 s->order);
	if (pct > 0)
		snprintf(sample, sizeof sample,
			 "\"control\": {\"max_days\": 90, \"freeze_max_days\": 183}, "
			 "\"sample\": {\"pct\": %d, \"days\": 15},",
			 pct);
	snprintf(text, sizeof text,
		 "{\"programme\": \"stap\", \"version\": \"2026\", \"valid_from\": \"2026-01-01\", "
		 "\"valid_to\": \"2026-12-31\", \"currency\": \"EUR\", \"time_zone\": \"Europe/Paris\", "
		 "\"calendar\": \"NONE\", %s %s \"funds\": [{\"fund\": \"stap-2026\", \"funder\": \"FC\", "
		 "\"class\": \"state\", \"nature\": \"notional\", \"unspent\": \"pool\", "
		 "\"budget\": [{\"year\": 2026, \"ae\": %lld, \"cp\": %lld}]}], "
		 "\"accrual\": {\"fund\": \"stap-2026\", \"annual\": %d, \"cap\": %d, "
		 "\"full_time_threshold_pct\": 0, \"first_year\": 2025}, "
		 "\"drawdown\": {\"preset\": \"sfc\"}, \"deadlines\": {\"withdraw_days\": 14, "
		 "\"cancel_free_working_days\": 7, \"entry_declare_working_days\": 3, "
		 "\"exit_declare_working_days\": 3, \"validate_auto_working_days\": 5, \"pay_days\": 30, "
		 "\"iban_quiet_days\": 0, \"start_within_days\": 365}, "
		 "\"completion\": {\"pay_curve\": [{\"from\": 0, \"pay\": \"rate\"}]}}",
		 intake, sample, budget, budget, STAP_PRICE, STAP_PRICE);
	return rule_enact(tx, text, strlen(text), &done, err);
}

static int put_learners(struct tx *tx, int n, struct err *err)
{
	struct accrual_run run = {.finished = 0};
	struct org portal;

	if (org_find(tx->db, "PORTAL", &portal, err) != 1)
		return -1;
	for (int i = 1; i <= n; i++) {
		struct learner l = {.portal = portal.id,
				    .work_pct = 100,
				    .active_from = tx->today,
				    .closed_on = DAY_NONE};
		enum upsert done;

		snprintf(l.code, sizeof l.code, "S%d", i);
		snprintf(l.programme, sizeof l.programme, "stap");
		if (learner_upsert(tx, &l, 0, &done, err) != 0)
			return -1;
	}
	while (!run.finished)
		if (accrual_go_on(tx, "stap", 2025, 5000, &run, err) != 0)
			return -1;
	return 0;
}

struct opened {
	const struct stap *stap;
	int pct;
};

static int set_up(struct tx *tx, struct command *c, struct err *err)
{
	const struct opened *o = c->args;

	return put_programme(tx, o->stap, o->pct, err) == 0 ? put_learners(tx, o->stap->learners, err) : -1;
}

void stap_open_sampled(struct fixture *f, const struct stap *s, int pct)
{
	struct actor itself = {0};
	struct opened args = {s, pct};

	if (fixture_run(f, &itself, set_up, &args) != 0)
		fail_msg("%s", f->err.text);
}

void stap_open(struct fixture *f, const struct stap *s)
{
	stap_open_sampled(f, s, 0);
}

char *stap_order(char *out, size_t size, int i)
{
	snprintf(out, size, "{\"learner\":\"S%d\",\"course\":\"C-A2\",\"session_start\":\"2026-03-02\"}", i);
	return out;
}
