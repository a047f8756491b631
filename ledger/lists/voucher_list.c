#include "ledger/lists/voucher_list.h"

#include <string.h>

#include "ledger/lists/voucher_find.h"

/* A page under way. */
struct reading {
	struct db *db;
	const struct voucher_filter *filter;
	struct list_page *page;
	voucher_each *each;
	void *arg;
	size_t seen;  /* vouchers that were read to their end */
	int64_t last; /* position of the last of them */
	struct voucher_row row;
};

static int column(enum find_column c)
{
	return (int)voucher_record.count + (int)c;
}

static void read_uuid(struct stmt *q, int col, struct uuid *out)
{
	size_t n = 0;
	const void *p = col_blob(q, col, &n);

	memset(out, 0, sizeof *out);
	if (n == sizeof out->bytes)
		memcpy(out->bytes, p, n);
}

static void read_share(struct stmt *q, struct voucher_row *row)
{
	struct voucher *v = &row->v;
	struct share *s = &v->share[v->shares];

	if (col_null(q, column(FIND_SHARE)) || v->shares == SHARES_MAX)
		return;
	s->place = (int)(col_int(q, column(FIND_SHARE)) % SHARE_ID_STEP);
	s->fund = col_int(q, column(FIND_FUND));
	s->lot = col_int(q, column(FIND_LOT));
	s->amount = col_int(q, column(FIND_AMOUNT));
	for (int k = 0; k < STAGE__MAX; k++)
		s->at[k] = col_int(q, column(FIND_STAGES) + k);
	col_copy(q, column(FIND_FUND_CODE), row->fund[v->shares].code, sizeof row->fund[0].code);
	row->fund[v->shares].funder = col_int(q, column(FIND_FUNDER));
	row->fund[v->shares].nature = (enum nature)col_int(q, column(FIND_NATURE));
	v->shares++;
}

static void read_voucher(struct stmt *q, struct voucher_row *row)
{
	memset(row, 0, sizeof *row);
	record_read(&voucher_record, q, &row->v);
	col_copy(q, column(FIND_COURSE), row->course, sizeof row->course);
	col_copy(q, column(FIND_PROVIDER), row->provider, sizeof row->provider);
	col_copy(q, column(FIND_LEARNER), row->learner, sizeof row->learner);
	row->changed_at = col_int(q, column(FIND_CHANGED_AT));
	read_uuid(q, column(FIND_PAYMENT), &row->payment);
	row->payment_state = (enum payment_state)col_int(q, column(FIND_PAYMENT_STATE));
	row->payment_amount = col_int(q, column(FIND_PAYMENT_AMOUNT));
	for (int side = 0; side < 2; side++)
		col_copy(q, column(FIND_NOTED) + side, row->reference[side], sizeof row->reference[side]);
}

/* Its shares are there: it is one of the page, unless what is awaited of it is due later. */
static int give(struct reading *r, struct err *err)
{
	const struct voucher_filter *f = r->filter;
	struct voucher_row *row = &r->row;

	r->seen++;
	r->last = f->since_known ? row->v.head : row->v.id;
	if (rule_get(r->db, row->v.rule, &row->rule, err) != 0)
		return -1;
	row->awaited = voucher_awaited(row->rule, f->zone, &row->v);
	if (f->due_before != DAY_NONE &&
	    (row->awaited.step == NULL || row->awaited.by == DAY_NONE || row->awaited.by >= f->due_before))
		return 0;
	return r->each(r->arg, row, err);
}

/* The next voucher begins: 1; 0 the page is full; -1. */
static int go_on(struct reading *r, struct stmt *q, struct err *err)
{
	if (r->row.v.id != 0 && give(r, err) != 0)
		return -1;
	if (r->seen == r->page->max)
		return 0;
	read_voucher(q, &r->row);
	return 1;
}

/* 1: the page is full, and there is more; 0, -1. */
static int read_all(struct reading *r, struct stmt *q, struct err *err)
{
	int step, rc = 1;

	while ((step = db_step(q, err)) == 1) {
		if (r->row.v.id != col_int(q, column(FIND_ID)))
			rc = go_on(r, q, err);
		if (rc != 1)
			break;
		read_share(q, &r->row);
	}
	db_done(q);
	if (step == 1)
		return rc == 0 ? 1 : -1;
	return step < 0 || (r->row.v.id != 0 && give(r, err) != 0) ? -1 : 0;
}

/* Over so many places: 1 the page is full, and there is more; 0, -1. */
static int walk(struct reading *r, const struct list_page *from, int64_t scan, struct found *found,
		struct err *err)
{
	r->row.v.id = 0;
	if (find_begin(r->db, r->filter, from, scan, found, err) != 0)
		return -1;
	return read_all(r, find_query(r->db, r->filter, from, found, err), err);
}

/* Where most fit a short walk fills the page; else it goes on to the end of what one may walk. */
int voucher_list(struct db *db, const struct voucher_filter *f, struct list_page *page, voucher_each *each,
		 void *arg, struct err *err)
{
	struct reading r = {.db = db, .filter = f, .page = page, .each = each, .arg = arg};
	struct list_page from = *page;
	int64_t scan = 2 * (int64_t)page->max + 2;
	struct found found;
	int rc;

	if (scan >= LIST_SCAN)
		scan = LIST_SCAN;
	rc = walk(&r, &from, scan, &found, err);
	if (rc == 0 && found.more && scan < LIST_SCAN - 1) {
		from.after = found.end;
		from.max = page->max - r.seen;
		rc = from.max > 0 ? walk(&r, &from, LIST_SCAN - scan - 1, &found, err) : 0;
	}
	page->has_more = rc == 1 || found.more;
	page->next = rc == 1 ? r.last : found.end;
	return rc < 0 ? -1 : 0;
}

int voucher_since(struct db *db, int64_t instant, int64_t *seq, struct err *err)
{
	struct head head = {0};

	if (journal_head(db, &head, err) != 0)
		return -1;
	*seq = head.seq;
	return head.seq == 0 || head.booked_at < instant ? 0 : journal_seq_at(db, instant - 1, seq, err);
}
