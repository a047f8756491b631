#include "ledger/oversight/standing_decide.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/book/seal.h"
#include "ledger/oversight/decision.h"
#include "ledger/registers/agenda.h"

const struct decision_kind decision_on_standing = {"standing", ROLE_BIT(ROLE_CONTROLLER),
						   ROLE_BIT(ROLE_AUTHORISER), 0};

static int check_days(const struct tx *tx, const struct standing_decision *d, struct err *err)
{
	day_t limit = day_add_months(tx->today, standing_kind(d->standing)->months);
	char first[DATE_TEXT], last[DATE_TEXT];

	if (d->until == DAY_NONE && standing_kind(d->standing)->endless)
		return 0;
	if (d->standing == STANDING_GOOD)
		return err_set(err, ERR_FIELD_INVALID, "until", "Good standing has no last day.");
	if (d->until == DAY_NONE)
		return err_set(err, ERR_FIELD_MISSING, "until",
			       "Give a last day: a provider cannot be %s without one.",
			       standing_name(d->standing));
	if (d->until < tx->today || d->until > limit)
		return err_set(err, ERR_FIELD_INVALID, "until", "%s ends between %s and %s.",
			       standing_name(d->standing), day_format(tx->today, first),
			       day_format(limit, last));
	return 0;
}

/* May this actor speak on the standing of that provider? */
static int need(struct tx *tx, const char *code, struct org *provider, struct err *err)
{
	int rc;

	if (((decision_on_standing.roles | decision_on_standing.second) & ROLE_BIT(tx->actor.role)) == 0)
		return err_set(err, ERR_FORBIDDEN, NULL,
			       "A provider's standing is decided by a controller and an authoriser.");
	rc = org_find(tx->db, code, provider, err);
	if (rc == 0 || (rc == 1 && (provider->roles & ROLE_BIT(ROLE_PROVIDER)) == 0))
		return err_set(err, ERR_NOT_FOUND, "provider", "There is no provider %s.", code);
	return rc < 0 ? -1 : 0;
}

/* May it be decided: by this actor, on this provider, in this form? */
static int check_decision(struct tx *tx, const struct standing_decision *d, struct org *provider,
			  struct standing_row *now, int *restricted, struct err *err)
{
	if (need(tx, d->provider, provider, err) != 0)
		return -1;
	if (!check_reason(d->ground))
		return err_set(err, d->ground[0] ? ERR_FIELD_INVALID : ERR_FIELD_MISSING, "ground",
			       "Name the legal ground as a word of a-z, 0-9 and _.");
	if (check_days(tx, d, err) != 0)
		return -1;
	*restricted = standing_now(tx->db, provider->id, now, err);
	if (*restricted < 0)
		return -1;
	if (d->standing != (*restricted ? now->standing : STANDING_GOOD))
		return 0;
	return err_set(err, ERR_UNCHANGED, "standing", "The standing of provider %s is %s already.",
		       provider->code, standing_name(d->standing));
}

static void read_words(struct standing_proposal *p)
{
	memset(&p->decision, 0, sizeof p->decision);
	p->decision.standing = (enum standing)decision_number(&p->d, "standing", STANDING_GOOD);
	decision_text(&p->d, "ground", p->decision.ground, sizeof p->decision.ground);
	p->decision.until = (day_t)decision_number(&p->d, "until", DAY_NONE);
}

int standing_proposed(struct db *db, int64_t provider, struct standing_proposal *p, struct err *err)
{
	char subject[DECISION_SUBJECT];
	int rc =
		decision_open(db, decision_on_standing.name, decision_subject(provider, subject), &p->d, err);

	if (rc == 1)
		read_words(p);
	return rc;
}

/* 0: it waits for another person; 1: two have decided it. */
static int take_word(struct tx *tx, const struct org *provider, const struct standing_decision *d,
		     struct decision *taken, struct err *err)
{
	struct content words[] = {
		{"ground", v_text(d->ground)}, {"standing", v_int(d->standing)}, {"until", v_day(d->until)}};
	char subject[DECISION_SUBJECT];

	return decision_take(tx, &decision_on_standing, decision_subject(provider->id, subject), words,
			     sizeof words / sizeof words[0], taken, err);
}

static int begin(struct tx *tx, int64_t provider, const struct standing_decision *d,
		 const char first[PRINCIPAL_MAX], struct standing_row *r, struct err *err)
{
	int64_t last = 0;

	if (db_int(tx->db, "SELECT max(number) FROM provider_standing WHERE provider = $1",
		   VALS(v_int(provider)), &last, err) < 0)
		return -1;
	memset(r, 0, sizeof *r);
	r->provider = provider;
	r->number = last + 1;
	r->standing = d->standing;
	memcpy(r->ground, d->ground, sizeof r->ground);
	r->since = tx->today;
	r->until = d->until;
	memcpy(r->decided_by, first, sizeof r->decided_by);
	memcpy(r->confirmed_by, tx->actor.principal, sizeof r->confirmed_by);
	r->decided_at = tx->now;
	r->work = standing_kind(d->standing)->no_pay ? 0 : -1;
	db_cache_clear(tx->db); /* which courses are eligible: course_eligible() */
	if (seal_insert(tx, "standing", &standing_record, r, err) != 0)
		return -1;
	return agenda_set_day(tx, TIMER_STANDING_END, provider, r->until, 0, err);
}

int standing_decide(struct tx *tx, struct standing_proposal *p, struct standing_row *r, struct err *err)
{
	const struct standing_decision *d = &p->decision;
	struct org provider;
	int restricted = 0, work = 0, rc;

	if (check_decision(tx, d, &provider, r, &restricted, err) != 0)
		return -1;
	rc = take_word(tx, &provider, d, &p->d, err);
	if (rc != 1)
		return rc;
	if (restricted) {
		/* What it froze is freed, also when the one that follows freezes on a ground of its own. */
		r->work = standing_kind(r->standing)->no_pay ? 0 : -1;
		work = r->work == 0;
		if (standing_save_end(tx, r, err) != 0)
			return -1;
	}
	if (d->standing != STANDING_GOOD) {
		if (begin(tx, provider.id, d, p->d.proposed_by, r, err) != 0)
			return -1;
		work |= r->work == 0;
	}
	if (work && agenda_set(tx, tx->now, TIMER_STANDING, provider.id, 0, err) != 0)
		return -1;
	return 1;
}

int standing_withdraw(struct tx *tx, const char *code, struct standing_proposal *p, struct err *err)
{
	struct org provider;
	int rc;

	if (need(tx, code, &provider, err) != 0)
		return -1;
	rc = standing_proposed(tx->db, provider.id, p, err);
	if (rc == 0)
		return err_set(err, ERR_NOTHING_WAITS, NULL,
			       "Nothing about provider %s awaits a second person.", code);
	return rc < 0 ? -1 : decision_end(tx, &p->d, DECISION_WITHDRAWN, err);
}
