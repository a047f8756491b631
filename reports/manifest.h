/*
 * What stands beside a report: which report of which ledger, as of which entry,
 * how many rows, what the columns sum to, and the hash of the file.  A pure
 * function of the report: no wall-clock time, members in a fixed order.
 *
 *	{
 *	  "as_of_seq": 41,
 *	  "columns": ["period", "paid_eur"],
 *	  "currency": "EUR",
 *	  "file": "fund-statement.csv",
 *	  "from": "2026-01-01",            null where the report has no such end
 *	  "fund": null,                    or the fund it was made for
 *	  "head_hash": "5f...",            null in an empty ledger
 *	  "ledger": "0190...",
 *	  "report": "fund-statement",
 *	  "rows": 3,
 *	  "sha256": "9a...",
 *	  "source": "...",
 *	  "title": "...",
 *	  "to": "2026-03-31",
 *	  "totals": {"paid_eur": "1500.00", "dossiers": 12}
 *	}
 *
 * Over several ledgers, in place of as_of_seq, head_hash and ledger:
 *
 *	  "ledgers": [{"as_of_seq": 41, "head_hash": "5f...", "ledger": "0190...", "name": "cpf"}],
 *
 * Amounts are text in the form of the file, counts are numbers.
 */
#ifndef ILA_REPORTS_MANIFEST_H
#define ILA_REPORTS_MANIFEST_H

#include "reports/out_csv.h"

struct manifest {
	const struct report *report;
	const struct report_source *source; /* the ledgers it was made over */
	size_t sources;
	const struct report_result *result;
	day_t from, to;
	const char *fund;      /* "" all */
	const char *union_org; /* "" everybody's members: then the manifest says nothing of it */
	const char *provider;  /* "" all: likewise */
};

/* manifest_write(m, csv, out): append the manifest of the closed csv to out; ask buf_ok(out) after. */
void manifest_write(const struct manifest *, const struct csv_out *csv, struct buf *out);

#endif
