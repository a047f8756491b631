#include "ledger/oversight/bank_change.h"

#include <stdio.h>
#include <string.h>

#include "ledger/oversight/alert.h"
#include "ledger/base/check.h"
#include "ledger/oversight/decision.h"
#include "ledger/registers/agenda.h"

const struct decision_kind decision_on_bank_account = {"bank_account",
						       ROLE_BIT(ROLE_OPERATOR) | ROLE_BIT(ROLE_AUTHORISER),
						       ROLE_BIT(ROLE_ACCOUNTANT), BANK_CHANGE_DELAY_DAYS};

char *bank_change_mask(const char *iban, char out[BANK_MASKED])
{
	size_t n = strlen(iban);

	snprintf(out, BANK_MASKED, "%.4s...%.4s", iban, iban + (n > 4 ? n - 4 : 0));
	return out;
}

static void read_ibans(struct bank_change *c)
{
	decision_text(&c->d, "iban", c->iban, sizeof c->iban);
	decision_text(&c->d, "former", c->former, sizeof c->former);
}

int bank_change_list(struct db *db, int64_t org, int64_t before, size_t max, struct bank_change *out,
		     size_t *n, struct err *err)
{
	char subject[DECISION_SUBJECT];

	if (decision_list(db, decision_on_bank_account.name, decision_subject(org, subject), before, max, out,
			  sizeof *out, n, err) != 0)
		return -1;
	for (size_t i = 0; i < *n; i++)
		read_ibans(&out[i]);
	return 0;
}

/* The open change; 1, 0 none is open, -1. */
static int find_open(struct db *db, int64_t org, struct bank_change *c, struct err *err)
{
	char subject[DECISION_SUBJECT];
	int rc;

	memset(c, 0, sizeof *c);
	rc = decision_open(db, decision_on_bank_account.name, decision_subject(org, subject), &c->d, err);
	if (rc == 1)
		read_ibans(c);
	return rc;
}

/* May this actor speak on the account of that organisation? */
static int need(struct tx *tx, const char *code, struct org *org, struct err *err)
{
	int rc;

	if (((decision_on_bank_account.roles | decision_on_bank_account.second) & ROLE_BIT(tx->actor.role)) ==
	    0)
		return err_set(err, ERR_FORBIDDEN, NULL,
			       "A bank account is changed by an operator or authoriser and an accountant.");
	rc = org_find(tx->db, code, org, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no organisation %s.", code);
	return rc < 0 ? -1 : 0;
}

/* Whom it is paid to, and the account it shall be paid to: a first one is not decided so. */
static int check_account(const struct org *org, const char *iban, struct err *err)
{
	/* An IBAN that is refused is not repeated: messages are kept longer than it may be. */
	if (!check_iban(iban))
		return err_set(
			err, ERR_FIELD_INVALID, "iban",
			"iban is not an IBAN (without blanks): its form or its check digits are wrong.");
	if (org->iban[0] == '\0')
		return err_set(err, ERR_NO_BANK_ACCOUNT, NULL,
			       "No bank account of %s is known. The first one comes with an "
			       "import of organisations.",
			       org->code);
	if (strcmp(org->iban, iban) == 0)
		return err_set(err, ERR_UNCHANGED, NULL, "%s has that bank account already.", org->code);
	return 0;
}

int bank_change_decide(struct tx *tx, const char *code, const char *iban, struct bank_change *c,
		       struct err *err)
{
	char subject[DECISION_SUBJECT];
	struct org org;
	int rc;

	if (need(tx, code, &org, err) != 0 || check_account(&org, iban, err) != 0)
		return -1;
	rc = decision_take(tx, &decision_on_bank_account, decision_subject(org.id, subject),
			   (struct content[]){{"former", v_text(org.iban)}, {"iban", v_text(iban)}}, 2, &c->d,
			   err);
	if (rc < 0)
		return -1;
	read_ibans(c);
	if (rc == 1 && agenda_set_day(tx, TIMER_BANK_CHANGE, org.id, c->d.effective_on - 1, 0, err) != 0)
		return -1;
	return rc;
}

int bank_change_agreed(struct db *db, int64_t org, const char *iban, struct err *err)
{
	struct bank_change c;
	char day[DATE_TEXT];
	int rc = find_open(db, org, &c, err);

	if (rc != 1 || c.d.state != DECISION_AGREED)
		return rc < 0 ? -1 : 0;
	if (strcmp(c.iban, iban) == 0)
		return 1;
	return err_set(err, ERR_CHANGE_AGREED, "iban",
		       "Two persons have agreed on another account, which counts from %s on. Withdraw that "
		       "first if it is wrong.",
		       day_format(c.d.effective_on, day));
}

int bank_change_first(struct tx *tx, const struct org *org, const char *iban, const struct decision *file,
		      struct err *err)
{
	int rc = bank_change_agreed(tx->db, org->id, iban, err);
	char subject[DECISION_SUBJECT];
	struct decision d;

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (decision_agree(tx, &decision_on_bank_account, decision_subject(org->id, subject),
			   (struct content[]){{"former", v_text("")}, {"iban", v_text(iban)}}, 2, file, &d,
			   err) != 0 ||
	    agenda_set_day(tx, TIMER_BANK_CHANGE, org->id, d.effective_on - 1, 0, err) != 0)
		return -1;
	return 1;
}

int bank_change_withdraw(struct tx *tx, const char *code, struct bank_change *c, struct err *err)
{
	struct org org;
	int rc;

	if (need(tx, code, &org, err) != 0)
		return -1;
	rc = find_open(tx->db, org.id, c, err);
	if (rc == 0)
		return err_set(err, ERR_NOTHING_WAITS, NULL, "No change of the bank account of %s is open.",
			       code);
	if (rc < 0 || (c->d.state == DECISION_AGREED &&
		       agenda_clear_day(tx, TIMER_BANK_CHANGE, org.id, c->d.effective_on - 1, err) != 0))
		return -1;
	return decision_end(tx, &c->d, DECISION_WITHDRAWN, err);
}

int bank_change_due(struct tx *tx, int64_t org, struct err *err)
{
	struct bank_change c;
	struct org payee;
	int rc = find_open(tx->db, org, &c, err);

	if (rc != 1 || c.d.state != DECISION_AGREED || c.d.effective_on > tx->today)
		return rc < 0 ? -1 : 0;
	if (org_set_account(tx, org, c.iban, err) != 0 || org_get(tx->db, org, &payee, err) != 0 ||
	    alert_watch_account(tx, &payee, err) != 0)
		return -1;
	return decision_end(tx, &c.d, DECISION_IN_FORCE, err);
}
