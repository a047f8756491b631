#include "ledger/lists/payment_list.h"

#include <string.h>

/* Rows of an index, newest first, between the parameters $1 and $2. */
#define EVERY   "SELECT id FROM payment WHERE id < $1 AND id >= $2 ORDER BY id DESC"
#define AT_BANK "SELECT id FROM payment WHERE settled_on IS NULL AND id < $1 AND id >= $2 ORDER BY id DESC"
#define OF(key)                                                                                              \
	"SELECT id FROM payment WHERE provider = " key " AND id + 0 < $1 AND id + 0 >= $2 "                  \
	"ORDER BY id + 0 DESC"

#define NOTED "3"
_Static_assert(METADATA_PAYMENT == 3, "as the statements have it");
#define OF_REFERENCE(key)                                                                                    \
	"SELECT subject AS id FROM metadata WHERE kind = " NOTED " AND reference = " key                     \
	" AND subject + 0 < $1 AND subject + 0 >= $2 ORDER BY subject + 0 DESC"

#define END(rows) "SELECT max(id) FROM (" rows " LIMIT 1 OFFSET $3) AS a"

#define COLUMNS                                                                                                       \
	"SELECT p.id, p.uuid, p.kind, p.state, p.amount, p.iban, p.ordered_on, p.ordered_by, p.settled_on, "          \
	"p.bank_reference, p.seq, p.provider, (SELECT count(*) FROM payment_line n WHERE n.payment = p.id), o.code, " \
	"o.name, f.code, l.code, c.reference, (SELECT m.reference FROM metadata m WHERE m.kind = " NOTED              \
	" AND m.subject = p.id) FROM "
#define BESIDE                                                                                               \
	" CROSS JOIN organisation o LEFT JOIN refund r ON r.payment = p.id LEFT JOIN fund f ON f.id = "      \
	"r.fund LEFT JOIN credit_note c ON c.voucher = r.credit_note LEFT JOIN learner l ON l.id = "         \
	"c.learner WHERE o.id = p.provider "
#define LIST(rows)                                                                                           \
	COLUMNS "(SELECT p.id AS id FROM (" rows " LIMIT $3) AS k CROSS JOIN payment p WHERE p.id = k.id "   \
		"AND (($4 >> CAST(p.state AS INTEGER)) & 1) = 1 AND (($5 >> CAST(p.kind AS INTEGER)) & 1) "  \
		"= 1 AND p.seq > $6 AND ($7 = 0 OR p.provider = $7) ORDER BY p.id DESC LIMIT $8) AS h "      \
		"CROSS JOIN payment p" BESIDE "AND p.id = h.id ORDER BY p.id DESC"

static const struct walk {
	const char *end, *list;
	size_t keys; /* of end, behind its first three parameters */
	size_t more; /* of list, behind its first eight: the key, where that is no payee */
} every = {END(EVERY), LIST(EVERY), 0, 0}, at_bank = {END(AT_BANK), LIST(AT_BANK), 0, 0},
  of_payee = {END(OF("$4")), LIST(OF("$7")), 1, 0},
  of_reference = {END(OF_REFERENCE("$4")), LIST(OF_REFERENCE("$9")), 1, 1};

static const struct walk *choose(const struct payment_filter *f)
{
	if (f->reference[0] != '\0')
		return &of_reference;
	return f->payee != 0 ? &of_payee : f->states == STATE_BIT(PAYMENT_ORDERED) ? &at_bank : &every;
}

static void read_row(struct stmt *q, struct payment_row *row)
{
	struct payment *p = &row->p;
	size_t n = 0;
	const void *uuid = col_blob(q, 1, &n);

	memset(row, 0, sizeof *row);
	p->id = col_int(q, 0);
	if (n == sizeof p->uuid.bytes)
		memcpy(p->uuid.bytes, uuid, n);
	p->kind = (enum payment_kind)col_int(q, 2);
	p->state = (enum payment_state)col_int(q, 3);
	p->amount = col_int(q, 4);
	col_copy(q, 5, p->iban, sizeof p->iban);
	p->ordered_on = col_day(q, 6);
	col_copy(q, 7, p->ordered_by, sizeof p->ordered_by);
	p->settled_on = col_day(q, 8);
	col_copy(q, 9, p->bank_reference, sizeof p->bank_reference);
	p->seq = col_int(q, 10);
	p->provider = col_int(q, 11);
	row->vouchers = col_int(q, 12);
	col_copy(q, 13, row->payee, sizeof row->payee);
	col_copy(q, 14, row->payee_name, sizeof row->payee_name);
	col_copy(q, 15, row->fund, sizeof row->fund);
	col_copy(q, 16, row->learner, sizeof row->learner);
	col_copy(q, 17, row->reference, sizeof row->reference);
	col_copy(q, 18, row->noted, sizeof row->noted);
}

/* Where the walk of this page ends; 0 it comes to the end of all. */
static int find_end(struct db *db, const struct walk *w, const struct payment_filter *f, int64_t position,
		    int64_t *end, struct err *err)
{
	const struct val vals[] = {v_int(position), v_int(0), v_int(LIST_SCAN),
				   w->more > 0 ? v_text(f->reference) : v_int(f->payee)};

	*end = 0;
	return db_int(db, w->end, vals, 3 + w->keys, end, err) < 0 ? -1 : 0;
}

static int64_t set_or_all(unsigned set)
{
	return set != 0 ? (int64_t)set : INT32_MAX;
}

static struct stmt *ask(struct db *db, const struct walk *w, const struct payment_filter *f, int64_t position,
			int64_t end, int64_t max, struct err *err)
{
	const struct val vals[] = {v_int(position),
				   v_int(end),
				   v_int(LIST_SCAN + 1),
				   v_int(set_or_all(f->states)),
				   v_int(set_or_all(f->kinds)),
				   v_int(f->since_known ? f->since : 0),
				   v_int(f->payee),
				   v_int(max),
				   v_text(f->reference)};

	return db_query(db, w->list, vals, 8 + w->more, err);
}

int payment_list(struct db *db, const struct payment_filter *f, struct list_page *page, payment_each *each,
		 void *arg, struct err *err)
{
	int64_t position = page->after != 0 ? page->after : INT64_MAX, end, last = 0;
	const struct walk *w = choose(f);
	struct payment_row row;
	size_t seen = 0;
	struct stmt *q;
	int rc;

	if (find_end(db, w, f, position, &end, err) != 0)
		return -1;
	q = ask(db, w, f, position, end, (int64_t)page->max + 1, err);
	while ((rc = db_step(q, err)) == 1 && seen < page->max) {
		read_row(q, &row);
		last = row.p.id;
		seen++;
		if (each(arg, &row, err) != 0) {
			db_done(q);
			return -1;
		}
	}
	db_done(q);
	page->has_more = rc == 1 || end > 0;
	page->next = rc == 1 ? last : end;
	return rc < 0 ? -1 : 0;
}

int payment_find_row(struct db *db, const struct uuid *uuid, struct payment_row *row, struct err *err)
{
	struct stmt *q = db_query(db, COLUMNS "payment p" BESIDE "AND p.uuid = $1",
				  VALS(v_blob(uuid->bytes, sizeof uuid->bytes)), err);
	int rc = db_step(q, err);

	if (rc == 1) {
		read_row(q, row);
		db_done(q);
	}
	return rc;
}

int payment_lines(struct db *db, int64_t payment, struct payment_line_row *out, size_t *n, struct err *err)
{
	struct stmt *q = db_query(db,
				  "SELECT v.uuid, c.code, v.invoice, n.amount FROM payment_line n "
				  "CROSS JOIN voucher v CROSS JOIN course c WHERE n.payment = $1 "
				  "AND v.id = n.voucher AND c.id = v.course ORDER BY n.voucher",
				  VALS(v_int(payment)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1 && *n < PAYMENT_LINES_MAX) {
		struct payment_line_row *line = &out[(*n)++];
		size_t bytes = 0;
		const void *uuid = col_blob(q, 0, &bytes);

		memset(line, 0, sizeof *line);
		if (bytes == sizeof line->voucher.bytes)
			memcpy(line->voucher.bytes, uuid, bytes);
		col_copy(q, 1, line->course, sizeof line->course);
		col_copy(q, 2, line->invoice, sizeof line->invoice);
		line->amount = col_int(q, 3);
	}
	db_done(q);
	return rc < 0 ? -1 : 0;
}
