#include "ledger/registers/fund.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/book/seal.h"

static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct fund, id), 0, RECORD_KEY},
	{"code", RECORD_TEXT, RECORD_ARRAY(struct fund, code), 0},
	{"programme", RECORD_TEXT, RECORD_ARRAY(struct fund, programme), 0},
	{"funder", RECORD_INT64, offsetof(struct fund, funder), 0, 0},
	{"class", RECORD_TEXT, RECORD_ARRAY(struct fund, class_), 0},
	{"nature", RECORD_INT, offsetof(struct fund, nature), 0, 0},
	{"unspent", RECORD_INT, offsetof(struct fund, unspent), 0, 0},
	{"budgeted", RECORD_INT, offsetof(struct fund, budgeted), 0, 0},
	{"bank_account", RECORD_OPTIONAL, RECORD_ARRAY(struct fund, bank_account), 0},
	{"seq", RECORD_INT64, offsetof(struct fund, seq), 0, RECORD_SEALED},
};
static const struct record fund_record = {"fund", RECORD_COLUMNS(columns)};

int fund_need_own(struct tx *tx, const char *code, struct err *err)
{
	struct fund f;
	int rc = tx->actor.role == ROLE_FUNDER ? fund_find(tx->db, code, &f, err) : 0;

	if (rc == 1 && f.funder != tx->actor.org)
		return err_set(err, ERR_FORBIDDEN, "fund", "Fund %s belongs to another funder.", code);
	return rc < 0 ? -1 : 0;
}

int fund_list(struct db *db, int64_t after, size_t max, int64_t *out, size_t *n, struct err *err)
{
	struct stmt *q = db_query(db, "SELECT id FROM fund WHERE id > $1 ORDER BY id LIMIT $2",
				  VALS(v_int(after), v_int((int64_t)max)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		assert(*n < max);
		out[(*n)++] = col_int(q, 0);
	}
	return rc;
}

int fund_find(struct db *db, const char *code, struct fund *f, struct err *err)
{
	static const char tag;
	const struct known_fund {
		char code[CODE_MAX + 1];
		int64_t id;
	} *known = db_cache_get_text(db, &tag, code);
	struct known_fund now = {0};
	int rc;

	if (known != NULL)
		return fund_get(db, known->id, f, err) == 0 ? 1 : -1;
	rc = record_find(db, &fund_record, "WHERE code = $1", VALS(v_text(code)), f, err);
	if (rc == 1) {
		memcpy(now.code, f->code, sizeof now.code);
		now.id = f->id;
		db_cache_put_text(db, &tag, &now, sizeof now);
	}
	return rc;
}

int fund_need(struct db *db, const char *code, const char *field, struct fund *f, struct err *err)
{
	int rc = fund_find(db, code, f, err);

	if (rc == 0)
		return err_missing(err, field, "There is no fund %s.", code);
	return rc < 0 ? -1 : 0;
}

int fund_of_rule(struct db *db, const char *code, struct fund *f, struct err *err)
{
	int rc = fund_find(db, code, f, err);

	if (rc == 0)
		return err_bug(err, "a rule's fund is missing");
	return rc < 0 ? -1 : 0;
}

int fund_get(struct db *db, int64_t id, struct fund *f, struct err *err)
{
	static const char tag;
	const struct fund *known = db_cache_get(db, &tag, id);
	int rc;

	/* A fund never changes once it is made. */
	if (known != NULL) {
		*f = *known;
		return 0;
	}
	rc = record_find(db, &fund_record, "WHERE id = $1", VALS(v_int(id)), f, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no fund %lld.", (long long)id);
	if (rc == 1)
		db_cache_put(db, &tag, id, f, sizeof *f);
	return rc < 0 ? -1 : 0;
}

static int same_fund(const struct fund *a, const struct fund *b)
{
	return strcmp(a->programme, b->programme) == 0 && a->funder == b->funder &&
	       strcmp(a->class_, b->class_) == 0 && a->nature == b->nature && a->unspent == b->unspent &&
	       a->budgeted == b->budgeted && strcmp(a->bank_account, b->bank_account) == 0;
}

int fund_upsert(struct tx *tx, struct fund *f, enum upsert *done, struct err *err)
{
	struct fund stored;
	int64_t last = 0;
	int rc = fund_find(tx->db, f->code, &stored, err);

	if (rc < 0)
		return -1;
	if (rc == 1) {
		*done = UPSERT_UNCHANGED;
		f->id = stored.id;
		if (same_fund(f, &stored))
			return 0;
		return err_set(err, ERR_FUND_DIFFERS, "funds",
			       "Fund %s exists with another programme, funder, class, nature, budget or bank "
			       "account. Give a new fund a new name.",
			       f->code);
	}
	*done = UPSERT_CREATED;
	if (db_int(tx->db, "SELECT max(id) FROM fund", NO_VALS, &last, err) < 0)
		return -1;
	if (last >= FUND_ID_MAX)
		return err_set(err, ERR_LIMIT, "funds", "A ledger holds at most %lld funds.", FUND_ID_MAX);
	f->id = last + 1;
	return seal_insert(tx, "fund", &fund_record, f, err);
}

int fund_source_kind(const struct fund *f)
{
	return f->nature == NATURE_CASH ? K_POOL : K_UNFUNDED;
}

int fund_lost_kind(const struct fund *f)
{
	if (f->nature == NATURE_NOTIONAL)
		return K_UNFUNDED;
	return f->unspent == UNSPENT_FUNDER ? K_DUE_FUNDER : K_POOL;
}

int funds_hold(struct db *db, const struct kind *kind, int64_t *out, struct err *err)
{
	int64_t first = account_id(1, kind->number, 0), apart = account_id(2, kind->number, 0) - first;
	struct stmt *q = db_query(db,
				  "SELECT sum(a.debits), sum(a.credits) FROM fund f "
				  "JOIN account a ON a.id = (f.id - 1) * $1 + $2",
				  VALS(v_int(apart), v_int(first)), err);
	int rc = db_step(q, err);

	*out = 0;
	if (rc != 1)
		return rc;
	*out = kind->side == DEBIT ? col_int(q, 0) - col_int(q, 1) : col_int(q, 1) - col_int(q, 0);
	db_done(q);
	return 0;
}
