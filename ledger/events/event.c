#include "ledger/events/event.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/events/event_type.h"
#include "ledger/rules/transition.h"
#include "ledger/voucher/payment.h"

#define CHUNK 128 /* entries that are read at once */

/* The authority's people see all. */
#define AUTHORITY                                                                                            \
	(ROLE_BIT(ROLE_OPERATOR) | ROLE_BIT(ROLE_CONTROLLER) | ROLE_BIT(ROLE_AUTHORISER) |                   \
	 ROLE_BIT(ROLE_ACCOUNTANT) | ROLE_BIT(ROLE_QUALITY) | ROLE_BIT(ROLE_AUDITOR))

struct looking {
	struct db *db;
	const struct event_page *page;
	struct event_head head[CHUNK];
	size_t heads;
};

static int is_authority(const struct event_viewer *who)
{
	return (ROLE_BIT(who->role) & AUTHORITY) != 0;
}

/* --- what an entry is about ------------------------------------------------------ */

/* Part i of a row's key, whose parts are joined by '/'; 0 when it is no number. */
static int64_t part_of(const char *subject, int i)
{
	for (; i > 0 && subject != NULL; i--) {
		subject = strchr(subject, '/');
		subject = subject != NULL ? subject + 1 : NULL;
	}
	return subject != NULL ? strtoll(subject, NULL, 10) : 0;
}

/* Of the key of a decision, "SUBJECT/KIND/NUMBER", the kind; "" of anything else. */
static void decision_of(const struct event_head *h, char out[SUBJECT_KIND_MAX + 1])
{
	const char *end = strcmp(h->subject_kind, "decision") == 0 ? strrchr(h->subject, '/') : NULL;
	const char *begin = end;

	out[0] = '\0';
	while (begin != NULL && begin > h->subject && begin[-1] != '/')
		begin--;
	if (begin != NULL && end - begin <= SUBJECT_KIND_MAX)
		snprintf(out, SUBJECT_KIND_MAX + 1, "%.*s", (int)(end - begin), begin);
}

/* The only one of a set of states that all rows of that kind end in; 0 when the kind does not say it. */
static unsigned outcome(const char *kind, int of_billing)
{
	unsigned all = 0, silent = 0;
	const struct transition *t;

	for (size_t i = 0; (t = transition_at(i)) != NULL; i++) {
		unsigned to = of_billing ? t->billing_to : t->to;

		if (t->from == 0 || strcmp(transition_kind(t->id), kind) != 0)
			continue;
		all |= to;
		silent |= to == 0 || t->of_advances;
	}
	return silent || (all & (all - 1)) != 0 ? 0 : all;
}

static void tell_states(const struct event_head *h, struct event *e)
{
	unsigned to = outcome(h->kind, 0), billing = outcome(h->kind, 1);

	for (int s = 0; s < VOUCHER__MAX; s++)
		if (to == STATE_BIT(s))
			e->state = voucher_state_name((enum voucher_state)s);
	for (int s = 0; s < BILLING__MAX; s++)
		if (billing == STATE_BIT(s))
			e->billing = billing_state_name((enum billing_state)s);
}

static void take_uuid(struct stmt *q, int col, struct uuid *out)
{
	size_t n = 0;
	const void *p = col_blob(q, col, &n);

	if (n == UUID_BYTES)
		memcpy(out->bytes, p, n);
}

/* --- who sees it: 1, 0 not, -1 ------------------------------------------------------ */

static int funds_voucher(struct looking *l, int64_t voucher, struct err *err)
{
	int64_t one;

	return db_int(l->db,
		      "SELECT 1 FROM share s JOIN fund f ON f.id = s.fund "
		      "WHERE s.id >= $1 AND s.id < $2 AND f.funder = $3 LIMIT 1",
		      VALS(v_int(voucher * SHARE_ID_STEP), v_int((voucher + 1) * SHARE_ID_STEP),
			   v_int(l->page->who.org)),
		      &one, err);
}

static int acts_for(const struct event_viewer *who, int64_t portal)
{
	return who->role == ROLE_PORTAL && (portal == 0 || portal == who->org);
}

/* A voucher by its number. */
static int see_voucher(struct looking *l, int64_t voucher, struct event *e, struct err *err)
{
	const struct event_viewer *who = &l->page->who;
	int64_t provider = 0, portal = 0;
	struct stmt *q =
		db_query(l->db,
			 "SELECT v.uuid, v.provider, o.code, c.code, l.portal, l.code FROM voucher v "
			 "JOIN organisation o ON o.id = v.provider JOIN course c ON c.id = v.course "
			 "JOIN learner l ON l.id = v.learner WHERE v.id = $1",
			 VALS(v_int(voucher)), err);
	int rc = db_step(q, err);

	if (rc != 1)
		return rc;
	take_uuid(q, 0, &e->voucher);
	provider = col_int(q, 1);
	col_copy(q, 2, e->provider, sizeof e->provider);
	col_copy(q, 3, e->course, sizeof e->course);
	portal = col_int(q, 4);
	if (who->role == ROLE_PORTAL)
		col_copy(q, 5, e->learner, sizeof e->learner);
	db_done(q);
	if (who->role == ROLE_FUNDER)
		return funds_voucher(l, voucher, err);
	return is_authority(who) || (who->role == ROLE_PROVIDER && provider == who->org) ||
	       acts_for(who, portal);
}

/* What had become of a payment when that entry sealed it: an advance is proposed first. */
static enum event_when when_sealed(struct looking *l, const struct event_head *h, int kind, struct err *err)
{
	int64_t before = 0;
	int rc;

	if (h->previous == 0)
		return kind == PAYMENT_ADVANCE ? EVENT_PROPOSED : EVENT_ORDERED;
	if (kind != PAYMENT_ADVANCE)
		return EVENT_SETTLED;
	rc = db_int(l->db, "SELECT previous FROM entry WHERE seq = $1", VALS(v_int(h->previous)), &before,
		    err);
	return rc == 0 ? EVENT_ORDERED : EVENT_SETTLED;
}

static int see_payment(struct looking *l, const struct event_head *h, const struct event_type **t,
		       struct event *e, struct err *err)
{
	const struct event_viewer *who = &l->page->who;
	int64_t payee, kind, state;
	struct stmt *q = db_query(l->db,
				  "SELECT p.uuid, p.provider, p.kind, p.state, o.code FROM payment p "
				  "JOIN organisation o ON o.id = p.provider WHERE p.id = $1",
				  VALS(v_int(part_of(h->subject, 0))), err);
	int rc = db_step(q, err);

	if (rc != 1)
		return rc;
	take_uuid(q, 0, &e->payment);
	payee = col_int(q, 1);
	kind = col_int(q, 2);
	state = col_int(q, 3);
	col_copy(q, 4, e->organisation, sizeof e->organisation);
	db_done(q);
	if ((*t)->when != EVENT_ALWAYS)
		*t = event_type_when(*t, when_sealed(l, h, (int)kind, err));
	assert(*t != NULL);
	/* Once it is settled its state does not change any more. */
	e->payment_state = strcmp((*t)->name, "payment.settled") == 0
				   ? payment_state_name((enum payment_state)state)
				   : strchr((*t)->name, '.') + 1;
	if (kind == PAYMENT_FINAL || kind == PAYMENT_ADVANCE)
		return is_authority(who) || (who->role == ROLE_PROVIDER && payee == who->org);
	return is_authority(who) || (who->role == ROLE_FUNDER && payee == who->org);
}

static int has_mandate(struct looking *l, int64_t learner, struct err *err)
{
	int64_t one;

	return db_int(
		l->db,
		"SELECT 1 FROM union_mandate WHERE union_org = $1 AND learner = $2 AND ended_on IS NULL "
		"LIMIT 1",
		VALS(v_int(l->page->who.org), v_int(learner)), &one, err);
}

/* A learner's account, or a lot of it; fund 0: none. */
static int see_learner(struct looking *l, int64_t learner, struct event *e, struct err *err)
{
	const struct event_viewer *who = &l->page->who;
	struct stmt *q =
		db_query(l->db, "SELECT code, portal FROM learner WHERE id = $1", VALS(v_int(learner)), err);
	int64_t portal;
	int rc = db_step(q, err);

	if (rc != 1)
		return rc;
	col_copy(q, 0, e->learner, sizeof e->learner);
	portal = col_int(q, 1);
	db_done(q);
	if (who->role == ROLE_UNION)
		return has_mandate(l, learner, err);
	return is_authority(who) || acts_for(who, portal);
}

static int see_fund(struct looking *l, int64_t fund, struct event *e, struct err *err)
{
	const struct event_viewer *who = &l->page->who;
	struct stmt *q =
		db_query(l->db, "SELECT code, funder FROM fund WHERE id = $1", VALS(v_int(fund)), err);
	int64_t funder;
	int rc = db_step(q, err);

	if (rc != 1)
		return rc;
	col_copy(q, 0, e->fund, sizeof e->fund);
	funder = col_int(q, 1);
	db_done(q);
	return is_authority(who) || (who->role == ROLE_FUNDER && funder == who->org);
}

static int see_lot(struct looking *l, const struct event_head *h, struct event *e, struct err *err)
{
	int64_t learner, fund;
	struct stmt *q =
		db_query(l->db, "SELECT learner, fund FROM lot WHERE id = $1", VALS(v_int(h->lot)), err);
	int rc = db_step(q, err), by_learner, by_fund;

	if (rc != 1)
		return rc;
	learner = col_int(q, 0);
	fund = col_int(q, 1);
	db_done(q);
	by_learner = see_learner(l, learner, e, err);
	by_fund = by_learner < 0 ? -1 : see_fund(l, fund, e, err);
	/* A funder hears that its money moved, not whose right it is. */
	if (by_learner == 0)
		e->learner[0] = '\0';
	return by_fund < 0 ? -1 : by_learner || by_fund;
}

/* The fund of money that moved. */
static int see_money(struct looking *l, const struct event_head *h, struct event *e, struct err *err)
{
	int64_t fund;
	int rc = db_int(l->db, "SELECT fund FROM transfer WHERE id >= $1 AND id < $2 ORDER BY id LIMIT 1",
			VALS(v_int(h->seq * TRANSFER_ID_STEP), v_int((h->seq + 1) * TRANSFER_ID_STEP)), &fund,
			err);

	return rc == 1 ? see_fund(l, fund, e, err) : rc < 0 ? -1 : is_authority(&l->page->who);
}

static int see_organisation(struct looking *l, int64_t org, struct event *e, struct err *err)
{
	struct stmt *q =
		db_query(l->db, "SELECT code FROM organisation WHERE id = $1", VALS(v_int(org)), err);
	int rc = db_step(q, err);

	if (rc != 1)
		return rc;
	col_copy(q, 0, e->organisation, sizeof e->organisation);
	db_done(q);
	return is_authority(&l->page->who) || l->page->who.org == org;
}

/* Of a step of a voucher, those hear it who are on one of the two sides. */
static int on_a_side(const struct event_viewer *who, const char *step)
{
	const struct transition *t;

	for (size_t i = 0; (t = transition_at(i)) != NULL; i++)
		if (t->second != 0 && strcmp(t->name, step) == 0 &&
		    ((t->roles | t->second) & ROLE_BIT(who->role)) != 0)
			return 1;
	return 0;
}

static int see_decision(struct looking *l, const struct event_head *h, struct event *e, struct err *err)
{
	const struct event_viewer *who = &l->page->who;
	int rc;

	if (strcmp(e->decision, "bank_account") == 0 || strcmp(e->decision, "standing") == 0) {
		rc = see_organisation(l, part_of(h->subject, 0), e, err);
		/* That a standing is proposed is not its provider's to know. */
		return rc == 1 && strcmp(e->decision, "standing") == 0 ? is_authority(who) : rc;
	}
	if (!transition_known(e->decision))
		return is_authority(who);
	rc = see_voucher(l, part_of(h->subject, 0), e, err);
	return rc == 1 && !is_authority(who) ? on_a_side(who, e->decision) : rc;
}

static int see(struct looking *l, const struct event_head *h, const struct event_type **t, struct event *e,
	       struct err *err)
{
	switch ((*t)->about) {
	case EVENT_OF_VOUCHER:
		tell_states(h, e);
		return see_voucher(l, h->voucher, e, err);
	case EVENT_OF_PAYMENT:
		return see_payment(l, h, t, e, err);
	case EVENT_OF_LOT:
		return see_lot(l, h, e, err);
	case EVENT_OF_LEARNER:
		return see_learner(l, part_of(h->subject, 0), e, err);
	case EVENT_OF_FUND:
		return see_money(l, h, e, err);
	case EVENT_OF_ORGANISATION:
		return see_organisation(l, part_of(h->subject, 0), e, err);
	case EVENT_OF_DECISION:
		return see_decision(l, h, e, err);
	case EVENT_OF_STAFF:
		break;
	}
	return is_authority(&l->page->who);
}

/* 1 the entry is an event for those who look, 0 not, -1. */
static int make(struct looking *l, const struct event_head *h, struct event *e, struct err *err)
{
	const struct event_type *t;
	int rc;

	*e = (struct event){.seq = h->seq, .at = h->at, .state = "", .billing = "", .payment_state = ""};
	decision_of(h, e->decision);
	t = event_type_of(h, e->decision);
	/* Which of a payment's it is says only the payment. */
	if (t == NULL || (t->when == EVENT_ALWAYS && !event_wanted(l->page->types, t->name)))
		return 0;
	rc = see(l, h, &t, e, err);
	e->type = t->name;
	return rc == 1 ? event_wanted(l->page->types, e->type) : rc;
}

/* --- looking ------------------------------------------------------------------------ */

#define COLUMNS                                                                                              \
	"SELECT e.seq, e.kind, e.booked_at, e.voucher, e.lot, e.payment, e.subject_kind, e.subject, "        \
	"e.previous FROM entry e "
#define BETWEEN "WHERE e.seq > $1 AND e.seq <= $2 "
#define IN_TURN " ORDER BY e.seq LIMIT $3"
#define OTHERS  "(e.voucher IS NULL AND e.lot IS NULL)"

/* The engine leaves out what is certainly another's, so that few entries come up. */
static struct stmt *ask(struct looking *l, int64_t after, int64_t until, struct err *err)
{
	const struct val vals[] = {v_int(after), v_int(until), v_int(CHUNK), v_int(l->page->who.org),
				   v_int(SHARE_ID_STEP)};

	switch (l->page->who.role) {
	case ROLE_PROVIDER:
		return db_query(l->db,
				COLUMNS "LEFT JOIN voucher v ON v.id = e.voucher " BETWEEN
					"AND (v.provider = $4 OR " OTHERS ")" IN_TURN,
				vals, 4, err);
	case ROLE_PORTAL:
		return db_query(l->db,
				COLUMNS
				"LEFT JOIN voucher v ON v.id = e.voucher LEFT JOIN lot o ON o.id = e.lot "
				"LEFT JOIN learner l ON l.id = coalesce(v.learner, o.learner) " BETWEEN
				"AND (l.portal = $4 OR l.portal = 0 OR " OTHERS ")" IN_TURN,
				vals, 4, err);
	case ROLE_UNION:
		return db_query(l->db,
				COLUMNS
				"JOIN lot o ON o.id = e.lot " BETWEEN
				"AND e.voucher IS NULL AND EXISTS (SELECT 1 FROM union_mandate m WHERE "
				"m.union_org = $4 AND m.learner = o.learner AND m.ended_on IS NULL)" IN_TURN,
				vals, 4, err);
	case ROLE_FUNDER:
		return db_query(l->db,
				COLUMNS BETWEEN "AND (e.voucher IS NULL OR EXISTS (SELECT 1 FROM share s "
						"JOIN fund f ON f.id = s.fund WHERE s.id >= e.voucher * $5 "
						"AND s.id < (e.voucher + 1) * $5 AND f.funder = $4))" IN_TURN,
				vals, 5, err);
	default:
		return db_query(l->db, COLUMNS BETWEEN IN_TURN, vals, 3, err);
	}
}

static int read_heads(struct looking *l, int64_t after, int64_t until, struct err *err)
{
	struct stmt *q = ask(l, after, until, err);
	int rc;

	for (l->heads = 0; (rc = db_step(q, err)) == 1; l->heads++) {
		struct event_head *h = &l->head[l->heads];

		assert(l->heads < CHUNK);
		h->seq = col_int(q, 0);
		col_copy(q, 1, h->kind, sizeof h->kind);
		h->at = col_int(q, 2);
		h->voucher = col_int(q, 3);
		h->lot = col_int(q, 4);
		h->payment = col_int(q, 5);
		col_copy(q, 6, h->subject_kind, sizeof h->subject_kind);
		col_copy(q, 7, h->subject, sizeof h->subject);
		h->previous = col_int(q, 8);
	}
	return rc;
}

/* What was read, until the page is full; looked follows. */
static int take_heads(struct looking *l, struct event_page *p, struct event *out, struct err *err)
{
	for (size_t i = 0; i < l->heads && p->n < p->max; i++) {
		int rc = make(l, &l->head[i], &out[p->n], err);

		if (rc < 0)
			return -1;
		p->n += (size_t)rc;
		p->looked = l->head[i].seq;
	}
	return 0;
}

int event_page(struct db *db, struct event_page *p, struct event *out, struct err *err)
{
	struct looking *l = malloc(sizeof *l);
	int64_t end = p->until - p->after < EVENTS_LOOKED_MAX ? p->until : p->after + EVENTS_LOOKED_MAX;
	int rc = 0;

	assert(p->max >= 1 && p->max <= EVENTS_MAX);
	if (l == NULL)
		return err_set(err, ERR_STORAGE, NULL, "No memory is left.");
	l->db = db;
	l->page = p;
	p->n = 0;
	p->looked = p->after;
	while (rc == 0 && p->n < p->max && p->looked < end) {
		rc = read_heads(l, p->looked, end, err) == 0 ? take_heads(l, p, out, err) : -1;
		if (rc == 0 && l->heads < CHUNK && p->n < p->max)
			p->looked = end;
	}
	free(l);
	return rc;
}
