#include "ledger/treasury/reversal.h"

#include <string.h>

#include "ledger/base/check.h"
#include "ledger/base/money.h"
#include "ledger/book/journal.h"
#include "ledger/oversight/conflict.h"
#include "ledger/treasury/contribution.h"

int reversal_kind_find(const char *name, enum reversal_kind *out)
{
	if (strcmp(name, "contribution") == 0)
		*out = REVERSAL_CONTRIBUTION;
	else if (strcmp(name, "topup") == 0)
		*out = REVERSAL_TOPUP;
	else
		return -1;
	return 0;
}

/* The entry that was posted under a reference. */
static int find_entry(struct tx *tx, enum reversal_kind kind, const char *reference, int64_t *seq,
		      struct err *err)
{
	int64_t settlement = 0, lot = 0;
	int rc;

	if (kind == REVERSAL_TOPUP)
		rc = db_int(tx->db, "SELECT seq FROM topup WHERE reference = $1", VALS(v_text(reference)),
			    seq, err);
	else
		rc = db_int(tx->db, "SELECT seq FROM contribution WHERE reference = $1",
			    VALS(v_text(reference)), seq, err);
	if (rc == 0)
		return err_set(err, ERR_UNKNOWN_REFERENCE, "reference", "Nothing was recorded under %s.",
			       reference);
	if (rc < 0)
		return -1;
	if (kind == REVERSAL_TOPUP) {
		rc = db_int(tx->db, "SELECT lot FROM topup WHERE reference = $1", VALS(v_text(reference)),
			    &lot, err);
		return rc < 0 ? -1 : conflict_refuse_lot(tx, lot, err);
	}
	rc = db_int(tx->db, "SELECT 1 FROM contribution WHERE reference = $1 AND kind = $2",
		    VALS(v_text(reference), v_int(CONTRIBUTION_SETTLEMENT)), &settlement, err);
	if (rc == 1)
		return err_set(
			err, ERR_NOT_REVERSIBLE, "reference",
			"%s settled a co-payment and belongs to its voucher: it cannot be taken back by itself.",
			reference);
	return rc;
}

int reversal_post(struct tx *tx, enum reversal_kind kind, const char *reference, const char *reason,
		  int64_t *seq, struct err *err)
{
	struct entry reversal;
	char missing[MONEY_TEXT];
	int64_t original, short_by;

	if (!check_reason(reason))
		return err_set(err, ERR_FIELD_INVALID, "reason",
			       "The reason must be a word of a-z, 0-9 and _, such as wrong_amount.");
	if (find_entry(tx, kind, reference, &original, err) != 0)
		return -1;
	if (journal_reverse(tx, original, tx->today, reason, &reversal, err) == 0) {
		*seq = reversal.seq;
		return 0;
	}
	if (err->code != ERR_ACCOUNT_SHORT)
		return -1;
	short_by = err->missing;
	err_set(err, ERR_INSUFFICIENT_FUNDS, "reference", "%s of that money has been used already.",
		money_format(short_by, tx->env->exponent, missing));
	err->missing = short_by;
	return -1;
}
