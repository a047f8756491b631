/*
 * ledger/lists/payment_list: whatever is asked for, in pages of whatever size, a list is what somebody finds
 * who looks at every payment.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/lists/payment_list.h"
#include "tests/lib/fixture.h"

#define PAYMENTS 1300
#define TRIES    150

static struct fixture f;
static struct payment all[PAYMENTS + 1]; /* by number */
static int noted[PAYMENTS + 1];          /* the reference "R%d"; 0 none */
static int64_t payee[3];
static unsigned draws = 7;

static int draw(int below)
{
	draws = draws * 1664525u + 1013904223u;
	return (int)((draws >> 8) % (unsigned)below);
}

static int64_t org(struct db *db, const char *code)
{
	struct err err = {0};
	struct org o;

	assert_int_equal(org_find(db, code, &o, &err), 1);
	return o.id;
}

static void make_all(struct tx *tx, struct err *err)
{
	payee[0] = org(tx->db, FIXTURE_PROVIDER_A);
	payee[1] = org(tx->db, FIXTURE_PROVIDER_B);
	payee[2] = org(tx->db, "ACME");
	for (int64_t id = 1; id <= PAYMENTS; id++) {
		struct payment *p = &all[id];

		*p = (struct payment){.id = id,
				      .provider = payee[draw(20) == 0 ? 1 + draw(2) : 0],
				      .kind = (enum payment_kind)(PAYMENT_FINAL + draw(4)),
				      .state = draw(15) == 0 ? PAYMENT_ORDERED
							     : (enum payment_state)(PAYMENT_PAID + draw(2)),
				      .amount = 100,
				      .iban = "FR7630006000011234567890189",
				      .year = 2026,
				      .ordered_on = tx->today,
				      .ordered_by = "authoriser",
				      .seq = 1 + draw(PAYMENTS)};
		p->settled_on = p->state == PAYMENT_ORDERED ? DAY_NONE : tx->today;
		p->uuid.bytes[0] = 2;
		memcpy(p->uuid.bytes + 8, &id, sizeof id);
		assert_int_equal(record_insert(tx->db, &payment_record, p, err), 0);
		if (draw(2)) {
			struct metadata m = {.pairs = {0}};

			noted[id] = draw(9) == 0 ? 1 + draw(3) : 4;
			snprintf(m.reference, sizeof m.reference, "R%d", noted[id]);
			assert_int_equal(metadata_put(tx, METADATA_PAYMENT, id, &m, err), 0);
		}
	}
}

static int fits(const struct payment_filter *q, const struct payment *p)
{
	return (q->reference[0] == '\0' || noted[p->id] == q->reference[1] - '0') &&
	       (q->states == 0 || (q->states & STATE_BIT(p->state)) != 0) &&
	       (q->kinds == 0 || (q->kinds & STATE_BIT(p->kind)) != 0) &&
	       (q->payee == 0 || q->payee == p->provider) && (!q->since_known || p->seq > q->since);
}

struct got {
	int64_t id[PAYMENTS + 1];
	size_t count;
};

static int take(void *arg, const struct payment_row *row, struct err *err)
{
	struct got *got = arg;
	const struct payment *p = &all[row->p.id];

	(void)err;
	assert_true(got->count < PAYMENTS);
	got->id[got->count++] = row->p.id;
	assert_memory_equal(&row->p.uuid, &p->uuid, sizeof p->uuid);
	assert_int_equal(row->p.provider, p->provider);
	assert_int_equal(row->p.settled_on, p->settled_on);
	assert_string_equal(row->p.iban, p->iban);
	return 0;
}

static void walk(struct db *db, const struct payment_filter *q, size_t limit, struct got *got)
{
	struct list_page page = {.max = limit};
	struct err err = {0};

	got->count = 0;
	do {
		size_t before = got->count;

		assert_int_equal(payment_list(db, q, &page, take, got, &err), 0);
		assert_true(got->count - before <= limit);
		assert_true(!page.has_more || page.next != page.after);
		page.after = page.next;
	} while (page.has_more);
}

static struct payment_filter draw_filter(void)
{
	struct payment_filter q = {0};

	if (draw(2))
		q.states = STATE_BIT(PAYMENT_ORDERED) | STATE_BIT(draw(4));
	if (q.states == STATE_BIT(PAYMENT_ORDERED) || draw(3) == 0)
		q.kinds = STATE_BIT(draw(5)) | STATE_BIT(PAYMENT_BACK);
	if (draw(2))
		q.payee = draw(9) == 0 ? -1 : payee[draw(3)];
	if (draw(3) == 0)
		snprintf(q.reference, sizeof q.reference, "R%d", 1 + draw(5));
	if (draw(3) == 0) {
		q.since_known = 1;
		q.since = draw(PAYMENTS + 2);
	}
	return q;
}

static void a_list_is_what_somebody_finds_who_looks_at_every_payment(void **state)
{
	static struct got got;
	struct db *db = ledger_reader(f.l, &f.err);

	(void)state;
	assert_non_null(db);
	assert_int_equal(db_begin(db, &f.err), 0);
	for (int i = 0; i < TRIES; i++) {
		struct payment_filter q = draw_filter();
		size_t n = 0;

		walk(db, &q, (size_t)(1 + draw(200)), &got);
		for (int64_t id = PAYMENTS; id > 0; id--)
			if (fits(&q, &all[id]) && (n >= got.count || got.id[n++] != id))
				fail_msg("payment %d is left out, in try %d", (int)id, i);
		assert_int_equal(got.count, n);
	}
	db_rollback(db);
	ledger_reader_back(f.l, db);
}

static int set_up(void **state)
{
	(void)state;
	fixture_open(&f);
	fixture_direct(&f, make_all);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_close(&f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_what_somebody_finds_who_looks_at_every_payment),
	};

	return cmocka_run_group_tests_name("unit/lists/payment_list", tests, set_up, tear_down);
}
