#include "ledger/treasury/payment_file.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/book/seal.h"
#include "ledger/registers/bank_account.h"
#include "ledger/rules/role.h"
#include "ledger/store/setting.h"
#include "ledger/treasury/pain.h"

static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct payment_file, id), 0, RECORD_KEY},
	{"uuid", RECORD_BYTES, RECORD_ARRAY(struct payment_file, uuid), RECORD_FIXED},
	{"execution_on", RECORD_DAY, offsetof(struct payment_file, execution_on), 0, RECORD_FIXED},
	{"made_on", RECORD_DAY, offsetof(struct payment_file, made_on), 0, RECORD_FIXED},
	{"made_by", RECORD_TEXT, RECORD_ARRAY(struct payment_file, made_by), RECORD_FIXED},
	{"transfers", RECORD_INT64, offsetof(struct payment_file, transfers), 0, RECORD_FIXED},
	{"amount", RECORD_INT64, offsetof(struct payment_file, amount), 0, RECORD_FIXED},
	{"hash", RECORD_BYTES, RECORD_ARRAY(struct payment_file, hash), RECORD_FIXED},
	{"content", RECORD_STRING, offsetof(struct payment_file, content), 0, RECORD_FIXED},
	{"seq", RECORD_INT64, offsetof(struct payment_file, seq), 0, RECORD_SEALED},
};
static const struct record payment_file_record = {"payment_file", RECORD_COLUMNS(columns)};
/* What is told of one: all before its content. */
static const struct record told_record = {"payment_file", columns, sizeof columns / sizeof columns[0] - 2};
static const char last_id[] = "SELECT max(id) FROM payment_file";

const struct decision_kind decision_on_payment_file = {"payment_file", ROLE_BIT(ROLE_ACCOUNTANT),
						       ROLE_BIT(ROLE_AUTHORISER), 0};

/* A file under way: what goes into it, and the accounts that it debits. */
struct making {
	struct bank_transfer transfer[FILE_TRANSFERS_MAX];
	struct pain_transfer line[FILE_TRANSFERS_MAX];
	int account_of[FILE_TRANSFERS_MAX];
	size_t transfers;
	struct bank_account account[TRANSFERS_MAX];
	size_t accounts;
};

/* --- what goes in ------------------------------------------------------------------ */

/* The registered account, once in the file: its place; -1 refused. */
static int find_account(struct tx *tx, struct making *m, const char *code, struct err *err)
{
	size_t i = 0;
	int rc;

	while (i < m->accounts && strcmp(m->account[i].code, code) != 0)
		i++;
	if (i < m->accounts)
		return (int)i;
	if (i == TRANSFERS_MAX)
		return err_set(err, ERR_LIMIT, NULL, "The file debits more than %d bank accounts.",
			       TRANSFERS_MAX);
	rc = bank_account_find(tx->db, code, &m->account[i], err);
	if (rc == 0)
		return err_set(err, ERR_NO_BANK_ACCOUNT, NULL,
			       "Bank account %s, on which the paying fund lies, is not registered. Import it "
			       "first (bank_accounts).",
			       code[0] != '\0' ? code : "(none)");
	if (rc == 1)
		m->accounts++;
	return rc < 0 ? -1 : (int)i;
}

static void write_text(const struct payment *p, char text[PAIN_TEXT])
{
	char name[END_TO_END_MAX + 1];

	bank_transfer_name(p, 0, name);
	if (p->kind == PAYMENT_FINAL)
		snprintf(text, PAIN_TEXT, "Payment %s of %zu voucher%s", name, p->lines,
			 p->lines == 1 ? "" : "s");
	else
		snprintf(text, PAIN_TEXT, "%s %s", p->kind == PAYMENT_ADVANCE ? "Advance" : "Refund", name);
}

/* The transfers of a payment that the bank has not executed. */
static int find_transfers(struct tx *tx, const struct payment *p, struct bank_transfer t[TRANSFERS_MAX],
			  size_t *n, struct err *err)
{
	size_t all;

	*n = 0;
	if (bank_transfers(tx->db, p, t, &all, err) != 0)
		return -1;
	for (size_t i = 0; i < all; i++) {
		int64_t moved;

		if (bank_transfer_moved(tx->db, p, &t[i], &moved, err) != 0)
			return -1;
		if (moved >= 0)
			t[(*n)++] = t[i];
	}
	return *n > 0 ? 0
		      : err_set(err, ERR_PAYMENT_SETTLED, NULL,
				"The bank has executed all of it, as its statement says.");
}

/* What goes back to a card is sent by its acquirer: no file of ours orders it. */
static int by_transfer(const struct payment *p)
{
	return p->kind != PAYMENT_BACK;
}

/* All of them, or none. */
static int take_payment(struct tx *tx, struct making *m, const struct payment *p, struct err *err)
{
	struct bank_transfer t[TRANSFERS_MAX];
	struct org payee;
	size_t n;

	if (find_transfers(tx, p, t, &n, err) != 0 || org_get(tx->db, p->provider, &payee, err) != 0)
		return -1;
	assert(m->transfers + n <= FILE_TRANSFERS_MAX);
	for (size_t i = 0; i < n; i++) {
		size_t at = m->transfers + i;
		struct pain_transfer *line = &m->line[at];
		int account = find_account(tx, m, t[i].account, err);

		if (account < 0)
			return -1;
		m->transfer[at] = t[i];
		m->account_of[at] = account;
		*line = (struct pain_transfer){.amount = t[i].amount};
		bank_transfer_name(p, t[i].number, line->end_to_end);
		snprintf(line->name, sizeof line->name, "%s", payee.name);
		memcpy(line->iban, p->iban, sizeof line->iban);
		write_text(p, line->text);
	}
	m->transfers += n;
	return 0;
}

/* Payments that are at the bank and in no file yet, as far as the file has room. */
static int take_all(struct tx *tx, struct making *m, struct payment_file_made *made, struct err *err)
{
	struct payment p;
	int64_t id = 0;
	int rc = 0;

	while (m->transfers + TRANSFERS_MAX <= FILE_TRANSFERS_MAX &&
	       (rc = db_int(
			tx->db,
			"SELECT min(id) FROM payment p WHERE settled_on IS NULL AND id > $1 AND NOT EXISTS "
			"(SELECT t.file FROM payment_transfer t WHERE t.payment = p.id)",
			VALS(v_int(id)), &id, err)) == 1) {
		struct err why = {0};

		if (payment_get(tx->db, id, &p, err) != 0)
			return -1;
		if (payment_is_proposed(&p) || !by_transfer(&p))
			continue;
		if (take_payment(tx, m, &p, &why) == 0)
			continue;
		if (err_http(why.code) >= 500) {
			*err = why;
			return -1;
		}
		if (made->left_count < FILE_LEFT_MAX)
			made->left[made->left_count++] = (struct payment_left){p.uuid, why};
	}
	made->finished = rc == 0 && m->transfers + TRANSFERS_MAX <= FILE_TRANSFERS_MAX;
	return rc < 0 ? -1 : 0;
}

/* --- the file ---------------------------------------------------------------------------- */

static void sum_of(const struct making *m, int account, struct pain_sum *sum)
{
	*sum = (struct pain_sum){0};
	for (size_t i = 0; i < m->transfers; i++)
		if (account < 0 || m->account_of[i] == account) {
			sum->transfers++;
			sum->amount += m->line[i].amount;
		}
}

static void write_groups(const struct making *m, const struct pain_file *head, struct buf *b)
{
	int number = 0;

	for (size_t a = 0; a < m->accounts; a++) {
		struct pain_sum sum;

		sum_of(m, (int)a, &sum);
		if (sum.transfers == 0)
			continue;
		pain_group(b, head, ++number, &m->account[a], &sum);
		for (size_t i = 0; i < m->transfers; i++)
			if (m->account_of[i] == (int)a)
				pain_transfer(b, head, &m->line[i]);
		pain_group_end(b);
	}
}

static int write_file(struct tx *tx, const struct making *m, struct payment_file *f, struct buf *b,
		      struct err *err)
{
	struct pain_file head = {
		.made_at = tx->now, .execution_on = f->execution_on, .exponent = tx->env->exponent};

	if (setting_need(tx->db, "currency", head.currency, sizeof head.currency, err) != 0)
		return -1;
	if (strcmp(head.currency, "EUR") != 0)
		return err_set(err, ERR_FIELD_INVALID, NULL,
			       "A file of SEPA payments is in EUR, and the ledger is in %s.", head.currency);
	sum_of(m, -1, &head.sum);
	for (size_t i = 0; i < sizeof f->uuid.bytes; i++)
		snprintf(head.message + 2 * i, 3, "%02x", f->uuid.bytes[i]);
	f->transfers = head.sum.transfers;
	f->amount = head.sum.amount;
	pain_begin(b, &head, m->account[0].holder);
	write_groups(m, &head, b);
	pain_end(b);
	if (!buf_ok(b))
		return err_bug(err, "a payment file larger than its transfers can be");
	sha256(buf_text(b), b->len, f->hash);
	f->content = buf_text(b);
	return 0;
}

static int store(struct tx *tx, struct making *m, struct payment_file *f, struct err *err)
{
	if (seal_insert(tx, "payment_file", &payment_file_record, f, err) != 0)
		return -1;
	db_used_id(tx->db, last_id, f->id);
	for (size_t i = 0; i < m->transfers; i++) {
		m->transfer[i].file = f->id;
		m->transfer[i].line = (int64_t)i + 1;
		if (seal_insert(tx, "payment_transfer", &bank_transfer_record, &m->transfer[i], err) != 0)
			return -1;
	}
	return 0;
}

static int make_file(struct tx *tx, struct making *m, day_t on, struct payment_file *f, struct err *err)
{
	struct buf b;
	int rc;

	*f = (struct payment_file){.execution_on = on, .made_on = tx->today};
	snprintf(f->made_by, sizeof f->made_by, "%s", actor_person(tx));
	if (uuid7(tx->env, tx->now, NULL, &f->uuid) != 0)
		return err_set(err, ERR_STORAGE, NULL, "The system's random number generator failed.");
	buf_init(&b, FILE_BYTES_MAX);
	rc = db_next_id(tx->db, last_id, &f->id, err) != 0 || write_file(tx, m, f, &b, err) != 0 ||
			     store(tx, m, f, err) != 0
		     ? -1
		     : 0;
	f->content = NULL;
	buf_free(&b);
	return rc;
}

/* --- who may -------------------------------------------------------------------------------- */

static int check_day(const struct tx *tx, day_t *on, struct err *err)
{
	char day[DATE_TEXT];

	if (*on == DAY_NONE)
		*on = tx->today;
	if (*on >= tx->today && *on <= tx->today + FILE_AHEAD_DAYS)
		return 0;
	return err_set(err, ERR_FIELD_INVALID, "execution_on", "%s is past, or more than %d days away.",
		       day_format(*on, day), FILE_AHEAD_DAYS);
}

/* One that is in a file already: the first word waits, the second carries it out. */
static int take_word(struct tx *tx, const struct payment *p, day_t on, struct decision *d, struct err *err)
{
	char subject[DECISION_SUBJECT];
	struct content words[] = {{"execution_on", v_day(on)}};

	if (role_need(tx, decision_on_payment_file.roles | decision_on_payment_file.second, err) != 0)
		return -1;
	return decision_take(tx, &decision_on_payment_file, decision_subject(p->id, subject), words, 1, d,
			     err);
}

/* 1 it may go out; 0 a second person must say so. */
static int take_named(struct tx *tx, struct making *m, const struct payment_file_wish *wish, day_t on,
		      struct decision *d, struct err *err)
{
	struct payment p;
	int64_t file;
	int sent, rc;

	if (payment_need(tx->db, &wish->payment, NULL, &p, err) != 0)
		return -1;
	if (p.state != PAYMENT_ORDERED)
		return err_set(err, ERR_PAYMENT_SETTLED, NULL, "The payment is %s already.",
			       payment_state_name(p.state));
	if (payment_is_proposed(&p))
		return err_set(err, ERR_NOT_ORDERED, NULL, "No authoriser has ordered the advance.");
	if (!by_transfer(&p))
		return err_set(err, ERR_FIELD_INVALID, "payment",
			       "This payment goes back to the learner's card, by its acquirer.");
	sent = db_int(tx->db, "SELECT max(file) FROM payment_transfer WHERE payment = $1", VALS(v_int(p.id)),
		      &file, err);
	if (sent < 0 || (sent == 0 && role_need(tx, decision_on_payment_file.roles, err) != 0) ||
	    take_payment(tx, m, &p, err) != 0)
		return -1;
	rc = sent == 1 ? take_word(tx, &p, on, d, err) : 1;
	return rc;
}

static int make(struct tx *tx, const struct payment_file_wish *wish, struct making *m,
		struct payment_file_made *made, struct err *err)
{
	static const struct uuid none;
	day_t on = wish->execution_on;
	int named = memcmp(&wish->payment, &none, sizeof none) != 0, rc = 1;

	if (role_need(tx,
		      named ? decision_on_payment_file.roles | decision_on_payment_file.second
			    : decision_on_payment_file.roles,
		      err) != 0 ||
	    check_day(tx, &on, err) != 0)
		return -1;
	if (named)
		rc = take_named(tx, m, wish, on, &made->decision, err);
	else if (take_all(tx, m, made, err) != 0)
		return -1;
	if (rc != 1 || m->transfers == 0)
		return rc;
	return make_file(tx, m, on, &made->file, err) == 0 ? 1 : -1;
}

int payment_file_make(struct tx *tx, const struct payment_file_wish *wish, struct payment_file_made *made,
		      struct err *err)
{
	/* Of no thread's own: each of them would hold it all its life. */
	struct making *m = calloc(1, sizeof *m);
	int rc;

	memset(made, 0, sizeof *made);
	made->finished = 1;
	rc = m != NULL ? make(tx, wish, m, made, err) : err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	free(m);
	return rc;
}

/* --- reading --------------------------------------------------------------------------------- */

int payment_file_read(struct db *db, const struct uuid *uuid, struct payment_file *f, struct buf *content,
		      struct err *err)
{
	unsigned char hash[SHA256_BYTES];
	struct stmt *q;
	int rc;

	memset(f, 0, sizeof *f);
	rc = record_find(db, &told_record, "WHERE uuid = $1", VALS(v_blob(uuid->bytes, sizeof uuid->bytes)),
			 f, err);
	if (rc == 0)
		return err_missing(err, NULL, "There is no such payment file.");
	if (rc < 0)
		return -1;
	q = db_query(db, "SELECT content FROM payment_file WHERE id = $1", VALS(v_int(f->id)), err);
	rc = db_step(q, err);
	if (rc == 1)
		buf_text_add(content, col_text(q, 0));
	db_done(q);
	if (rc != 1 || !buf_ok(content))
		return rc < 0 ? -1 : err_set(err, ERR_LIMIT, NULL, "The payment file is too large.");
	sha256(buf_text(content), content->len, hash);
	if (memcmp(hash, f->hash, sizeof hash) != 0)
		return err_set(err, ERR_VERIFY, NULL,
			       "Payment file %" PRId64 " was changed after it was made.", f->id);
	return 0;
}

int payment_file_list(struct db *db, int64_t before, size_t max, struct payment_file *out, size_t *n,
		      struct err *err)
{
	return record_list(db, &told_record, "WHERE id < $1 ORDER BY id DESC LIMIT $2",
			   VALS(v_int(before), v_int((int64_t)max)), out, sizeof *out, n, err);
}
