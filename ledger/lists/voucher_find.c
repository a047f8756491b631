#include "ledger/lists/voucher_find.h"

#include <string.h>

/* Below it lies every number of a voucher; times SHARE_ID_STEP it still fits. */
#define FROM_THE_NEWEST (HOLDER_MAX + 1)

/* --- what there is to walk ------------------------------------------------------- */

enum rows_are {
	PLACES,        /* of which several may be of one voucher */
	VOUCHERS,      /* each once */
	WHOLE_VOUCHERS /* likewise, and taken as they are found; those of an index of a few are not: SQLite
			* prefers it to that of all only where nothing else of the row is wanted */
};

/*
 * An index: its values in the order of vouchers, newest first.  rows: those of the value that is put in the
 * place of %d, between the parameters $1 and $2, which are numbers of vouchers; number: of each its
 * voucher's.
 */
struct walk {
	const char *number, *rows;
	enum rows_are are;
};

#define WALK(column, more)                                                                                   \
	"id", "voucher WHERE " column " = $%d AND id + 0 < $1 AND id + 0 >= $2" more " ORDER BY id + 0 DESC"
#define SHARE_STEP    IN_SQL(SHARE_ID_STEP)
#define VOUCHER_NOTED "1"
_Static_assert(METADATA_VOUCHER == 1, "as the statements have it");

static const struct walk all = {"id", "voucher WHERE id < $1 AND id >= $2 ORDER BY id DESC", WHOLE_VOUCHERS};
static const struct walk by_change = {NULL, NULL, VOUCHERS};
static const struct walk by_learner = {WALK("learner", ""), WHOLE_VOUCHERS};
static const struct walk by_course = {WALK("course", ""), WHOLE_VOUCHERS};
static const struct walk by_provider = {WALK("provider", ""), WHOLE_VOUCHERS};
static const struct walk by_provider_open = {WALK("provider", " AND closed_on IS NULL"), VOUCHERS};
static const struct walk by_rule = {WALK("rule", ""), WHOLE_VOUCHERS};
static const struct walk in_control = {WALK("control", " AND control = 1"), VOUCHERS};
static const struct walk by_billing = {WALK("billing", " AND billing >= 1 AND billing <> 4"), VOUCHERS};
static const struct walk by_state = {
	WALK("state", " AND state >= 3 AND state <= 10 AND state <> 5 AND state <> 6 AND state <> 7"),
	VOUCHERS};
static const struct walk by_fund = {"s.id / " SHARE_STEP,
				    "share s WHERE s.fund = $%d AND s.id + 0 < $1 * " SHARE_STEP
				    " AND s.id + 0 >= $2 * " SHARE_STEP " ORDER BY s.id + 0 DESC",
				    PLACES};

/* Its one value is a text. */
static const struct walk by_reference = {
	"subject",
	"metadata WHERE kind = " VOUCHER_NOTED " AND reference = $%d "
	"AND subject + 0 < $1 AND subject + 0 >= $2 ORDER BY subject + 0 DESC",
	PLACES};

/* The states that those indexes have, and those in which a voucher cannot be closed. */
#define STATES_WAITING                                                                                       \
	(STATE_BIT(VOUCHER_EXITED) | STATE_BIT(VOUCHER_DECLARED) | STATE_BIT(VOUCHER_REQUESTED) |            \
	 STATE_BIT(VOUCHER_PROPOSED) | STATE_BIT(VOUCHER_COFUND_WAIT))
#define STATES_OPEN   (STATES_WAITING | STATE_BIT(VOUCHER_ACCEPTED) | STATE_BIT(VOUCHER_ENTERED))
#define BILLS_OPEN    (STATE_BIT(BILLING_TO_BILL) | STATE_BIT(BILLING_BILLED) | STATE_BIT(BILLING_ORDERED))
#define BILLS_WAITING (BILLS_OPEN | STATE_BIT(BILLING_RECOVERY) | STATE_BIT(BILLING_OPPOSED))

static int within(unsigned set, unsigned of)
{
	return set != 0 && (set & ~of) == 0;
}

static int are_open(const struct voucher_filter *f)
{
	return within(f->states, STATES_OPEN) || within(f->billings, BILLS_OPEN) ||
	       f->controls == STATE_BIT(CONTROL_IN) || f->due_before != DAY_NONE;
}

static void take_one(struct found *found, const struct walk *walk, int64_t key)
{
	found->walk = walk;
	found->key[0] = key;
	found->keys = 1;
}

static void take_set(struct found *found, const struct walk *walk, unsigned set)
{
	found->walk = walk;
	for (int i = 0; i < 32; i++)
		if ((set & STATE_BIT(i)) != 0 && found->keys < KEYS_MAX)
			found->key[found->keys++] = i;
}

/* Of whom or of what there are few; 1 done, 0. */
static int take_narrow(const struct voucher_filter *f, struct found *found)
{
	if (f->reference[0] != '\0')
		take_one(found, &by_reference, 0);
	else if (f->learner != 0)
		take_one(found, &by_learner, f->learner);
	else if (f->course != 0)
		take_one(found, &by_course, f->course);
	else if (f->provider != 0)
		take_one(found, are_open(f) ? &by_provider_open : &by_provider, f->provider);
	else if (f->controls == STATE_BIT(CONTROL_IN))
		take_one(found, &in_control, CONTROL_IN);
	else if (within(f->billings, BILLS_WAITING))
		take_set(found, &by_billing, f->billings);
	else if (within(f->states, STATES_WAITING))
		take_set(found, &by_state, f->states);
	else if (f->fund != 0)
		take_one(found, &by_fund, f->fund);
	else
		return 0;
	return 1;
}

/* The values that a query gives, when they are not too many: 1 done, 0, -1. */
static int take_many(struct stmt *q, const struct walk *walk, struct found *found, struct err *err)
{
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		if (found->keys < KEYS_MAX)
			found->key[found->keys] = col_int(q, 0);
		found->keys++;
	}
	if (rc < 0)
		return -1;
	if (found->keys == 0 || found->keys > KEYS_MAX) {
		found->keys = 0;
		return 0;
	}
	found->walk = walk;
	return 1;
}

static int choose(struct db *db, const struct voucher_filter *f, struct found *found, struct err *err)
{
	int rc = 0;

	memset(found, 0, sizeof *found);
	found->walk = &all;
	if (f->since_known) {
		found->walk = &by_change;
		return 0;
	}
	if (take_narrow(f, found))
		return 0;
	if (f->funder != 0)
		rc = take_many(db_query(db, "SELECT id FROM fund WHERE funder = $1 ORDER BY id LIMIT $2",
					VALS(v_int(f->funder), v_int(KEYS_MAX + 1)), err),
			       &by_fund, found, err);
	if (rc == 0 && f->programme[0] != '\0')
		rc = take_many(db_query(db, "SELECT id FROM rule WHERE programme = $1 ORDER BY id LIMIT $2",
					VALS(v_text(f->programme), v_int(KEYS_MAX + 1)), err),
			       &by_rule, found, err);
	return rc < 0 ? -1 : 0;
}

/* --- their statements ------------------------------------------------------------------ */

/* How the text of a statement is made: with one value, or with as many as there may be. */
static const char how_one, how_many, how_end_one, how_end_many;

static int is_many(const struct db_made *made)
{
	return made->how == &how_many || made->how == &how_end_many;
}

static void add_rows(const struct walk *w, int parameter, struct buf *out)
{
	const char *at = strstr(w->rows, "%d");

	if (at == NULL) {
		buf_text_add(out, w->rows);
		return;
	}
	buf_add(out, w->rows, (size_t)(at - w->rows));
	buf_format(out, "%d%s", parameter, at + strlen("%d"));
}

/* The rows of each value, which begin with parameter `first`, with a tail; beside each other. */
static void add_each(const struct db_made *made, int first, const char *tail, struct buf *out)
{
	const struct walk *w = made->from;
	int count = is_many(made) ? KEYS_MAX : 1;

	for (int i = 0; i < count; i++) {
		buf_format(out, "%sSELECT id FROM (SELECT %s AS id FROM ", i > 0 ? " UNION ALL " : "",
			   w->number);
		add_rows(w, first + i, out);
		buf_format(out, "%s) AS a%d", tail, i);
	}
}

/* Where the walk ends: behind $3 places of a value, of whichever value that is nearest. */
static void make_end(const struct db_made *made, struct buf *out)
{
	buf_text_add(out, "SELECT max(id) FROM (");
	add_each(made, 4, " LIMIT 1 OFFSET $3", out);
	buf_text_add(out, ") AS u");
}

/* The vouchers that are walked: the rows themselves, or found by their numbers. */
static void add_walk(const struct db_made *made, struct buf *out)
{
	const struct walk *w = made->from;

	if (w == &by_change) {
		buf_text_add(out, "SELECT v.* FROM entry k CROSS JOIN voucher v "
				  "WHERE k.seq > $1 AND k.seq <= $2 AND v.id = k.voucher AND v.head = k.seq");
	} else if (w->are == WHOLE_VOUCHERS && !is_many(made)) {
		buf_text_add(out, "SELECT * FROM ");
		add_rows(w, 18, out);
		buf_text_add(out, " LIMIT $17");
	} else {
		buf_format(out, "SELECT v.* FROM (SELECT %sid FROM (", w->are == PLACES ? "DISTINCT " : "");
		add_each(made, 18, " LIMIT $17", out);
		buf_text_add(out, ") AS u) AS k CROSS JOIN voucher v WHERE v.id = k.id");
	}
}

/* The rest of the filter, which is asked of what is walked only: of no index of its own, hence + 0 and || '',
 * and a count where PostgreSQL would answer EXISTS from a table of all that fit.  A deadline is never before
 * the day that it is counted from. */
static void add_rest(struct buf *out)
{
	buf_format(
		out,
		"(($4 >> CAST(w.state AS INTEGER)) & 1) = 1 AND (($5 >> CAST(w.billing AS INTEGER)) & 1) = 1"
		" AND (($6 >> CAST(w.control AS INTEGER)) & 1) = 1"
		" AND ($7 < 0 OR CASE w.state WHEN %d THEN COALESCE(w.due_on, w.session_start)"
		" WHEN %d THEN w.session_end WHEN %d THEN w.exited_on WHEN %d THEN 0"
		" ELSE COALESCE(w.due_on, w.billed_on) END < $7)"
		" AND ($8 = 0 OR w.provider = $8) AND ($9 = 0 OR w.course = $9) AND ($10 = 0 OR w.learner = $10)",
		VOUCHER_ACCEPTED, VOUCHER_ENTERED, VOUCHER_EXITED, VOUCHER_DECLARED);
	buf_text_add(
		out,
		" AND ($11 = 0 OR EXISTS (SELECT 1 FROM share s WHERE s.id >= w.id * " SHARE_STEP
		" AND s.id < w.id * " SHARE_STEP " + " SHARE_STEP " AND s.fund + 0 = $11))"
		" AND ($12 = 0 OR EXISTS (SELECT 1 FROM share s CROSS JOIN fund f WHERE s.id >= w.id * " SHARE_STEP
		" AND s.id < w.id * " SHARE_STEP " + " SHARE_STEP " AND f.id = s.fund AND f.funder = $12))"
		" AND ($13 = 0 OR EXISTS (SELECT 1 FROM learner l WHERE l.id = w.learner"
		" AND (l.portal = 0 OR l.portal = $13)))"
		" AND ($14 = '' OR EXISTS (SELECT 1 FROM rule r WHERE r.id = w.rule AND r.programme = $14))"
		" AND ($15 = '' OR (SELECT count(*) FROM metadata m WHERE m.kind = " VOUCHER_NOTED
		" AND m.subject = w.id AND m.reference || '' = $15 AND (($16 >> CAST(m.side AS INTEGER)) & 1) = 1) > 0)");
}

#define NOTED(side)                                                                                          \
	"(SELECT m.reference FROM metadata m WHERE m.kind = " VOUCHER_NOTED                                  \
	" AND m.subject = w.id AND m.side = " side ")"
_Static_assert(METADATA_OF_CLIENT == 1 && METADATA_OF_PROVIDER == 2, "as the statement has them");

/* What is shown of each voucher, in the order of enum find_column. */
static void add_columns(struct buf *out)
{
	for (size_t i = 0; i < voucher_record.count; i++)
		buf_format(out, "w.%s AS %s, ", voucher_record.column[i].name, voucher_record.column[i].name);
	buf_text_add(
		out,
		"w.id AS number, c.code AS course_code, o.code AS provider_code, l.code AS learner_code, "
		"e.booked_at AS changed_at, p.uuid AS payment_uuid, p.state AS payment_state, "
		"p.amount AS payment_amount, " NOTED("1") " AS by_client, " NOTED("2") " AS by_provider");
}

/* And of each of its shares. */
#define SHARE_COLUMNS                                                                                        \
	"s.id, s.lot, s.amount, s.card, s.advance, s.reserved, s.committed, s.in_training, s.payable, "      \
	"s.frozen, s.ordered, s.paid, s.fund, f.code, f.funder, f.nature"

/*
 * In three steps, which an engine plans one by one.  PostgreSQL cannot tell how few the vouchers of the first
 * or the shares of the last are; beside what it expects of those it would not mind reading all courses for
 * each voucher.
 */
static void make_list(const struct db_made *made, struct buf *out)
{
	int changed = made->from == &by_change;

	buf_text_add(out, "WITH h AS MATERIALIZED (SELECT w.* FROM (");
	add_walk(made, out);
	buf_text_add(out, ") AS w WHERE ");
	add_rest(out);
	buf_format(out, " ORDER BY %s LIMIT $3), r AS MATERIALIZED (SELECT ",
		   changed ? "w.head" : "w.id DESC");
	add_columns(out);
	buf_text_add(
		out,
		" FROM h AS w CROSS JOIN course c CROSS JOIN organisation o CROSS JOIN learner l"
		" CROSS JOIN entry e LEFT JOIN payment p ON p.id = COALESCE(w.advance_payment, w.payment)"
		" WHERE c.id = w.course AND o.id = w.provider AND l.id = w.learner"
		" AND e.seq = w.head) SELECT r.*, " SHARE_COLUMNS " FROM r LEFT JOIN share s"
		" ON s.id >= r.id * " SHARE_STEP " AND s.id < r.id * " SHARE_STEP " + " SHARE_STEP
		" LEFT JOIN fund f ON f.id = s.fund");
	buf_format(out, " ORDER BY %s, s.id", changed ? "r.head" : "r.id DESC");
}

/* --- a page ------------------------------------------------------------------------------- */

/* What of the filter the walk itself does not assure. */
static struct voucher_filter rest_of(const struct voucher_filter *f, const struct found *found)
{
	struct voucher_filter rest = *f;

	if (found->walk == &by_learner)
		rest.learner = 0;
	else if (found->walk == &by_course)
		rest.course = 0;
	else if (found->walk == &by_provider || found->walk == &by_provider_open)
		rest.provider = 0;
	else if (found->walk == &in_control)
		rest.controls = 0;
	else if (found->walk == &by_billing)
		rest.billings = 0;
	else if (found->walk == &by_state)
		rest.states = 0;
	else if (found->walk == &by_rule)
		rest.programme[0] = '\0';
	else if (found->walk == &by_fund && f->fund != 0)
		rest.fund = 0;
	else if (found->walk == &by_fund)
		rest.funder = 0;
	return rest;
}

/* Is every place of the walk one of the list?  Then a page needs no more of them than it holds. */
static int fits_whole(const struct voucher_filter *f, const struct found *found)
{
	const struct voucher_filter rest = rest_of(f, found);

	return found->keys <= 1 && found->walk->are != PLACES &&
	       (rest.states | rest.billings | rest.controls) == 0 && rest.due_before == DAY_NONE &&
	       rest.provider == 0 && rest.course == 0 && rest.learner == 0 && rest.fund == 0 &&
	       rest.funder == 0 && rest.portal == 0 && rest.programme[0] == '\0' && rest.reference[0] == '\0';
}

/* Its values as parameters; a place without one finds nothing. */
static size_t add_keys(const struct voucher_filter *f, const struct found *found, struct val *vals)
{
	size_t count = found->walk == &all ? 0 : found->keys > 1 ? KEYS_MAX : 1;

	for (size_t i = 0; i < count; i++)
		vals[i] = v_int(i < found->keys ? found->key[i] : -1);
	if (found->walk == &by_reference)
		vals[0] = v_text(f->reference);
	return count;
}

struct db_made find_end_made(const struct found *found)
{
	return (struct db_made){found->walk, found->keys > 1 ? &how_end_many : &how_end_one, make_end};
}

struct db_made find_list_made(const struct found *found)
{
	return (struct db_made){found->walk, found->keys > 1 ? &how_many : &how_one, make_list};
}

static int find_end(struct db *db, const struct voucher_filter *f, int64_t scan, struct found *found,
		    struct err *err)
{
	struct db_made made = find_end_made(found);
	int64_t places = found->keys > 1 ? scan / (int64_t)found->keys : scan;
	struct val vals[3 + KEYS_MAX] = {v_int(found->position), v_int(0), v_int(places)};
	size_t n = 3 + add_keys(f, found, vals + 3);
	struct stmt *q = db_query_made(db, &made, vals, n, err);
	int rc = db_step(q, err);

	if (rc != 1)
		return -1;
	found->end = col_int(q, 0);
	found->more = found->end > 0;
	db_done(q);
	return 0;
}

int find_begin(struct db *db, const struct voucher_filter *f, const struct list_page *page, int64_t scan,
	       struct found *found, struct err *err)
{
	struct head head = {0};

	if (choose(db, f, found, err) != 0)
		return -1;
	if (found->walk != &by_change) {
		found->position =
			page->after != 0 && page->after < FROM_THE_NEWEST ? page->after : FROM_THE_NEWEST;
		if (fits_whole(f, found) && scan > (int64_t)page->max)
			scan = (int64_t)page->max;
		return find_end(db, f, scan, found, err);
	}
	if (journal_head(db, &head, err) != 0)
		return -1;
	found->position = page->after != 0 ? page->after : f->since;
	found->end = found->position < head.seq - scan ? found->position + scan : head.seq;
	found->more = found->end < head.seq;
	return 0;
}

static struct val set_or_all(unsigned set)
{
	return v_int(set != 0 ? (int64_t)set : INT32_MAX);
}

struct stmt *find_query(struct db *db, const struct voucher_filter *f, const struct list_page *page,
			const struct found *found, struct err *err)
{
	struct db_made made = find_list_made(found);
	const struct voucher_filter rest = rest_of(f, found);
	struct val vals[17 + KEYS_MAX] = {
		v_int(found->position),
		v_int(found->end),
		v_int((int64_t)page->max + 1),
		set_or_all(rest.states),
		set_or_all(rest.billings),
		set_or_all(rest.controls),
		v_int(rest.due_before != DAY_NONE ? rest.due_before : -1),
		v_int(rest.provider),
		v_int(rest.course),
		v_int(rest.learner),
		v_int(rest.fund),
		v_int(rest.funder),
		v_int(rest.portal),
		v_text(rest.programme[0] != '\0' ? f->programme : ""),
		v_text(f->reference),
		set_or_all(f->sides),
		v_int(LIST_SCAN + 1),
	};
	size_t n = found->walk == &by_change ? 16 : 17 + add_keys(f, found, vals + 17);

	return db_query_made(db, &made, vals, n, err);
}
