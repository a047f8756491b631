#include "ledger/audit/sealed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What is sealed beside the row: the lot that it credits. */
#define LOT                                                                                                  \
	"l.earmark AS lot_earmark, l.earmark_kind AS lot_earmark_kind, l.expires_on AS lot_expires_on, "     \
	"l.fund AS lot_fund, l.credited_on AS lot_credited_on, l.id AS lot_id, l.learner AS lot_learner"

/* The entry that the row names: enum sealed_entry. */
#define ENTRY                                                                                                \
	", e.seq AS " SEALED_ENTRY_BEGINS ", e.subject_kind AS entry_kind, e.subject AS entry_subject, "     \
	"e.content AS entry_content, e.voucher AS entry_voucher "

/* sql and keys of a table whose rows are all sealed, with nothing beside them. */
#define ROWS_BY_KEY(table, seq, key)                                                                         \
	"SELECT r.*" ENTRY "FROM " table " r LEFT JOIN entry e ON e.seq = r." seq " ORDER BY " key,          \
		KEYS(table, seq, key)
#define KEYS(table, seq, key) "SELECT r." seq ", " key " FROM " table " r ORDER BY " key

static const struct sealed_table tables[] = {
	{"voucher", "voucher", ROWS_BY_KEY("voucher", "head", "r.id"), {"id"}, "head", {NULL}},
	{"organisation", "organisation", ROWS_BY_KEY("organisation", "seq", "r.id"), {"id"}, "seq", {NULL}},
	{"api_key", "API key", ROWS_BY_KEY("api_key", "seq", "r.id"), {"id"}, "seq", {NULL}},
	{"person", "person", ROWS_BY_KEY("person", "seq", "r.id"), {"id"}, "seq", {NULL}},
	{"role_grant", "role", ROWS_BY_KEY("role_grant", "seq", "r.id"), {"id"}, "seq", {NULL}},
	{"webhook", "webhook", ROWS_BY_KEY("webhook", "seq", "r.id"), {"id"}, "seq", {NULL}},
	{"rule", "rule version", ROWS_BY_KEY("rule", "seq", "r.id"), {"id"}, "seq", {NULL}},
	{"fund", "fund", ROWS_BY_KEY("fund", "seq", "r.id"), {"id"}, "seq", {NULL}},
	{"course", "course", ROWS_BY_KEY("course", "seq", "r.id"), {"id"}, "seq", {NULL}},
	{"period",
	 "closed period",
	 ROWS_BY_KEY("period", "seq", "r.closed_through"),
	 {"closed_through"},
	 "seq",
	 {NULL}},
	{"conflict", "conflict of interest", ROWS_BY_KEY("conflict", "seq", "r.id"), {"id"}, "seq", {NULL}},
	{"union_mandate",
	 "union mandate",
	 ROWS_BY_KEY("union_mandate", "seq", "r.union_org, r.learner, r.number"),
	 {"union_org", "learner", "number"},
	 "seq",
	 {NULL}},
	{"provider_standing",
	 "provider standing",
	 ROWS_BY_KEY("provider_standing", "seq", "r.provider, r.number"),
	 {"provider", "number"},
	 "seq",
	 {"work"}},
	{"decision",
	 "decision",
	 ROWS_BY_KEY("decision", "seq", "r.subject, r.kind, r.number"),
	 {"subject", "kind", "number"},
	 "seq",
	 {NULL}},
	{"close_down",
	 "close-down",
	 ROWS_BY_KEY("close_down", "seq", "r.id"),
	 {"id"},
	 "seq",
	 {"stage", "reached", "waiting", "ended_at"}},
	{"payment", "payment", ROWS_BY_KEY("payment", "seq", "r.id"), {"id"}, "seq", {NULL}},
	{"bank_account", "bank account", ROWS_BY_KEY("bank_account", "seq", "r.id"), {"id"}, "seq", {NULL}},
	/* Balances that were imported before they were sealed name no entry. */
	{"bank_statement",
	 "bank statement",
	 "SELECT r.*" ENTRY "FROM bank_statement r LEFT JOIN entry e ON e.seq = r.seq "
	 "WHERE r.seq IS NOT NULL ORDER BY r.id",
	 "SELECT r.seq, r.id FROM bank_statement r WHERE r.seq IS NOT NULL ORDER BY r.id",
	 {"id"},
	 "seq",
	 {NULL}},
	{"bank_line", "bank line", ROWS_BY_KEY("bank_line", "seq", "r.id"), {"id"}, "seq", {NULL}},
	{"bank_line_part",
	 "part of a bank line",
	 ROWS_BY_KEY("bank_line_part", "seq", "r.line, r.number"),
	 {"line", "number"},
	 "seq",
	 {NULL}},
	{"payment_file", "payment file", ROWS_BY_KEY("payment_file", "seq", "r.id"), {"id"}, "seq", {NULL}},
	{"payment_transfer",
	 "transfer in a payment file",
	 ROWS_BY_KEY("payment_transfer", "seq", "r.file, r.line"),
	 {"file", "line"},
	 "seq",
	 {NULL}},
	{"accrual",
	 "accrual",
	 "SELECT r.*, " LOT ENTRY
	 "FROM accrual r LEFT JOIN entry e ON e.seq = r.sealed LEFT JOIN lot l ON l.id = e.lot "
	 "WHERE r.sealed IS NOT NULL", /* not sorted, since they are many; entries give their order */
	 "SELECT r.sealed, r.fund, r.period, r.learner FROM accrual r WHERE r.sealed IS NOT NULL",
	 {"fund", "period", "learner"},
	 "sealed",
	 {"seq"}},
	{"accrual_correction",
	 "correction of an accrual",
	 ROWS_BY_KEY("accrual_correction", "sealed", "r.fund, r.period, r.learner, r.number"),
	 {"fund", "period", "learner", "number"},
	 "sealed",
	 {NULL}},
	{"topup",
	 "top-up",
	 "SELECT r.*, " LOT ENTRY
	 "FROM topup r LEFT JOIN entry e ON e.seq = r.seq LEFT JOIN lot l ON l.id = r.lot "
	 "ORDER BY r.id",
	 KEYS("topup", "seq", "r.id"),
	 {"id"},
	 "seq",
	 {NULL}},
	{"grant_made",
	 "grant to voucher",
	 "SELECT r.*, " LOT ENTRY
	 "FROM grant_made r LEFT JOIN entry e ON e.seq = r.seq LEFT JOIN lot l ON l.id = r.lot "
	 "ORDER BY r.voucher",
	 KEYS("grant_made", "seq", "r.voucher"),
	 {"voucher"},
	 "seq",
	 {NULL}},
	{"learner_debt",
	 "debt of a learner",
	 ROWS_BY_KEY("learner_debt", "seq", "r.fund, r.learner, r.voucher, r.lot, r.recovery"),
	 {"fund", "learner", "voucher", "lot", "recovery"},
	 "seq",
	 {NULL}},
	{"learner_recovery",
	 "recovery from a learner",
	 ROWS_BY_KEY("learner_recovery", "seq", "r.voucher, r.number, r.place"),
	 {"voucher", "number", "place"},
	 "seq",
	 {NULL}},
	{"recovery",
	 "recovery",
	 ROWS_BY_KEY("recovery", "seq", "r.voucher, r.number"),
	 {"voucher", "number"},
	 "seq",
	 {NULL}},
	{"recovery_part",
	 "part of recovery",
	 ROWS_BY_KEY("recovery_part", "seq", "r.voucher, r.number, r.place"),
	 {"voucher", "number", "place"},
	 "seq",
	 {NULL}},
	{"hold",
	 "hold",
	 ROWS_BY_KEY("hold", "seq", "r.voucher, r.opened_at"),
	 {"voucher", "opened_at"},
	 "seq",
	 {NULL}},
	{"budget_amendment",
	 "amendment of a budget",
	 ROWS_BY_KEY("budget_amendment", "seq", "r.fund, r.year, r.number"),
	 {"fund", "year", "number"},
	 "seq",
	 {NULL}},
	{"year_end",
	 "end of the year",
	 ROWS_BY_KEY("year_end", "seq", "r.fund, r.year"),
	 {"fund", "year"},
	 "seq",
	 {NULL}},
	{"account_freeze",
	 "account freeze",
	 ROWS_BY_KEY("account_freeze", "seq", "r.learner, r.frozen_at"),
	 {"learner", "frozen_at"},
	 "seq",
	 {NULL}},
	{"account_closing",
	 "closing of an account",
	 ROWS_BY_KEY("account_closing", "seq", "r.learner"),
	 {"learner"},
	 "seq",
	 {NULL}},
	{"credit_note",
	 "credit note of voucher",
	 "SELECT r.*" ENTRY "FROM credit_note r LEFT JOIN entry e ON e.seq = r.seq "
	 "WHERE r.seq IS NOT NULL ORDER BY r.voucher",
	 "SELECT r.seq, r.voucher FROM credit_note r WHERE r.seq IS NOT NULL ORDER BY r.voucher",
	 {"voucher"},
	 "seq",
	 {"balance", "moves"}},
	/* The entry of a settlement seals its voucher. */
	{"contribution",
	 "contribution",
	 "SELECT r.*" ENTRY "FROM contribution r LEFT JOIN entry e ON e.seq = r.seq "
	 "WHERE e.kind IS NULL OR e.kind <> 'copay_settlement' ORDER BY r.id",
	 "SELECT r.seq, r.id FROM contribution r LEFT JOIN entry e ON e.seq = r.seq "
	 "WHERE e.kind IS NULL OR e.kind <> 'copay_settlement' ORDER BY r.id",
	 {"id"},
	 "seq",
	 {NULL}},
};

const struct sealed_table *sealed_table(size_t i)
{
	return i < sizeof tables / sizeof tables[0] ? &tables[i] : NULL;
}

char *sealed_name(const char *table, const char *subject, char out[SEALED_NAME])
{
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		if (strcmp(tables[i].name, table) == 0)
			table = tables[i].called;
	snprintf(out, SEALED_NAME, "%s %s", table, subject);
	return out;
}

static int is_one_of(const char *const *names, const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return 1;
	return 0;
}

static void take_column(struct sealed_row *row, int at, const char *name)
{
	size_t i = row->columns++;

	for (; i > 0 && strcmp(row->column[i - 1].name, name) > 0; i--) {
		row->column[i] = row->column[i - 1];
		row->column_at[i] = row->column_at[i - 1];
	}
	row->column[i].name = name;
	row->column_at[i] = at;
}

static void find_columns(struct stmt *q, const struct sealed_table *t, struct sealed_row *row)
{
	int columns = col_count(q);

	row->columns = 0;
	row->seq_at = row->entry_at = -1;
	for (int i = 0; i < columns && row->entry_at < 0; i++) {
		const char *name = col_name(q, i);

		if (strcmp(name, SEALED_ENTRY_BEGINS) == 0)
			row->entry_at = i;
		else if (strcmp(name, t->seq) == 0)
			row->seq_at = i;
		else if (!is_one_of(t->loose, name) && row->columns < RECORD_COLUMNS_MAX)
			take_column(row, i, name);
	}
	for (int k = 0; t->key[k] != NULL; k++)
		for (size_t i = 0; i < row->columns; i++)
			if (strcmp(t->key[k], row->column[i].name) == 0)
				row->key_at[k] = i;
	row->known = 1;
}

static const char *part_text(const struct val *v, char digits[INT_TEXT])
{
	if (v->type == VAL_INT)
		return int_text(v->i, digits);
	return v->type == VAL_TEXT ? v->p : "";
}

/* The parts of the key, joined by '/'. */
static void write_subject(const struct sealed_table *t, struct sealed_row *row)
{
	char digits[INT_TEXT];
	size_t len = 0;

	for (int k = 0; t->key[k] != NULL; k++) {
		const char *part = part_text(&row->column[row->key_at[k]].value, digits);
		size_t n = strlen(part);

		if (len + n + 1 > SUBJECT_MAX)
			break;
		if (k > 0)
			row->subject[len++] = '/';
		memcpy(row->subject + len, part, n);
		len += n;
	}
	row->subject[len] = '\0';
}

void sealed_read(struct stmt *q, const struct sealed_table *t, struct sealed_row *row)
{
	if (!row->known)
		find_columns(q, t, row);
	row->seq = row->seq_at < 0 ? 0 : col_int(q, row->seq_at);
	for (size_t i = 0; i < row->columns; i++)
		row->column[i].value = col_val(q, row->column_at[i]);
	write_subject(t, row);
}
