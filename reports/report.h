/*
 * Reports: what leaves the ledger as a CSV file with a manifest beside it.
 *
 * Every report is made inside one read transaction, as of one entry of the
 * journal: the same ledger, options and entry give the same bytes, whoever asks.
 * reports/dictionary.md says what each column holds.
 */
#ifndef ILA_REPORTS_REPORT_H
#define ILA_REPORTS_REPORT_H

#include "ledger/base/buf.h"
#include "ledger/base/crypto.h"
#include "ledger/base/limits.h"
#include "ledger/ledger.h"

enum column_type {
	COLUMN_TEXT,       /* guarded against spreadsheet formulas */
	COLUMN_CODE,       /* digits, or "-1": no code */
	COLUMN_DAY,        /* ISO date */
	COLUMN_NUMBER,     /* whole number that means nothing summed */
	COLUMN_COUNT,      /* whole number with a control total */
	COLUMN_HUNDREDTHS, /* two decimals */
	COLUMN_MONEY       /* amount with a control total; "_eur" (the currency) is added to its name */
};

struct column {
	const char *name;
	enum column_type type;
};

/* How a report treats the period it is asked for. */
enum report_period {
	PERIOD_DAYS,     /* needed, taken as it is */
	PERIOD_MONTHS,   /* needed, widened to whole months */
	PERIOD_QUARTERS, /* needed, widened to whole quarters */
	PERIOD_YEARS,    /* needed, widened to whole years */
	PERIOD_OPTIONAL  /* either end may be left open */
};

struct report_run;

struct report {
	const char *name;   /* "fc-quarterly" */
	const char *title;  /* one line */
	const char *source; /* where its form comes from */
	const struct column *columns;
	size_t count;
	enum report_period period;
	int by_fund;     /* 1: can be made for one fund */
	int by_union;    /* 1: can be limited to the members who gave one union a mandate
			    (ledger/registers/mandate.h) */
	int by_provider; /* 1: can be made for one provider, who may read its own */
	int at_head;     /* 1: shows registers as they are now: of the last entry only */
	int (*run)(struct report_run *, struct err *);
};

/*
 * report_find(name): NULL when there is none.  report_at(i): the i-th of the catalogue, NULL past the last.
 */
const struct report *report_find(const char *name);
const struct report *report_at(size_t i);

struct report_options {
	day_t from, to; /* both included; DAY_NONE absent */
	day_t today; /* business day of the ledger's clock; DAY_NONE: that of the entry as of which it is made
		      */
	char fund[CODE_MAX + 1];      /* "" all funds */
	char union_org[CODE_MAX + 1]; /* "" everybody's */
	char provider[CODE_MAX + 1];  /* "" all providers' */
	int64_t as_of_seq;            /* 0: the head of the journal */
};

struct report_result {
	int64_t rows;               /* without the header */
	int64_t bytes;              /* of the CSV */
	int64_t as_of_seq;          /* the entry as of which it was made, 0 in an empty ledger */
	day_t from, to;             /* the period that it covers, as widened; DAY_NONE open */
	char sha256[SHA256_HEX];    /* of the CSV */
	char head_hash[SHA256_HEX]; /* of that entry, "" in an empty ledger */
};

/*
 * One of the ledgers that a report is made over.  A report over several has a first column, ledger, and the
 * rows of each under its name, in the order given; its totals are over all, so they have one currency.
 */
#define REPORT_LEDGERS_MAX 32
struct report_source {
	const char *name;  /* NULL: it is the only one, and the report has no such column */
	struct db *reader; /* in no transaction, and in none again at the end */
	const struct ledger_settings *settings;
	day_t today;                /* as in report_options, which does not count here */
	int64_t as_of_seq;          /* as there; afterwards the entry as of which it was made */
	char head_hash[SHA256_HEX]; /* afterwards: of that entry, "" in an empty ledger */
};

/*
 * report_permit(db, report, actor, options, err): may the holder of that key read
 * it with these options?  FORBIDDEN, NOT_FOUND (a fund that is another's).  A
 * union's, or a provider's, own name is put into options.
 */
int report_permit(struct db *, const struct report *, const struct actor *, struct report_options *,
		  struct err *);

/*
 * report_stream(reader, settings, report, options, write, ctx, manifest, result, err):
 * Hand the CSV to write(ctx, bytes, n, err) piece by piece, as it is made; write
 * returns 0, or -1 with err, which ends the report.  manifest: NULL, or an
 * initialised buffer to which the manifest is appended.  reader must be in no
 * transaction; it is in none again at the end.
 *
 * Refuses REPORT_PERIOD (period missing, upside down, beginning in the future,
 * as_of_seq beyond the journal, or an earlier entry for a report at_head), UNKNOWN_REFERENCE
 * (fund, union, provider), FIELD_INVALID (one of these for a report that is not made by it).  A refusal comes
 * before the first byte.  A period in which nothing happened gives the header alone.
 */
int report_stream(struct db *reader, const struct ledger_settings *, const struct report *,
		  const struct report_options *,
		  int (*write)(void *ctx, const char *bytes, size_t n, struct err *), void *ctx,
		  struct buf *manifest, struct report_result *, struct err *);

/*
 * report_write(reader, settings, report, options, out_dir, result, err):
 * The same into out_dir/NAME.csv and out_dir/NAME.manifest.json; out_dir is made
 * when it is not there.  The files are written under other names, brought to
 * disk and renamed, so that no half report is ever seen and no CSV stands beside
 * the manifest of another.  Refuses as report_stream() does, and STORAGE or
 * STORAGE_FULL; then the files of an earlier run are as they were, unless the
 * failure came with the renaming itself.
 */
int report_write(struct db *reader, const struct ledger_settings *, const struct report *,
		 const struct report_options *, const char *out_dir, struct report_result *, struct err *);

/*
 * report_write_over: the same over several ledgers.  CURRENCY_DIFFERS when they are not of one currency,
 * REPORT_PERIOD too when they would not cover the same days.
 */
int report_write_over(struct report_source *, size_t count, const struct report *,
		      const struct report_options *, const char *out_dir, struct report_result *,
		      struct err *);

#define MANIFEST_BYTES_MAX 65536 /* a manifest of the widest report */

#endif
