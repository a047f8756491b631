/*
 * Hot is not slow: redemptions that all draw on one fund, beside as many that are
 * spread over a thousand.  The vouchers are the same but for the fund: one share,
 * of an employer's money, no co-payment.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/treasury/contribution.h"
#include "ledger/seasons/enact.h"
#include "ledger/rights/topup.h"
#include "ledger/voucher/voucher.h"
#include "tests/bench/bench.h"

#define FUNDS  1000
#define PRICE  30000 /* of C-A2, cents */
#define BUDGET 0.9

static struct served *const s = &bench_served;

static void fund_code(size_t number, char out[CODE_MAX + 1])
{
	snprintf(out, CODE_MAX + 1, "spread-%04zu", number);
}

/* One programme with as many funds as a rule may have. */
static int put_programme(struct tx *tx, size_t first, size_t count, struct err *err)
{
	struct buf text;
	enum upsert done;
	int rc;

	buf_init(&text, RULE_BYTES_MAX);
	buf_format(&text,
		   "{\"programme\":\"spread-%zu\",\"version\":\"2026\",\"account\":\"cpf\",\"valid_from\":"
		   "\"2026-01-01\",\"valid_to\":\"2026-12-31\",\"currency\":\"EUR\",\"time_zone\":"
		   "\"Europe/Paris\",\"calendar\":\"FR\",\"funds\":[",
		   first);
	for (size_t i = first; i < first + count; i++) {
		char code[CODE_MAX + 1];

		fund_code(i, code);
		buf_format(
			&text,
			"%s{\"fund\":\"%s\",\"funder\":\"ACME\",\"class\":\"employer\",\"nature\":\"cash\","
			"\"unspent\":\"funder\"}",
			i > first ? "," : "", code);
	}
	buf_text_add(&text, "]}");
	rc = rule_enact(tx, buf_text(&text), text.len, &done, err);
	buf_free(&text);
	return rc;
}

static int put_money(struct tx *tx, size_t fund, int64_t amount, struct err *err)
{
	struct contribution c = {.kind = CONTRIBUTION_PAYMENT, .amount = amount, .value_date = tx->today};
	enum upsert done;
	int64_t seq;

	fund_code(fund, c.fund);
	snprintf(c.reference, sizeof c.reference, "SPREAD-%zu", fund);
	return contribution_post(tx, &c, &seq, &done, err);
}

static int put_funds(struct tx *tx, size_t hot, struct err *err)
{
	size_t each = hot / FUNDS + 1;

	for (size_t i = 0; i < FUNDS; i += FUNDS_PER_RULE_MAX)
		if (put_programme(tx, i, FUNDS - i < FUNDS_PER_RULE_MAX ? FUNDS - i : FUNDS_PER_RULE_MAX,
				  err) != 0)
			return -1;
	for (size_t i = 0; i < FUNDS; i++)
		if (put_money(tx, i, (int64_t)(i == 0 ? hot + each : each) * PRICE, err) != 0)
			return -1;
	return 0;
}

/* A learner who has nothing but a top-up of the fund, and the order that takes it all. */
static int put_voucher(struct tx *tx, size_t number, size_t fund, struct err *err)
{
	struct learner l = {.work_pct = 100, .active_from = tx->today, .closed_on = DAY_NONE};
	struct topup t = {.amount = PRICE, .expires_on = DAY_NONE};
	struct accept a = {.master = ledger_master(s->f.l),
			   .course = "C-A2",
			   .copay_reference = "",
			   .session_start = tx->today,
			   .session_end = DAY_NONE};
	struct voucher v;
	enum upsert done;
	int64_t lot, seq;

	snprintf(l.code, sizeof l.code, "H%05zu", number);
	snprintf(l.programme, sizeof l.programme, "cpf");
	snprintf(t.reference, sizeof t.reference, "TOP-%zu", number);
	memcpy(t.learner, l.code, sizeof t.learner);
	memcpy(a.learner, l.code, sizeof a.learner);
	fund_code(fund, t.fund);
	if (learner_upsert(tx, &l, 0, &done, err) != 0 || topup_post(tx, &t, &lot, &seq, &done, err) != 0 ||
	    voucher_accept(tx, &a, &v, err) != 0)
		return -1;
	voucher_code(a.master, v.id, tx->idempotency_key, s->code[s->vouchers++]);
	return 0;
}

/* The hot ones first, then those that are spread; may run twice. */
static int prepare(struct tx *tx, struct command *c, struct err *err)
{
	const struct plan *plan = c->args;

	s->vouchers = plan->vouchers + plan->beside;
	tx->idempotency_key = "spread";
	if (put_funds(tx, plan->hot, err) != 0)
		return -1;
	for (size_t i = 0; i < 2 * plan->hot; i++)
		if (put_voucher(tx, i, i < plan->hot ? 0 : i % FUNDS, err) != 0)
			return -1;
	return 0;
}

void bench_hot_prepare(const struct plan *plan)
{
	struct actor itself = {0};
	struct plan copy = *plan;

	if (plan->vouchers + plan->beside + 2 * plan->hot > SERVED_VOUCHERS_MAX ||
	    fixture_run(&s->f, &itself, prepare, &copy) != 0)
		give_up(s->f.err.text);
}

/* Hot, spread, spread, hot: what gets slower or faster with time counts on both sides alike; and again. */
void bench_hot(const struct plan *plan)
{
	static const int order[] = {0, 1, 1, 0, 0, 1, 1, 0};
	size_t part = plan->hot / 4, done[2] = {0}, first = plan->vouchers + plan->beside;
	double seconds[2] = {0};
	struct phase last[2];

	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		int spread = order[i];
		struct phase p = {.name = "redemptions",
				  .connections = 64,
				  .first = first + (spread ? plan->hot : 0) + done[spread],
				  .count = part,
				  .request = request_redemption,
				  .expected = 201};

		phase_run(&p);
		done[spread] += part;
		seconds[spread] += (double)part / p.rate;
		last[spread] = p;
	}
	line("redemptions, one fund beside 1,000", (double)done[0] / seconds[0], (double)done[1] / seconds[1],
	     "1,000 funds", BUDGET);
	phase_lines(&last[0]);
	phase_lines(&last[1]);
}
