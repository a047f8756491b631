#include "ledger/treasury/bank_statement.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/seal.h"

static const struct record_column statement_columns[] = {
	{"id", RECORD_INT64, offsetof(struct bank_statement, id), 0, RECORD_KEY},
	{"account", RECORD_TEXT, RECORD_ARRAY(struct bank_statement, account), RECORD_FIXED},
	{"reference", RECORD_OPTIONAL, RECORD_ARRAY(struct bank_statement, reference), RECORD_FIXED},
	{"number", RECORD_ID, offsetof(struct bank_statement, number), 0, RECORD_FIXED},
	{"closed_on", RECORD_DAY, offsetof(struct bank_statement, closed_on), 0, 0},
	{"opening", RECORD_INT64, offsetof(struct bank_statement, opening), 0, RECORD_FIXED},
	{"closing", RECORD_INT64, offsetof(struct bank_statement, closing), 0, 0},
	{"lines", RECORD_INT64, offsetof(struct bank_statement, lines), 0, 0},
	{"seq", RECORD_ID, offsetof(struct bank_statement, seq), 0, RECORD_SEALED},
};
static const struct record statement_record = {"bank_statement", RECORD_COLUMNS(statement_columns)};

static const struct record_column line_columns[] = {
	{"id", RECORD_INT64, offsetof(struct bank_line, id), 0, RECORD_KEY},
	{"statement", RECORD_INT64, offsetof(struct bank_line, statement), 0, RECORD_FIXED},
	{"line", RECORD_INT64, offsetof(struct bank_line, line), 0, RECORD_FIXED},
	{"amount", RECORD_INT64, offsetof(struct bank_line, amount), 0, RECORD_FIXED},
	{"booked_on", RECORD_DAY, offsetof(struct bank_line, booked_on), 0, RECORD_FIXED},
	{"value_on", RECORD_DAY, offsetof(struct bank_line, value_on), 0, RECORD_FIXED},
	{"reference", RECORD_OPTIONAL, RECORD_ARRAY(struct bank_line, reference), RECORD_FIXED},
	{"end_to_end", RECORD_OPTIONAL, RECORD_ARRAY(struct bank_line, end_to_end), RECORD_FIXED},
	{"batch", RECORD_OPTIONAL, RECORD_ARRAY(struct bank_line, batch), RECORD_FIXED},
	{"label", RECORD_OPTIONAL, RECORD_ARRAY(struct bank_line, label), RECORD_FIXED},
	{"returned", RECORD_OPTIONAL, RECORD_ARRAY(struct bank_line, returned), RECORD_FIXED},
	{"waiting", RECORD_INT64, offsetof(struct bank_line, waiting), 0, 0},
	{"seq", RECORD_INT64, offsetof(struct bank_line, seq), 0, RECORD_SEALED},
};
static const struct record line_record = {"bank_line", RECORD_COLUMNS(line_columns)};

static const struct record_column part_columns[] = {
	{"line", RECORD_INT64, offsetof(struct bank_part, line), 0, RECORD_KEY},
	{"number", RECORD_INT64, offsetof(struct bank_part, number), 0, RECORD_KEY},
	{"purpose", RECORD_INT, offsetof(struct bank_part, purpose), 0, RECORD_FIXED},
	{"subject", RECORD_TEXT, RECORD_ARRAY(struct bank_part, subject), RECORD_FIXED},
	{"amount", RECORD_INT64, offsetof(struct bank_part, amount), 0, RECORD_FIXED},
	{"entered_on", RECORD_DAY, offsetof(struct bank_part, entered_on), 0, RECORD_FIXED},
	{"entered_by", RECORD_TEXT, RECORD_ARRAY(struct bank_part, entered_by), RECORD_FIXED},
	{"reason", RECORD_OPTIONAL, RECORD_ARRAY(struct bank_part, reason), RECORD_FIXED},
	{"seq", RECORD_INT64, offsetof(struct bank_part, seq), 0, RECORD_SEALED},
};
static const struct record part_record = {"bank_line_part", RECORD_COLUMNS(part_columns)};

static const char last_statement[] = "SELECT max(id) FROM bank_statement";
static const char last_line[] = "SELECT max(id) FROM bank_line";

const char *bank_purpose_name(enum bank_purpose purpose)
{
	static const char *const names[BANK_PURPOSE__MAX] = {
		[BANK_UNKNOWN] = "",
		[BANK_PAID] = "paid",
		[BANK_RETURNED] = "returned",
		[BANK_RECEIPT] = "receipt",
		[BANK_SETTLEMENT] = "settlement",
		[BANK_PAYMENT] = "payment",
		[BANK_COLLECTED] = "collected",
		[BANK_RECORDED] = "recorded",
		[BANK_CHARGES] = "charges",
		[BANK_INTEREST_PAID] = "interest_paid",
		[BANK_INTEREST] = "interest",
		[BANK_ACQUIRER_FEE] = "acquirer_fee",
		[BANK_TRANSIT] = "transit",
	};

	return names[purpose];
}

void bank_label(const char *text, char label[CODE_MAX + 1])
{
	size_t n = 0;

	label[0] = '\0';
	while (*text != '\0') {
		size_t word = strcspn(text, " \t\r\n,;");
		int digit = 0;

		for (size_t i = 0; i < word; i++)
			digit |= isdigit((unsigned char)text[i]) != 0;
		if (digit && n + (n > 0) + word <= CODE_MAX) {
			n += (size_t)snprintf(label + n, CODE_MAX + 1 - n, "%s%.*s", n > 0 ? " " : "",
					      (int)word, text);
		}
		text += word;
		text += *text != '\0';
	}
}

/* --- what is known ------------------------------------------------------------------ */

int bank_statement_get(struct db *db, int64_t id, struct bank_statement *s, struct err *err)
{
	int rc = record_find(db, &statement_record, "WHERE id = $1", VALS(v_int(id)), s, err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no bank statement %" PRId64 ".", id);
	return rc < 0 ? -1 : 0;
}

int bank_line_get(struct db *db, int64_t id, struct bank_line *l, struct err *err)
{
	int rc = record_find(db, &line_record, "WHERE id = $1", VALS(v_int(id)), l, err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no bank line %" PRId64 ".", id);
	return rc < 0 ? -1 : 0;
}

int bank_line_list(struct db *db, int waiting, int64_t after, size_t max, struct bank_line *out, size_t *n,
		   struct err *err)
{
	if (waiting)
		return record_list(db, &line_record, "WHERE waiting <> 0 AND id > $1 ORDER BY id LIMIT $2",
				   VALS(v_int(after), v_int((int64_t)max)), out, sizeof *out, n, err);
	return record_list(db, &line_record, "WHERE id > $1 ORDER BY id LIMIT $2",
			   VALS(v_int(after), v_int((int64_t)max)), out, sizeof *out, n, err);
}

int bank_line_named(struct db *db, const char *end_to_end, int waiting, int64_t after, size_t max,
		    struct bank_line *out, size_t *n, struct err *err)
{
	return record_list(
		db, &line_record,
		"WHERE end_to_end = $1 AND ($2 = 0 OR waiting <> 0) AND id > $3 ORDER BY id LIMIT $4",
		VALS(v_text(end_to_end), v_int(waiting), v_int(after), v_int((int64_t)max)), out, sizeof *out,
		n, err);
}

int bank_part_list(struct db *db, int64_t line, size_t max, struct bank_part *out, size_t *n, struct err *err)
{
	return record_list(db, &part_record, "WHERE line = $1 ORDER BY number LIMIT $2",
			   VALS(v_int(line), v_int((int64_t)max)), out, sizeof *out, n, err);
}

int bank_part_known(struct db *db, enum bank_purpose purpose, const char *subject, struct err *err)
{
	int64_t line;

	return db_int(
		db,
		"SELECT line FROM bank_line_part WHERE subject = $1 AND purpose = $2 ORDER BY line LIMIT 1",
		VALS(v_text(subject), v_int(purpose)), &line, err);
}

int bank_line_enter(struct tx *tx, struct bank_line *l, struct bank_part *part, struct err *err)
{
	int64_t last = 0;

	if (db_int(tx->db, "SELECT max(number) FROM bank_line_part WHERE line = $1", VALS(v_int(l->id)),
		   &last, err) < 0)
		return -1;
	if (last == BANK_PARTS_MAX)
		return err_set(err, ERR_LIMIT, NULL, "A bank line has at most %d parts.", BANK_PARTS_MAX);
	part->line = l->id;
	part->number = last + 1;
	snprintf(part->entered_by, sizeof part->entered_by, "%s", actor_person(tx));
	if (money_add(l->waiting, -part->amount, &l->waiting) != 0)
		return err_bug(err, "a bank line that overflows");
	return seal_insert(tx, "bank_line_part", &part_record, part, err) != 0 ||
			       seal_update(tx, "bank_line_entered", &line_record, l, err) != 0
		       ? -1
		       : 0;
}

static int find_known(struct db *db, const struct bank_statement *s, struct bank_statement *known,
		      struct err *err)
{
	return record_find(db, &statement_record, "WHERE account = $1 AND reference = $2",
			   VALS(v_text(s->account), v_text(s->reference)), known, err);
}

/* The last statement with lines of the account; 1, 0 none, -1. */
static int find_last(struct db *db, const char *account, struct bank_statement *last, struct err *err)
{
	return record_find(
		db, &statement_record,
		"WHERE account = $1 AND reference IS NOT NULL ORDER BY closed_on DESC, id DESC LIMIT 1",
		VALS(v_text(account)), last, err);
}

static int refuse_known(const struct bank_statement *s, const char *what, struct err *err)
{
	return err_set(
		err, ERR_STATEMENT_KNOWN, NULL,
		"Statement %s of bank account %s was imported before with %s. A statement of a bank does "
		"not change: ask the bank which one is right.",
		s->reference, s->account, what);
}

/* Is the line what was stored? */
static int check_same(struct db *db, const struct bank_statement *known, const struct bank_line *l,
		      struct err *err)
{
	struct bank_line was;
	int rc = record_find(db, &line_record, "WHERE statement = $1 AND line = $2",
			     VALS(v_int(known->id), v_int(l->line)), &was, err);

	if (rc < 0)
		return -1;
	if (rc == 1 && was.amount == l->amount && was.booked_on == l->booked_on &&
	    strcmp(was.end_to_end, l->end_to_end) == 0 && strcmp(was.label, l->label) == 0)
		return 0;
	return refuse_known(known, "another line", err);
}

/* --- the chain of statements --------------------------------------------------------- */

static int check_day(const struct tx *tx, const struct bank_statement *s, struct err *err)
{
	char day[DATE_TEXT];

	if (s->closed_on <= tx->today)
		return 0;
	return err_set(err, ERR_FIELD_INVALID, "closed_on",
		       "Statement %s closes on %s, which is still to come.", s->reference,
		       day_format(s->closed_on, day));
}

/* Another balance of the same day. */
static int check_balance(struct tx *tx, const struct bank_statement *s, struct err *err)
{
	char day[DATE_TEXT], was[MONEY_TEXT], is[MONEY_TEXT];
	int64_t balance;
	int rc = db_int(
		tx->db,
		"SELECT closing FROM bank_statement WHERE account = $1 AND closed_on = $2 AND reference "
		"IS NULL",
		VALS(v_text(s->account), v_int(s->closed_on)), &balance, err);

	if (rc < 0)
		return -1;
	if (rc == 0 || balance == s->closing)
		return 0;
	return err_set(
		err, ERR_BALANCE_KNOWN, NULL,
		"Statement %s closes %s on %s with %s; the balance recorded for that day is %s. Correct that "
		"one first (column replaces).",
		s->reference, s->account, day_format(s->closed_on, day),
		money_format(s->closing, tx->env->exponent, is),
		money_format(balance, tx->env->exponent, was));
}

/* "statements 5 to 7 are missing. ", "" when the numbers show none. */
static void say_missing(const struct bank_statement *last, const struct bank_statement *s, char *out,
			size_t n)
{
	int64_t from = last->number + 1, to = s->number - 1;

	out[0] = '\0';
	if (last->number == 0 || s->number == 0 || to < from)
		return;
	if (from == to)
		snprintf(out, n, "Statement %" PRId64 " is missing. ", from);
	else
		snprintf(out, n, "Statements %" PRId64 " to %" PRId64 " are missing. ", from, to);
}

/* Does it follow the last one? */
static int check_chain(struct tx *tx, const struct bank_statement *s, struct err *err)
{
	char day[DATE_TEXT], closed[MONEY_TEXT], opens[MONEY_TEXT], missing[96];
	struct bank_statement last;
	int rc = find_last(tx->db, s->account, &last, err);

	if (rc != 1)
		return rc;
	if (s->closed_on < last.closed_on)
		return err_set(
			err, ERR_STATEMENT_GAP, NULL,
			"Statement %s of bank account %s is older than statement %s of %s, which was imported "
			"before it: statements are imported in their order.",
			s->reference, s->account, last.reference, day_format(last.closed_on, day));
	if (s->opening == last.closing)
		return 0;
	say_missing(&last, s, missing, sizeof missing);
	return err_set(
		err, ERR_STATEMENT_GAP, NULL,
		"Statement %s of bank account %s opens with %s, and statement %s of %s closed with %s. %sImport "
		"what lies between first.",
		s->reference, s->account, money_format(s->opening, tx->env->exponent, opens), last.reference,
		day_format(last.closed_on, day), money_format(last.closing, tx->env->exponent, closed),
		missing);
}

static int check_new(struct tx *tx, const struct bank_statement *s, struct err *err)
{
	return check_day(tx, s, err) != 0 || check_balance(tx, s, err) != 0 || check_chain(tx, s, err) != 0
		       ? -1
		       : 0;
}

/* --- taking --------------------------------------------------------------------------- */

static int insert_statement(struct tx *tx, struct bank_statement *s, struct err *err)
{
	if (db_next_id(tx->db, last_statement, &s->id, err) != 0 ||
	    seal_insert(tx, "bank_statement", &statement_record, s, err) != 0)
		return -1;
	db_used_id(tx->db, last_statement, s->id);
	return 0;
}

static int insert_line(struct tx *tx, const struct bank_statement *s, struct bank_line *l, struct err *err)
{
	l->statement = s->id;
	l->waiting = l->amount;
	if (db_next_id(tx->db, last_line, &l->id, err) != 0 ||
	    seal_insert(tx, "bank_line", &line_record, l, err) != 0)
		return -1;
	db_used_id(tx->db, last_line, l->id);
	return 0;
}

static int check_sum(const struct tx *tx, const struct bank_statement *s, const struct bank_line *line,
		     struct err *err)
{
	char comes[MONEY_TEXT], closes[MONEY_TEXT];
	int64_t sum = s->opening;

	for (int64_t i = 0; i < s->lines; i++) {
		char day[DATE_TEXT];

		if (money_add(sum, line[i].amount, &sum) != 0)
			return err_set(err, ERR_LIMIT, NULL, "The lines of statement %s are too large.",
				       s->reference);
		if (line[i].booked_on > s->closed_on)
			return err_set(err, ERR_FIELD_INVALID, "booked_on",
				       "Line %" PRId64
				       " of statement %s is booked on %s, after its closing day.",
				       line[i].line, s->reference, day_format(line[i].booked_on, day));
	}
	if (sum == s->closing)
		return 0;
	return err_set(err, ERR_STATEMENT_SUM, NULL,
		       "Statement %s of bank account %s does not add up: its opening balance and its %" PRId64
		       " lines come to %s, its closing balance is %s.",
		       s->reference, s->account, s->lines, money_format(sum, tx->env->exponent, comes),
		       money_format(s->closing, tx->env->exponent, closes));
}

static int take_again(struct tx *tx, const struct bank_statement *s, const struct bank_statement *known,
		      const struct bank_line *line, struct err *err)
{
	if (known->closing != s->closing || known->opening != s->opening || known->closed_on != s->closed_on)
		return refuse_known(s, "other balances", err);
	if (known->lines != s->lines)
		return refuse_known(s, "another number of lines", err);
	for (int64_t i = 0; i < s->lines; i++)
		if (check_same(tx->db, known, &line[i], err) != 0)
			return -1;
	return 0;
}

int bank_statement_take(struct tx *tx, struct bank_statement *s, struct bank_line *line, enum upsert *done,
			struct err *err)
{
	struct bank_statement known;
	int rc = find_known(tx->db, s, &known, err);

	*done = UPSERT_UNCHANGED;
	if (rc < 0 || check_sum(tx, s, line, err) != 0)
		return -1;
	if (rc == 1)
		return take_again(tx, s, &known, line, err);
	*done = UPSERT_CREATED;
	if (check_new(tx, s, err) != 0 || insert_statement(tx, s, err) != 0)
		return -1;
	for (int64_t i = 0; i < s->lines; i++)
		if (insert_line(tx, s, &line[i], err) != 0)
			return -1;
	return 0;
}

/* The first line of a statement begins it. */
static int begin(struct tx *tx, struct bank_statement *s, const struct bank_line *l, int64_t balance,
		 struct err *err)
{
	if (l->line != 1)
		return err_set(err, ERR_STATEMENT_GAP, "line", "line 1 of statement %s is missing",
			       s->reference);
	if (money_add(balance, -l->amount, &s->opening) != 0)
		return err_set(err, ERR_LIMIT, "balance", "the balance is too large");
	s->closing = balance;
	s->closed_on = l->booked_on;
	s->lines = 1;
	return check_new(tx, s, err) != 0 || insert_statement(tx, s, err) != 0 ? -1 : 0;
}

/* One more line of the last statement of its account. */
static int extend(struct tx *tx, struct bank_statement *s, const struct bank_line *l, int64_t balance,
		  struct err *err)
{
	char before[MONEY_TEXT], after[MONEY_TEXT];
	struct bank_statement last;
	int64_t comes;
	int rc = find_last(tx->db, s->account, &last, err);

	if (rc != 1 || last.id != s->id)
		return rc < 0 ? -1 : refuse_known(s, "fewer lines, and others came after it", err);
	if (l->line != s->lines + 1)
		return err_set(err, ERR_STATEMENT_GAP, "line", "the line before it is %" PRId64, s->lines);
	if (l->booked_on < s->closed_on)
		return err_set(err, ERR_FIELD_INVALID, "booked_on", "the line before it is booked later");
	if (money_add(s->closing, l->amount, &comes) != 0 || comes != balance)
		return err_set(err, ERR_STATEMENT_SUM, "balance",
			       "%s before it and its amount do not come to %s",
			       money_format(s->closing, tx->env->exponent, before),
			       money_format(balance, tx->env->exponent, after));
	s->closing = balance;
	s->closed_on = l->booked_on;
	s->lines++;
	if (check_day(tx, s, err) != 0 || check_balance(tx, s, err) != 0)
		return -1;
	return seal_update(tx, "bank_statement", &statement_record, s, err);
}

int bank_statement_add(struct tx *tx, struct bank_statement *s, struct bank_line *l, int64_t balance,
		       enum upsert *done, struct err *err)
{
	struct bank_statement known;
	int rc = find_known(tx->db, s, &known, err);

	*done = UPSERT_UNCHANGED;
	if (rc < 0)
		return -1;
	if (rc == 1 && l->line <= known.lines)
		return check_same(tx->db, &known, l, err);
	*done = UPSERT_CREATED;
	if (rc == 1)
		*s = known;
	if ((rc == 1 ? extend(tx, s, l, balance, err) : begin(tx, s, l, balance, err)) != 0)
		return -1;
	return insert_line(tx, s, l, err);
}

/* --- a closing balance alone ------------------------------------------------------------ */

static int refuse_balance(const struct tx *tx, const struct bank_statement *known, int64_t balance,
			  struct err *err)
{
	char day[DATE_TEXT], was[MONEY_TEXT], is[MONEY_TEXT];

	if (known->reference[0] != '\0')
		return err_set(err, ERR_BALANCE_KNOWN, "balance",
			       "%s of %s on %s contradicts %s, with which statement %s closes",
			       money_format(balance, tx->env->exponent, is), known->account,
			       day_format(known->closed_on, day),
			       money_format(known->closing, tx->env->exponent, was), known->reference);
	return err_set(err, ERR_BALANCE_KNOWN, "balance",
		       "%s of %s on %s contradicts %s, imported before: to correct that, name it in a column "
		       "replaces_eur",
		       money_format(balance, tx->env->exponent, is), known->account,
		       day_format(known->closed_on, day),
		       money_format(known->closing, tx->env->exponent, was));
}

int bank_balance_take(struct tx *tx, const char *account, day_t on, int64_t balance, const int64_t *replaces,
		      enum upsert *done, struct err *err)
{
	struct bank_statement known, s = {.closed_on = on, .closing = balance};
	int rc = record_find(tx->db, &statement_record,
			     "WHERE account = $1 AND closed_on = $2 ORDER BY id DESC LIMIT 1",
			     VALS(v_text(account), v_int(on)), &known, err);

	*done = UPSERT_UNCHANGED;
	if (rc < 0 || (rc == 1 && known.closing == balance))
		return rc < 0 ? -1 : 0;
	if (rc == 1 && (known.reference[0] != '\0' || replaces == NULL || *replaces != known.closing))
		return refuse_balance(tx, &known, balance, err);
	*done = UPSERT_CREATED;
	if (rc == 1) {
		known.closing = balance;
		return seal_update(tx, "bank_balance", &statement_record, &known, err);
	}
	snprintf(s.account, sizeof s.account, "%s", account);
	return insert_statement(tx, &s, err);
}
