#include "ledger/audit/sealed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A lot is sealed with each row that credits it. */
#define LOT                                                                                                  \
	"l.earmark AS lot_earmark, l.earmark_kind AS lot_earmark_kind, l.expires_on AS lot_expires_on, "     \
	"l.fund AS lot_fund, l.credited_on AS lot_credited_on, l.id AS lot_id, l.learner AS lot_learner "

static const struct sealed_table tables[] = {
	{"voucher",
	 "voucher",
	 "SELECT * FROM voucher ORDER BY id",
	 {"id"},
	 "head",
	 {NULL},
	 "SELECT id, head FROM voucher ORDER BY id"},
	{"organisation",
	 "organisation",
	 "SELECT * FROM organisation ORDER BY id",
	 {"id"},
	 "seq",
	 {NULL},
	 NULL},
	{"api_key", "API key", "SELECT * FROM api_key ORDER BY id", {"id"}, "seq", {NULL}, NULL},
	{"rule", "rule version", "SELECT * FROM rule ORDER BY id", {"id"}, "seq", {NULL}, NULL},
	{"fund", "fund", "SELECT * FROM fund ORDER BY id", {"id"}, "seq", {NULL}, NULL},
	{"course", "course", "SELECT * FROM course ORDER BY id", {"id"}, "seq", {NULL}, NULL},
	{"period",
	 "closed period",
	 "SELECT * FROM period ORDER BY closed_through",
	 {"closed_through"},
	 "seq",
	 {NULL},
	 NULL},
	{"conflict",
	 "conflict of interest",
	 "SELECT * FROM conflict ORDER BY id",
	 {"id"},
	 "seq",
	 {NULL},
	 NULL},
	{"union_mandate",
	 "union mandate",
	 "SELECT * FROM union_mandate ORDER BY union_org, learner, number",
	 {"union_org", "learner", "number"},
	 "seq",
	 {NULL},
	 NULL},
	{"provider_standing",
	 "provider standing",
	 "SELECT * FROM provider_standing ORDER BY provider, number",
	 {"provider", "number"},
	 "seq",
	 {"work"},
	 NULL},
	{"decision",
	 "decision",
	 "SELECT * FROM decision ORDER BY subject, kind, number",
	 {"subject", "kind", "number"},
	 "seq",
	 {NULL},
	 NULL},
	{"close_down",
	 "close-down",
	 "SELECT * FROM close_down ORDER BY id",
	 {"id"},
	 "seq",
	 {"stage", "reached", "waiting", "ended_at"},
	 NULL},
	{"payment", "payment", "SELECT * FROM payment ORDER BY id", {"id"}, "seq", {NULL}, NULL},
	{"accrual",
	 "accrual",
	 "SELECT a.*, " LOT
	 "FROM accrual a LEFT JOIN entry e ON e.seq = a.sealed LEFT JOIN lot l ON l.id = e.lot "
	 "WHERE a.sealed IS NOT NULL ORDER BY a.fund, a.period, a.learner",
	 {"fund", "period", "learner"},
	 "sealed",
	 {"seq"},
	 "SELECT fund, period, learner, sealed FROM accrual WHERE sealed IS NOT NULL"},
	{"accrual_correction",
	 "correction of an accrual",
	 "SELECT * FROM accrual_correction ORDER BY fund, period, learner, number",
	 {"fund", "period", "learner", "number"},
	 "sealed",
	 {NULL},
	 NULL},
	{"topup",
	 "top-up",
	 "SELECT t.*, " LOT "FROM topup t LEFT JOIN lot l ON l.id = t.lot ORDER BY t.id",
	 {"id"},
	 "seq",
	 {NULL},
	 NULL},
	{"grant_made",
	 "grant to voucher",
	 "SELECT g.*, " LOT "FROM grant_made g LEFT JOIN lot l ON l.id = g.lot ORDER BY g.voucher",
	 {"voucher"},
	 "seq",
	 {NULL},
	 NULL},
	{"learner_debt",
	 "debt of a learner",
	 "SELECT * FROM learner_debt ORDER BY fund, learner, voucher, lot, recovery",
	 {"fund", "learner", "voucher", "lot", "recovery"},
	 "seq",
	 {NULL},
	 NULL},
	{"learner_recovery",
	 "recovery from a learner",
	 "SELECT * FROM learner_recovery ORDER BY voucher, number, place",
	 {"voucher", "number", "place"},
	 "seq",
	 {NULL},
	 NULL},
	{"recovery",
	 "recovery",
	 "SELECT * FROM recovery ORDER BY voucher, number",
	 {"voucher", "number"},
	 "seq",
	 {NULL},
	 NULL},
	{"recovery_part",
	 "part of recovery",
	 "SELECT * FROM recovery_part ORDER BY voucher, number, place",
	 {"voucher", "number", "place"},
	 "seq",
	 {NULL},
	 NULL},
	{"hold",
	 "hold",
	 "SELECT * FROM hold ORDER BY voucher, opened_at",
	 {"voucher", "opened_at"},
	 "seq",
	 {NULL},
	 NULL},
	{"year_end",
	 "end of the year",
	 "SELECT * FROM year_end ORDER BY fund, year",
	 {"fund", "year"},
	 "seq",
	 {NULL},
	 NULL},
	{"account_freeze",
	 "account freeze",
	 "SELECT * FROM account_freeze ORDER BY learner, frozen_at",
	 {"learner", "frozen_at"},
	 "seq",
	 {NULL},
	 NULL},
	{"account_closing",
	 "closing of an account",
	 "SELECT * FROM account_closing ORDER BY learner",
	 {"learner"},
	 "seq",
	 {NULL},
	 NULL},
	/* The entry of a settlement seals its voucher. */
	{"contribution",
	 "contribution",
	 "SELECT * FROM contribution c WHERE NOT EXISTS "
	 "(SELECT 1 FROM entry e WHERE e.seq = c.seq AND e.kind = 'copay_settlement') ORDER BY id",
	 {"id"},
	 "seq",
	 {NULL},
	 NULL},
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
	row->seq_at = -1;
	for (int i = 0; i < columns && row->columns < RECORD_COLUMNS_MAX; i++) {
		const char *name = col_name(q, i);

		for (int k = 0; t->key[k] != NULL; k++)
			if (strcmp(t->key[k], name) == 0)
				row->key_at[k] = i;
		if (strcmp(name, t->seq) == 0)
			row->seq_at = i;
		else if (!is_one_of(t->loose, name))
			take_column(row, i, name);
	}
	row->known = 1;
}

/* The parts of the key, joined by '/'. */
static void write_subject(struct stmt *q, const struct sealed_table *t, struct sealed_row *row)
{
	size_t len = 0;

	for (int k = 0; t->key[k] != NULL; k++) {
		const char *part = col_text(q, row->key_at[k]);
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
	/* Last, since asking a number for its text may move what the values borrow. */
	write_subject(q, t, row);
}
