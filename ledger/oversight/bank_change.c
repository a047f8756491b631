#include "ledger/oversight/bank_change.h"

#include <stdio.h>
#include <string.h>

#include "ledger/oversight/alert.h"
#include "ledger/base/check.h"
#include "ledger/oversight/decision.h"
#include "ledger/registers/agenda.h"

#define FIRST_ROLES  (ROLE_BIT(ROLE_OPERATOR) | ROLE_BIT(ROLE_AUTHORISER))
#define SECOND_ROLES ROLE_BIT(ROLE_ACCOUNTANT)
#define COLUMNS                                                                                              \
	"org, number, state, iban, former, proposed_by, role, proposed_at, confirmed_by, confirmed_at, "     \
	"effective_on, ended_at, ended_by"

const char *bank_change_state_name(enum bank_change_state state)
{
	static const char *const names[] = {[BANK_CHANGE_PROPOSED] = "proposed",
					    [BANK_CHANGE_AGREED] = "agreed",
					    [BANK_CHANGE_IN_FORCE] = "in_force",
					    [BANK_CHANGE_WITHDRAWN] = "withdrawn"};

	return names[state];
}

char *bank_change_mask(const char *iban, char out[BANK_MASKED])
{
	size_t n = strlen(iban);

	snprintf(out, BANK_MASKED, "%.4s...%.4s", iban, iban + (n > 4 ? n - 4 : 0));
	return out;
}

static void read_change(struct stmt *q, struct bank_change *c)
{
	memset(c, 0, sizeof *c);
	c->org = col_int(q, 0);
	c->number = col_int(q, 1);
	c->state = (enum bank_change_state)col_int(q, 2);
	col_copy(q, 3, c->iban, sizeof c->iban);
	col_copy(q, 4, c->former, sizeof c->former);
	col_copy(q, 5, c->proposed_by, sizeof c->proposed_by);
	c->role = (int)col_int(q, 6);
	c->proposed_at = col_int(q, 7);
	col_copy(q, 8, c->confirmed_by, sizeof c->confirmed_by);
	c->confirmed_at = col_int(q, 9);
	c->effective_on = col_day(q, 10);
	c->ended_at = col_int(q, 11);
	col_copy(q, 12, c->ended_by, sizeof c->ended_by);
}

int bank_change_list(struct db *db, int64_t org, int64_t before, size_t max, struct bank_change *out,
		     size_t *n, struct err *err)
{
	struct stmt *q = db_query(db,
				  "SELECT " COLUMNS " FROM bank_change WHERE org = $1 AND number < $2 "
				  "ORDER BY number DESC LIMIT $3",
				  VALS(v_int(org), v_int(before), v_int((int64_t)max)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1)
		read_change(q, &out[(*n)++]);
	return rc;
}

/* The open change; *last is the number of the newest one.  1, 0 none is open, -1. */
static int find_open(struct db *db, int64_t org, struct bank_change *c, int64_t *last, struct err *err)
{
	size_t n;

	*last = 0;
	if (bank_change_list(db, org, INT64_MAX, 1, c, &n, err) != 0)
		return -1;
	if (n == 1)
		*last = c->number;
	return n == 1 && c->ended_at == 0;
}

/* May this actor speak on the account of that organisation? */
static int need(struct tx *tx, const char *code, struct org *org, struct err *err)
{
	int rc;

	if (((FIRST_ROLES | SECOND_ROLES) & ROLE_BIT(tx->actor.role)) == 0)
		return err_set(err, ERR_FORBIDDEN, NULL,
			       "A bank account is changed by an operator or authoriser and an accountant.");
	rc = org_find(tx->db, code, org, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no organisation %s.", code);
	return rc < 0 ? -1 : 0;
}

static int propose(struct tx *tx, const struct org *org, const char *iban, int64_t number,
		   struct bank_change *c, struct err *err)
{
	memset(c, 0, sizeof *c);
	c->org = org->id;
	c->number = number;
	c->state = BANK_CHANGE_PROPOSED;
	snprintf(c->iban, sizeof c->iban, "%s", iban);
	memcpy(c->former, org->iban, sizeof c->former);
	memcpy(c->proposed_by, tx->actor.principal, sizeof c->proposed_by);
	c->role = tx->actor.role;
	c->proposed_at = tx->now;
	c->effective_on = DAY_NONE;
	return db_run(
		tx->db,
		"INSERT INTO bank_change (org, number, state, iban, former, proposed_by, role, proposed_at) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		VALS(v_int(c->org), v_int(c->number), v_int(c->state), v_text(c->iban), v_text(c->former),
		     v_text(c->proposed_by), v_int(c->role), v_int(c->proposed_at)),
		err);
}

/* Two have said the same. */
static int agree(struct tx *tx, struct bank_change *c, struct err *err)
{
	c->state = BANK_CHANGE_AGREED;
	memcpy(c->confirmed_by, tx->actor.principal, sizeof c->confirmed_by);
	c->confirmed_at = tx->now;
	c->effective_on = tx->today + BANK_CHANGE_DELAY_DAYS;
	if (db_run(tx->db,
		   "UPDATE bank_change SET state = $3, confirmed_by = $4, confirmed_at = $5, effective_on = $6 "
		   "WHERE org = $1 AND number = $2",
		   VALS(v_int(c->org), v_int(c->number), v_int(c->state), v_text(c->confirmed_by),
			v_int(c->confirmed_at), v_day(c->effective_on)),
		   err) != 0)
		return -1;
	return agenda_set_day(tx, TIMER_BANK_CHANGE, c->org, c->effective_on - 1, 0, err);
}

static int save_end(struct tx *tx, struct bank_change *c, enum bank_change_state state, struct err *err)
{
	c->state = state;
	c->ended_at = tx->now;
	snprintf(c->ended_by, sizeof c->ended_by, "%s", actor_person(tx));
	return db_run(tx->db,
		      "UPDATE bank_change SET state = $3, ended_at = $4, ended_by = $5 "
		      "WHERE org = $1 AND number = $2",
		      VALS(v_int(c->org), v_int(c->number), v_int(c->state), v_int(c->ended_at),
			   v_text(c->ended_by)),
		      err);
}

/* Two have agreed already: that must be withdrawn first. */
static int check_open(const struct bank_change *c, const struct org *org, struct err *err)
{
	char day[DATE_TEXT];

	if (c->state != BANK_CHANGE_AGREED)
		return 0;
	return err_set(err, ERR_CHANGE_AGREED, NULL,
		       "A change of the bank account of %s is agreed already and takes effect on %s. "
		       "Withdraw it first if it is wrong.",
		       org->code, day_format(c->effective_on, day));
}

int bank_change_decide(struct tx *tx, const char *code, const char *iban, struct bank_change *c,
		       struct err *err)
{
	struct first_word word;
	struct org org;
	int64_t last;
	int open, rc;

	if (need(tx, code, &org, err) != 0)
		return -1;
	/* An IBAN that is refused is not repeated: messages are kept longer than it may be. */
	if (!check_iban(iban))
		return err_set(
			err, ERR_FIELD_INVALID, "iban",
			"iban is not an IBAN (without blanks): its form or its check digits are wrong.");
	if (org.iban[0] == '\0')
		return err_set(err, ERR_NO_BANK_ACCOUNT, NULL,
			       "No bank account of %s is known. The first one comes with an import of "
			       "organisations.",
			       code);
	if (strcmp(org.iban, iban) == 0)
		return err_set(err, ERR_UNCHANGED, NULL, "%s has that bank account already.", code);
	open = find_open(tx->db, org.id, c, &last, err);
	if (open < 0 || (open == 1 && check_open(c, &org, err) != 0))
		return -1;
	word = (struct first_word){c->proposed_by, c->role};
	rc = decision_take(tx, FIRST_ROLES, SECOND_ROLES, open == 1 ? &word : NULL,
			   open == 1 && strcmp(c->iban, iban) == 0, err);
	if (rc != 0)
		return rc == 1 && agree(tx, c, err) == 0 ? 1 : -1;
	/* What waited is replaced. */
	if (open == 1 && save_end(tx, c, BANK_CHANGE_WITHDRAWN, err) != 0)
		return -1;
	return propose(tx, &org, iban, last + 1, c, err);
}

int bank_change_withdraw(struct tx *tx, const char *code, struct bank_change *c, struct err *err)
{
	struct org org;
	int64_t last;
	int rc;

	if (need(tx, code, &org, err) != 0)
		return -1;
	rc = find_open(tx->db, org.id, c, &last, err);
	if (rc == 0)
		return err_set(err, ERR_NOTHING_WAITS, NULL, "No change of the bank account of %s is open.",
			       code);
	if (rc < 0 || (c->state == BANK_CHANGE_AGREED &&
		       agenda_clear_day(tx, TIMER_BANK_CHANGE, org.id, c->effective_on - 1, err) != 0))
		return -1;
	return save_end(tx, c, BANK_CHANGE_WITHDRAWN, err);
}

int bank_change_due(struct tx *tx, int64_t org, struct err *err)
{
	struct bank_change c;
	struct org payee;
	int64_t last;
	int rc = find_open(tx->db, org, &c, &last, err);

	if (rc != 1 || c.state != BANK_CHANGE_AGREED || c.effective_on > tx->today)
		return rc < 0 ? -1 : 0;
	if (org_set_account(tx, org, c.iban, err) != 0 || org_get(tx->db, org, &payee, err) != 0 ||
	    alert_watch_account(tx, &payee, err) != 0)
		return -1;
	return save_end(tx, &c, BANK_CHANGE_IN_FORCE, err);
}
