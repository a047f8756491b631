#include "ledger/registers/bank_account.h"

#include <stdio.h>
#include <string.h>

#include "ledger/book/seal.h"

static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct bank_account, id), 0, RECORD_KEY},
	{"code", RECORD_TEXT, RECORD_ARRAY(struct bank_account, code), RECORD_FIXED},
	{"iban", RECORD_TEXT, RECORD_ARRAY(struct bank_account, iban), RECORD_FIXED},
	{"holder", RECORD_TEXT, RECORD_ARRAY(struct bank_account, holder), 0},
	{"bic", RECORD_OPTIONAL, RECORD_ARRAY(struct bank_account, bic), 0},
	{"seq", RECORD_INT64, offsetof(struct bank_account, seq), 0, RECORD_SEALED},
};
static const struct record bank_account_record = {"bank_account", RECORD_COLUMNS(columns)};
static const char last_id[] = "SELECT max(id) FROM bank_account";

int bank_account_find(struct db *db, const char *code, struct bank_account *a, struct err *err)
{
	return record_find(db, &bank_account_record, "WHERE code = $1", VALS(v_text(code)), a, err);
}

/* 1 a fund lies on it, 0, -1. */
static int has_funds(struct db *db, const char *code, struct err *err)
{
	int64_t any;

	return db_int(db, "SELECT id FROM fund WHERE bank_account = $1 LIMIT 1", VALS(v_text(code)), &any,
		      err);
}

int bank_account_of_iban(struct db *db, const char *iban, char code[CODE_MAX + 1], struct err *err)
{
	struct bank_account a;
	int rc = record_find(db, &bank_account_record, "WHERE iban = $1", VALS(v_text(iban)), &a, err);

	if (rc == 0) {
		snprintf(code, CODE_MAX + 1, "%s", iban);
		return has_funds(db, iban, err);
	}
	if (rc == 1)
		memcpy(code, a.code, sizeof a.code);
	return rc;
}

static int refuse_other(const struct bank_account *a, const struct bank_account *known, struct err *err)
{
	if (strcmp(a->iban, known->iban) != 0)
		return err_set(
			err, ERR_BANK_ACCOUNT_KNOWN, "iban",
			"Bank account %s has another IBAN, and its statements are of that one. Give a new "
			"account a new code.",
			a->code);
	return err_set(err, ERR_BANK_ACCOUNT_KNOWN, "iban", "That IBAN is the one of bank account %s.",
		       known->code);
}

static int update(struct tx *tx, struct bank_account *a, const struct bank_account *known, enum upsert *done,
		  struct err *err)
{
	if (strcmp(a->iban, known->iban) != 0 || strcmp(a->code, known->code) != 0)
		return refuse_other(a, known, err);
	a->id = known->id;
	a->seq = known->seq;
	if (strcmp(a->holder, known->holder) == 0 && strcmp(a->bic, known->bic) == 0)
		return 0;
	*done = UPSERT_UPDATED;
	return seal_update(tx, "bank_account", &bank_account_record, a, err);
}

int bank_account_upsert(struct tx *tx, struct bank_account *a, enum upsert *done, struct err *err)
{
	struct bank_account known;
	int rc = record_find(tx->db, &bank_account_record, "WHERE code = $1 OR iban = $2 ORDER BY id LIMIT 1",
			     VALS(v_text(a->code), v_text(a->iban)), &known, err);

	*done = UPSERT_UNCHANGED;
	if (rc != 0)
		return rc < 0 ? -1 : update(tx, a, &known, done, err);
	if (db_next_id(tx->db, last_id, &a->id, err) != 0)
		return -1;
	*done = UPSERT_CREATED;
	if (seal_insert(tx, "bank_account", &bank_account_record, a, err) != 0)
		return -1;
	db_used_id(tx->db, last_id, a->id);
	return 0;
}
