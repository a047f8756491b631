#include "ledger/treasury/bank_transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/limits.h"
#include "ledger/book/account.h"
#include "ledger/book/chart.h"

static const struct record_column columns[] = {
	{"file", RECORD_INT64, offsetof(struct bank_transfer, file), 0, RECORD_KEY},
	{"line", RECORD_INT64, offsetof(struct bank_transfer, line), 0, RECORD_KEY},
	{"payment", RECORD_INT64, offsetof(struct bank_transfer, payment), 0, RECORD_FIXED},
	{"number", RECORD_INT, offsetof(struct bank_transfer, number), 0, RECORD_FIXED},
	{"account", RECORD_TEXT, RECORD_ARRAY(struct bank_transfer, account), RECORD_FIXED},
	{"amount", RECORD_INT64, offsetof(struct bank_transfer, amount), 0, RECORD_FIXED},
	{"seq", RECORD_INT64, offsetof(struct bank_transfer, seq), 0, RECORD_SEALED},
};
const struct record bank_transfer_record = {"payment_transfer", RECORD_COLUMNS(columns)};

/* As they went out last. */
static int read_sent(struct db *db, const struct payment *p, struct bank_transfer *t, size_t *n,
		     struct err *err)
{
	*n = 0;
	return record_list(
		db, &bank_transfer_record,
		"WHERE payment = $1 AND file = (SELECT max(o.file) FROM payment_transfer o "
		"WHERE o.payment = payment_transfer.payment AND o.number = payment_transfer.number) "
		"ORDER BY number LIMIT $2",
		VALS(v_int(p->id), v_int(TRANSFERS_MAX)), t, sizeof *t, n, err);
}

static int add_part(struct bank_transfer *t, size_t *n, const struct payment *p, const char *account,
		    int64_t amount, struct err *err)
{
	size_t i = 0;

	while (i < *n && strcmp(t[i].account, account) != 0)
		i++;
	if (i == TRANSFERS_MAX)
		return err_set(err, ERR_LIMIT, NULL, "The payment takes from more than %d bank accounts.",
			       TRANSFERS_MAX);
	if (i == *n) {
		t[(*n)++] = (struct bank_transfer){.payment = p->id};
		snprintf(t[i].account, sizeof t[i].account, "%s", account);
	}
	t[i].amount += amount;
	return 0;
}

/* What each fund has on 265 for the payment. */
static int read_parts(struct db *db, const struct payment *p, struct bank_transfer *t, size_t *n,
		      struct err *err)
{
	static const int64_t of_fund = 1LL << (KIND_BITS + HOLDER_BITS);
	struct stmt *q =
		db_query(db,
			 "SELECT f.bank_account, a.credits - a.debits FROM fund f JOIN account a "
			 "ON a.id = f.id * $1 + $2 WHERE a.credits > a.debits ORDER BY f.id",
			 VALS(v_int(of_fund), v_int(account_id(1, K_ORDERED, p->id) - of_fund)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1)
		if (add_part(t, n, p, col_text(q, 0), col_int(q, 1), err) != 0) {
			db_done(q);
			return -1;
		}
	return rc;
}

static int by_account(const void *a, const void *b)
{
	return strcmp(((const struct bank_transfer *)a)->account, ((const struct bank_transfer *)b)->account);
}

int bank_transfers(struct db *db, const struct payment *p, struct bank_transfer t[TRANSFERS_MAX], size_t *n,
		   struct err *err)
{
	if (read_sent(db, p, t, n, err) != 0)
		return -1;
	if (*n > 0 || p->state != PAYMENT_ORDERED)
		return 0;
	if (read_parts(db, p, t, n, err) != 0)
		return -1;
	qsort(t, *n, sizeof *t, by_account);
	for (size_t i = 0; *n > 1 && i < *n; i++)
		t[i].number = (int)i + 1;
	return 0;
}

int bank_transfer_moved(struct db *db, const struct payment *p, const struct bank_transfer *t,
			int64_t *amount, struct err *err)
{
	char name[END_TO_END_MAX + 1];

	*amount = 0;
	return db_int(db,
		      "SELECT amount FROM bank_line WHERE end_to_end = $1 AND waiting = amount AND "
		      "amount IN ($2, $3) ORDER BY id DESC LIMIT 1",
		      VALS(v_text(bank_transfer_name(p, t->number, name)), v_int(t->amount),
			   v_int(-t->amount)),
		      amount, err) < 0
		       ? -1
		       : 0;
}

char *bank_transfer_name(const struct payment *p, int number, char out[END_TO_END_MAX + 1])
{
	char digits[END_TO_END_TEXT];

	payment_end_to_end(p, digits);
	if (number == 0)
		snprintf(out, END_TO_END_MAX + 1, "%s", digits);
	else
		snprintf(out, END_TO_END_MAX + 1, "%s-%u", digits, (unsigned)number % 100);
	return out;
}

int bank_transfer_of_name(const char *text, struct uuid *uuid, int *number)
{
	char digits[END_TO_END_TEXT], *end;
	size_t n = strlen(text);
	long of = 0;

	if (n < sizeof digits - 1)
		return 0;
	if (text[sizeof digits - 1] != '\0') {
		of = strtol(text + sizeof digits, &end, 10);
		if (text[sizeof digits - 1] != '-' || *end != '\0' || of < 1 || of > TRANSFERS_MAX)
			return 0;
	}
	snprintf(digits, sizeof digits, "%s", text);
	*number = (int)of;
	return payment_of_end_to_end(digits, uuid);
}

int bank_transfer_returned(struct db *db, const struct payment *p, char code[BANK_RETURNED_TEXT],
			   struct err *err)
{
	struct bank_transfer t[TRANSFERS_MAX];
	char name[END_TO_END_MAX + 1];
	size_t n;
	int rc;

	if (bank_transfers(db, p, t, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct stmt *q = db_query(db,
					  "SELECT returned FROM bank_line WHERE end_to_end = $1 "
					  "AND returned IS NOT NULL ORDER BY id + 0 DESC LIMIT 1",
					  VALS(v_text(bank_transfer_name(p, t[i].number, name))), err);

		rc = db_step(q, err);
		if (rc == 1) {
			col_copy(q, 0, code, BANK_RETURNED_TEXT);
			db_done(q);
		}
		if (rc != 0)
			return rc;
	}
	return 0;
}
