/*
 * Every row that carries power or money is what the entry it names sealed when it
 * wrote the row.  That the entry is the last one of the row, and that no row is
 * gone, is proven by its chain (check_chain.c).
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/check.h"
#include "ledger/audit/sealed.h"

/* Does the entry of the current row of q seal a row of that key? */
static int is_of(struct stmt *q, const struct sealed_table *t, const struct sealed_row *row)
{
	int at = row->entry_at;
	char digits[INT_TEXT];

	if (col_null(q, at + ENTRY_KIND))
		return strcmp(t->name, "voucher") == 0 &&
		       strcmp(int_text(col_int(q, at + ENTRY_VOUCHER), digits), row->subject) == 0;
	return strcmp(col_text(q, at + ENTRY_KIND), t->name) == 0 &&
	       strcmp(col_text(q, at + ENTRY_SUBJECT), row->subject) == 0;
}

static int is_content(struct stmt *q, struct sealed_row *row)
{
	unsigned char hash[SHA256_BYTES];
	size_t n = 0;
	const void *sealed = col_blob(q, row->entry_at + ENTRY_CONTENT, &n);

	return n == SHA256_BYTES && content_hash(row->column, row->columns, hash) == 0 &&
	       memcmp(sealed, hash, n) == 0;
}

/* The row as a person knows it: "Organisation ACME (row 8)", by its code where it has one. */
static char *row_name(const struct sealed_table *t, const struct sealed_row *row, char out[SEALED_NAME])
{
	const struct val *code = NULL;

	for (size_t i = 0; i < row->columns; i++)
		if (strcmp(row->column[i].name, "code") == 0 && row->column[i].value.type == VAL_TEXT)
			code = &row->column[i].value;
	if (code != NULL)
		snprintf(out, SEALED_NAME, "%.20s %.*s (row %.20s)", t->called,
			 (int)(code->n < 64 ? code->n : 64), (const char *)code->p, row->subject);
	else
		sealed_name(t->name, row->subject, out);
	out[0] = (char)toupper((unsigned char)out[0]);
	return out;
}

/* What is wrong with the row. */
static void tell(struct audit *a, const struct sealed_table *t, const struct sealed_row *row, struct stmt *q)
{
	char name[SEALED_NAME];

	sealed_name(t->name, row->subject, name);
	if (col_null(q, row->entry_at + ENTRY_SEQ))
		audit_fault(a, 0, "There is no entry %" PRId64 ", which %s names as the one that wrote it.",
			    row->seq, name);
	else if (!is_of(q, t, row))
		audit_fault(a, row->seq,
			    "Entry %" PRId64 " is not about %s, which names it as the one that wrote it.",
			    row->seq, name);
	else
		audit_fault(a, row->seq,
			    "%s is not what entry %" PRId64 " recorded: it was changed outside ila.",
			    row_name(t, row, name), row->seq);
}

static int check_table(struct audit *a, const struct sealed_table *t, struct sealed_row *row, struct err *err)
{
	struct stmt *q = db_query(a->db, t->sql, NO_VALS, err);
	int rc;

	row->known = 0;
	while ((rc = db_step(q, err)) == 1) {
		sealed_read(q, t, row);
		audit_looked(a, 1);
		if (!is_of(q, t, row) || !is_content(q, row))
			tell(a, t, row, q);
	}
	return rc;
}

static int begin(struct audit *a, void **state, struct err *err)
{
	(void)a;
	return audit_state(sizeof(struct sealed_row), state, err);
}

static int read_rows(struct audit *a, void *state, struct err *err)
{
	const struct sealed_table *t;

	for (size_t i = 0; (t = sealed_table(i)) != NULL; i++)
		if (check_table(a, t, state, err) != 0)
			return -1;
	return 0;
}

const struct audit_check check_seals = {
	.name = "seals",
	.what = "every row that carries power or money is what its last entry wrote",
	.unit = "rows",
	.open = begin,
	.beside = read_rows,
	.free = free,
};
