/*
 * What a report is given to make itself, and the reports there are.  For this
 * room only: outsiders use report.h.
 */
#ifndef ILA_REPORTS_RUN_H
#define ILA_REPORTS_RUN_H

#include "reports/out_csv.h"

struct report_run {
	struct db *db; /* in its read transaction */
	const struct ledger_settings *settings;
	struct csv_out *out; /* the header is written */
	day_t from, to;      /* as widened; DAY_NONE only where the period is optional */
	int64_t fund;        /* 0 all */
	int64_t union_org;   /* whose members it is about; 0 everybody */
	int64_t provider;    /* 0 all */
	day_t today;         /* business day on which it is asked for */
	int64_t as_of;       /* last entry that counts; 0 none */
	day_t as_of_day;     /* business day on which it was booked; DAY_NONE when as_of is 0 */
};

/* Where the bytes of a report go. */
struct report_sink {
	int (*write)(void *ctx, const char *bytes, size_t n, struct err *);
	void *ctx;
};

/* report_stream_over: as report_stream(), over several ledgers; refuses as report_write_over(). */
int report_stream_over(struct report_source *, size_t count, const struct report *,
		       const struct report_options *, const struct report_sink *, struct buf *manifest,
		       struct report_result *, struct err *);

extern const struct report report_ae_cp;
extern const struct report report_entitlement_audit;
extern const struct report report_entitlement_summary;
extern const struct report report_fc_quarterly;
extern const struct report report_fc_quarterly_detail;
extern const struct report report_fund_statement;
extern const struct report report_open_items;
extern const struct report report_payables;
extern const struct report report_public_entries;
extern const struct report report_recoveries;
extern const struct report report_remittance;
extern const struct report report_rights;
extern const struct report report_trial_balance;

#endif
