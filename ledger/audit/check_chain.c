/*
 * A voucher's history is complete: from its head every entry names the one
 * before, back to its request or acceptance, and every entry that concerns it is on the way.
 *
 * Each entry takes away the mark (voucher, entry before) and leaves the mark
 * (voucher, entry); each voucher puts its first mark and takes its last.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/check.h"
#include "ledger/audit/sieve.h"

/* The words of a voucher's row in the second reading. */
enum { LAST, HAS_ROW, WORDS };

struct state {
	struct sieve sieve;
	struct table vouchers; /* of the groups that differ */
};

static int begin(struct audit *a, void **state, struct err *err)
{
	struct state *s;

	(void)a;
	if (audit_state(sizeof *s, state, err) != 0)
		return -1;
	s = *state;
	table_init(&s->vouchers, WORDS, LOCATE_ROWS_MAX);
	return sieve_open(&s->sieve, 1, err);
}

static wide_t mark(const struct state *s, int64_t voucher, int64_t seq)
{
	return sieve_hash(&s->sieve, (uint64_t)voucher, ~(uint64_t)seq);
}

static int follow(struct state *s, struct table_key key, int64_t **row, struct err *err)
{
	*row = table_take(&s->vouchers, key, err);
	return *row != NULL || s->vouchers.overfull ? 0 : -1;
}

static int examine(struct audit *a, struct state *s, const struct entry *e, struct table_key key,
		   struct err *err)
{
	char named[AUDIT_ENTRY_TEXT], last[AUDIT_ENTRY_TEXT];
	int64_t *row;

	if (follow(s, key, &row, err) != 0)
		return -1;
	if (row == NULL)
		return 0;
	if (e->previous != row[LAST])
		audit_fault(a, e->seq,
			    "Entry %" PRId64 " of voucher %" PRId64 " names %s as the one before, it is %s.",
			    e->seq, e->voucher, audit_entry_text(e->previous, named),
			    audit_entry_text(row[LAST], last));
	row[LAST] = e->seq;
	return 0;
}

static int entry(struct audit *a, void *state, const struct audit_row *row, struct err *err)
{
	struct state *s = state;
	const struct entry *e = &row->e;
	struct table_key key = {(uint64_t)e->voucher, 0};

	if (row->headless)
		return 0;
	if (e->voucher == 0) {
		if (e->previous != 0)
			audit_fault(a, e->seq,
				    "Entry %" PRId64 " concerns no voucher, but names entry %" PRId64
				    " before it.",
				    e->seq, e->previous);
		return 0;
	}
	audit_looked(a, 1);
	if (!s->sieve.locating)
		sieve_put(&s->sieve, key, 0, mark(s, e->voucher, e->seq) - mark(s, e->voucher, e->previous));
	if (sieve_wants(&s->sieve, key))
		return examine(a, s, e, key, err);
	/* A history begins with a request, and only there; or with the acceptance of an order by catalogue.
	 */
	if (e->previous == 0 && strcmp(e->kind, "request") != 0 && strcmp(e->kind, "accept") != 0)
		audit_fault(a, e->seq,
			    "Entry %" PRId64 " of voucher %" PRId64
			    " (%s) is the first, but no request or acceptance.",
			    e->seq, e->voucher, e->kind);
	if (e->previous != 0 && strcmp(e->kind, "request") == 0)
		audit_fault(a, e->seq,
			    "Entry %" PRId64 " of voucher %" PRId64 " is a request, but not the first.",
			    e->seq, e->voucher);
	return 0;
}

static int compare(struct audit *a, struct state *s, int64_t voucher, int64_t head, struct err *err)
{
	char named[AUDIT_ENTRY_TEXT], last[AUDIT_ENTRY_TEXT];
	int64_t *row;

	if (follow(s, (struct table_key){(uint64_t)voucher, 0}, &row, err) != 0)
		return -1;
	if (row == NULL)
		return 0;
	if (head != row[LAST])
		audit_fault(a, 0, "Voucher %" PRId64 " names %s as its last, the journal's last is %s.",
			    voucher, audit_entry_text(head, named), audit_entry_text(row[LAST], last));
	row[HAS_ROW] = 1;
	return 0;
}

static int read_vouchers(struct audit *a, struct state *s, struct err *err)
{
	struct stmt *q = db_query(a->db, "SELECT id, head FROM voucher ORDER BY id", NO_VALS, err);
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		int64_t id = col_int(q, 0);
		struct table_key key = {(uint64_t)id, 0};

		if (!s->sieve.locating)
			sieve_take(&s->sieve, key, 0, mark(s, id, col_int(q, 1)) - mark(s, id, 0));
		else if (sieve_wants(&s->sieve, key) && compare(a, s, id, col_int(q, 1), err) != 0)
			break;
	}
	db_done(q);
	return rc == 0 ? 0 : -1;
}

static int end(struct audit *a, void *state, struct err *err)
{
	struct state *s = state;
	struct table_key key;
	const int64_t *row;

	if (read_vouchers(a, s, err) != 0)
		return -1;
	if (!s->sieve.locating)
		return sieve_close(&s->sieve);
	table_sort(&s->vouchers);
	for (size_t i = 0; (row = table_at(&s->vouchers, i, &key)) != NULL; i++)
		if (!row[HAS_ROW])
			audit_fault(a, row[LAST],
				    "Entry %" PRId64 " concerns voucher %" PRId64 ", which does not exist.",
				    row[LAST], (int64_t)key.a);
	if (s->vouchers.overfull || s->sieve.more)
		audit_fault(a, 0, "More vouchers differ than can be named in one run.");
	return 0;
}

static void release(void *state)
{
	struct state *s = state;

	sieve_free(&s->sieve);
	table_free(&s->vouchers);
	free(s);
}

const struct audit_check check_chain = {
	.name = "chain",
	.what = "every voucher's entries are linked from its head back to its first",
	.unit = "entries",
	.open = begin,
	.entry = entry,
	.close = end,
	.free = release,
};
