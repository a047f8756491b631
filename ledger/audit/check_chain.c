/*
 * The history of a voucher, and of every other row that the journal seals, is
 * complete: from the entry that the row names each entry names the one before,
 * back to the first, and every entry about the row is on the way.  A voucher's
 * begins with its request or acceptance.
 *
 * Each entry takes away the mark (row, entry before) and leaves the mark
 * (row, entry); each row puts its first mark and takes its last.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/check.h"
#include "ledger/audit/sealed.h"
#include "ledger/audit/sieve.h"
#include "ledger/base/hash.h"

/* The words of a row in the second reading. */
enum { LAST, HAS_ROW, WORDS };

struct state {
	struct sieve sieve;
	struct table rows; /* of the groups that differ */
	struct sealed_row row;
};

static int begin(struct audit *a, void **state, struct err *err)
{
	struct state *s;

	(void)a;
	if (audit_state(sizeof *s, state, err) != 0)
		return -1;
	s = *state;
	table_init(&s->rows, WORDS, LOCATE_ROWS_MAX);
	return sieve_open(&s->sieve, 1, err);
}

static wide_t mark(const struct state *s, struct table_key row, int64_t seq)
{
	return sieve_hash(&s->sieve, row.a ^ row.b, ~(uint64_t)seq);
}

/* From another beginning for each half of the key.  Asked for each entry and each row: it must cost little.
 */
static struct table_key key_of(const char *kind, const char *subject)
{
	return (struct table_key){hash_text(hash_text(HASH_START, kind), subject),
				  hash_text(hash_text(hash_mix(HASH_START), kind), subject)};
}

/* What an entry is about: 0 nothing that has a chain. */
static int about(const struct entry *e, struct table_key *key)
{
	if (e->voucher != 0)
		*key = (struct table_key){(uint64_t)e->voucher, 0};
	else if (e->subject_kind[0] != '\0')
		*key = key_of(e->subject_kind, e->subject);
	else
		return 0;
	return 1;
}

static void about_text(const struct entry *e, char text[SEALED_NAME])
{
	if (e->voucher != 0)
		snprintf(text, SEALED_NAME, "voucher %" PRId64, e->voucher);
	else
		sealed_name(e->subject_kind, e->subject, text);
}

static int follow(struct state *s, struct table_key key, int64_t **row, struct err *err)
{
	*row = table_take(&s->rows, key, err);
	return *row != NULL || s->rows.overfull ? 0 : -1;
}

static int examine(struct audit *a, struct state *s, const struct entry *e, struct table_key key,
		   struct err *err)
{
	char named[AUDIT_ENTRY_TEXT], last[AUDIT_ENTRY_TEXT], what[SEALED_NAME];
	int64_t *row;

	if (follow(s, key, &row, err) != 0)
		return -1;
	if (row == NULL)
		return 0;
	if (e->previous != row[LAST]) {
		about_text(e, what);
		audit_fault(a, e->seq, "Entry %" PRId64 " of %s names %s as the one before; it should be %s.",
			    e->seq, what, audit_entry_text(e->previous, named),
			    audit_entry_text(row[LAST], last));
	}
	row[LAST] = e->seq;
	return 0;
}

/*
 * A voucher's history begins with a request, and only there; or with the acceptance of an order by catalogue.
 */
static void check_beginning(struct audit *a, const struct entry *e)
{
	if (e->previous == 0 && strcmp(e->kind, "request") != 0 && strcmp(e->kind, "accept") != 0)
		audit_fault(a, e->seq,
			    "Entry %" PRId64 " of voucher %" PRId64
			    " (%s) is the first, but no request or acceptance.",
			    e->seq, e->voucher, e->kind);
	if (e->previous != 0 && strcmp(e->kind, "request") == 0)
		audit_fault(a, e->seq,
			    "Entry %" PRId64 " of voucher %" PRId64 " is a request, but not the first.",
			    e->seq, e->voucher);
}

static int entry(struct audit *a, void *state, const struct audit_row *row, struct err *err)
{
	struct state *s = state;
	const struct entry *e = &row->e;
	struct table_key key;

	if (row->headless)
		return 0;
	if (!about(e, &key)) {
		if (e->previous != 0)
			audit_fault(a, e->seq,
				    "Entry %" PRId64 " concerns no voucher and seals no row, but names entry "
				    "%" PRId64 " before it.",
				    e->seq, e->previous);
		return 0;
	}
	audit_looked(a, 1);
	if (!s->sieve.locating)
		sieve_put(&s->sieve, key, 0, mark(s, key, e->seq) - mark(s, key, e->previous));
	if (sieve_wants(&s->sieve, key))
		return examine(a, s, e, key, err);
	if (e->voucher != 0)
		check_beginning(a, e);
	return 0;
}

static int compare(struct audit *a, struct state *s, const char *kind, struct table_key key, struct err *err)
{
	char named[AUDIT_ENTRY_TEXT], last[AUDIT_ENTRY_TEXT], name[SEALED_NAME];
	int64_t *row;

	if (follow(s, key, &row, err) != 0)
		return -1;
	if (row == NULL)
		return 0;
	if (s->row.seq != row[LAST])
		audit_fault(a, 0, "The journal's last entry of %s is %s; its row names %s.",
			    sealed_name(kind, s->row.subject, name), audit_entry_text(row[LAST], last),
			    audit_entry_text(s->row.seq, named));
	row[HAS_ROW] = 1;
	return 0;
}

static int read_rows(struct audit *a, struct state *s, const struct sealed_table *t, int vouchers,
		     struct err *err)
{
	struct stmt *q = db_query(a->db, t->keys, NO_VALS, err);
	int rc;

	s->row.known = 0;
	while ((rc = db_step(q, err)) == 1) {
		struct table_key key;

		sealed_read(q, t, &s->row);
		key = vouchers ? (struct table_key){strtoull(s->row.subject, NULL, 10), 0}
			       : key_of(t->name, s->row.subject);
		if (!s->sieve.locating)
			sieve_take(&s->sieve, key, 0, mark(s, key, s->row.seq) - mark(s, key, 0));
		else if (sieve_wants(&s->sieve, key) && compare(a, s, t->name, key, err) != 0)
			break;
	}
	db_done(q);
	return rc == 0 ? 0 : -1;
}

/* An entry about a row that does not exist is called by its own words. */
static int missing(struct audit *a, int64_t seq, struct err *err)
{
	struct stmt *q =
		db_query(a->db,
			 "SELECT coalesce(subject_kind, 'voucher'), coalesce(subject, CAST(voucher AS TEXT)) "
			 "FROM entry WHERE seq = $1",
			 VALS(v_int(seq)), err);
	int rc = db_step(q, err);
	char name[SEALED_NAME];

	if (rc != 1)
		return rc;
	audit_fault(a, seq, "Entry %" PRId64 " concerns %s, which does not exist.", seq,
		    sealed_name(col_text(q, 0), col_text(q, 1), name));
	db_done(q);
	return 0;
}

static int end(struct audit *a, void *state, struct err *err)
{
	struct state *s = state;
	const struct sealed_table *t;
	struct table_key key;
	const int64_t *row;

	for (size_t i = 0; (t = sealed_table(i)) != NULL; i++)
		if (read_rows(a, s, t, i == 0, err) != 0)
			return -1;
	if (!s->sieve.locating)
		return sieve_close(&s->sieve);
	table_sort(&s->rows);
	for (size_t i = 0; (row = table_at(&s->rows, i, &key)) != NULL; i++)
		if (!row[HAS_ROW] && missing(a, row[LAST], err) != 0)
			return -1;
	if (s->rows.overfull || s->sieve.more)
		audit_fault(a, 0, "More rows differ than can be named in one run.");
	return 0;
}

static void release(void *state)
{
	struct state *s = state;

	sieve_free(&s->sieve);
	table_free(&s->rows);
	free(s);
}

const struct audit_check check_chain = {
	.name = "chain",
	.what = "the entries of every voucher and every sealed row are linked from its last to its first",
	.unit = "entries",
	.open = begin,
	.entry = entry,
	.close = end,
	.free = release,
};
