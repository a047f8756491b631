#include "ledger/audit/audit.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/check.h"

#define PROGRESS_STEP 1024 /* entries between two calls */

/* THE table of checks, in the order in which they are reported. */
static const struct audit_check *const checks[] = {
	&check_storage, &check_schema,   &check_sequence, &check_hash,     &check_balance,
	&check_floor,   &check_lots,     &check_shares,   &check_chain,    &check_seals,
	&check_budget,  &check_bank,     &check_transit,  &check_draws,    &check_refunds,
	&check_notes,   &check_payments, &check_ties,     &check_capacity, &check_age,
};

#define CHECKS (sizeof checks / sizeof checks[0])
_Static_assert(CHECKS <= AUDIT_CHECKS_MAX, "every check needs its place in the report");

/* Those that read of their own, the longest first, so that both readers end at about the same time. */
static const struct audit_check *const own[] = {&check_storage, &check_seals, &check_ties, &check_schema};

#define OWN (sizeof own / sizeof own[0])

static int is_own(const struct audit_check *check)
{
	for (size_t i = 0; i < OWN; i++)
		if (own[i] == check)
			return 1;
	return 0;
}

/* A check while it runs. */
struct running {
	const struct audit_check *check;
	struct audit_result *result;
	void *state;
	int again; /* 1: takes part in the second reading */
};

struct run {
	struct audit audit;
	struct audit_report *report;
	struct running check[CHECKS];
	size_t checks;
	struct audit_row row;
	audit_progress *progress;
	void *arg;
	/* What checks read of their own is taken check by check, by whoever is free. */
	atomic_size_t taken;
	/* The second reader: an audit of its own, since the other one is written meanwhile. */
	struct audit beside;
	pthread_t thread;
	int running;
	int beside_rc;
	struct err beside_err;
};

const char *audit_check_name(size_t i)
{
	return i < CHECKS ? checks[i]->name : NULL;
}

const char *audit_check_what(size_t i)
{
	return i < CHECKS ? checks[i]->what : NULL;
}

static int read_exponent(struct audit *a, struct err *err)
{
	struct stmt *q = db_query(a->db, "SELECT value FROM setting WHERE name = 'currency'", NO_VALS, err);
	int rc = db_step(q, err);

	a->exponent = rc == 1 ? currency_exponent(col_text(q, 0)) : 2;
	db_done(q);
	if (rc >= 0 && a->exponent < 0)
		return err_set(err, ERR_NO_LEDGER, NULL,
			       "The ledger's currency is not known to this program.");
	return rc < 0 ? -1 : 0;
}

static int read_funds(struct audit *a, struct err *err)
{
	struct stmt *q;
	int64_t count = 0;
	int rc;

	if (db_int(a->db, "SELECT count(*) FROM fund", NO_VALS, &count, err) < 0)
		return -1;
	a->fund = calloc((size_t)count + 1, sizeof *a->fund);
	if (a->fund == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	q = db_query(a->db, "SELECT id, budgeted, nature FROM fund ORDER BY id", NO_VALS, err);
	while ((rc = db_step(q, err)) == 1)
		a->fund[a->funds++] = (struct audit_fund){.id = col_int(q, 0),
							  .budgeted = col_int(q, 1) != 0,
							  .stops = col_int(q, 1) == 1,
							  .nature = col_int(q, 2)};
	return rc;
}

static int read_head(struct audit *a, struct err *err)
{
	struct stmt *q =
		db_query(a->db, "SELECT seq, booked_at FROM entry ORDER BY seq DESC LIMIT 1", NO_VALS, err);
	int rc = db_step(q, err);

	if (rc == 1) {
		a->head = col_int(q, 0);
		a->head_at = col_int(q, 1);
		db_done(q);
	}
	return rc < 0 ? -1 : 0;
}

static int choose(struct run *run, const char *only, struct err *err)
{
	for (size_t i = 0; i < CHECKS; i++) {
		struct running *r = &run->check[run->checks];

		assert(is_own(checks[i]) == (checks[i]->beside != NULL));
		if (only != NULL && strcmp(only, checks[i]->name) != 0)
			continue;
		r->check = checks[i];
		r->result = &run->report->check[run->checks++];
		r->again = 1;
		r->result->name = checks[i]->name;
		r->result->what = checks[i]->what;
		r->result->unit = checks[i]->unit;
	}
	run->report->checks = run->checks;
	if (run->checks == 0)
		return err_set(err, ERR_NOT_FOUND, "check", "There is no check named \"%s\".", only);
	return 0;
}

/* Call one of a check's functions on its behalf. */
#define ON_BEHALF(run, r, call) ((run)->audit.result = (r)->result, (call))

static int open_checks(struct run *run, struct err *err)
{
	for (size_t i = 0; i < run->checks; i++) {
		struct running *r = &run->check[i];

		if (r->check->open && ON_BEHALF(run, r, r->check->open(&run->audit, &r->state, err)) != 0)
			return -1;
	}
	return 0;
}

static int give_entry(struct run *run, struct err *err)
{
	for (size_t i = 0; i < run->checks; i++) {
		struct running *r = &run->check[i];

		if (r->again && r->check->entry &&
		    ON_BEHALF(run, r, r->check->entry(&run->audit, r->state, &run->row, err)) != 0)
			return -1;
	}
	return 0;
}

static int give_account(struct run *run, const struct audit_account *account, struct err *err)
{
	for (size_t i = 0; i < run->checks; i++) {
		struct running *r = &run->check[i];

		if (r->again && r->check->account &&
		    ON_BEHALF(run, r, r->check->account(&run->audit, r->state, account, err)) != 0)
			return -1;
	}
	return 0;
}

static int read_journal(struct run *run, struct err *err)
{
	struct pass p;
	int64_t done = 0;
	int rc = pass_open(&p, run->audit.db, err);

	while (rc == 0 && (rc = pass_next(&p, &run->row, err)) == 1) {
		rc = give_entry(run, err);
		if (run->progress != NULL && ++done % PROGRESS_STEP == 0)
			run->progress(run->arg, done, run->audit.head);
	}
	pass_close(&p);
	run->report->transfers = p.transfers_read;
	return rc;
}

static int read_accounts(struct run *run, struct err *err)
{
	struct stmt *q = db_query(
		run->audit.db,
		"SELECT id, kind, fund, holder, debits, credits, moves, head FROM account ORDER BY id",
		NO_VALS, err);
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		struct audit_account account = {
			.id = col_int(q, 0),
			.kind = col_int(q, 1),
			.fund = col_int(q, 2),
			.holder = col_int(q, 3),
			.debits = col_int(q, 4),
			.credits = col_int(q, 5),
			.moves = col_int(q, 6),
			.head = col_int(q, 7),
		};

		if (give_account(run, &account, err) != 0) {
			db_done(q);
			return -1;
		}
	}
	return rc;
}

static void start_anew(struct audit_result *r)
{
	r->looked = r->faults = r->warnings = 0;
	r->listed = 0;
}

/* 1 when a check wants to read again. */
static int close_checks(struct run *run, struct err *err)
{
	int any = 0;

	for (size_t i = 0; i < run->checks; i++) {
		struct running *r = &run->check[i];
		int rc = 0;

		if (r->again && r->check->close)
			rc = ON_BEHALF(run, r, r->check->close(&run->audit, r->state, err));
		if (rc < 0)
			return -1;
		r->again = rc;
		if (r->again)
			start_anew(r->result);
		any |= r->again;
	}
	return any;
}

/* NULL: it was not asked for. */
static struct running *find_running(struct run *run, const struct audit_check *check)
{
	for (size_t i = 0; i < run->checks; i++)
		if (run->check[i].check == check)
			return &run->check[i];
	return NULL;
}

/* What checks read of their own, on that connection.  Each writes into its own result and state. */
static int read_own(struct run *run, struct audit *a, struct err *err)
{
	size_t i;

	while ((i = atomic_fetch_add(&run->taken, 1)) < OWN) {
		struct running *r = find_running(run, own[i]);

		if (r == NULL)
			continue;
		a->result = r->result;
		if (r->check->beside(a, r->state, err) != 0) {
			atomic_store(&run->taken, OWN); /* the other reader takes no more */
			return -1;
		}
	}
	return 0;
}

static void *run_beside(void *arg)
{
	struct run *run = arg;
	struct db *db = run->beside.db;

	run->beside_rc =
		db_begin(db, &run->beside_err) == 0 ? read_own(run, &run->beside, &run->beside_err) : -1;
	db_rollback(db);
	return NULL;
}

/* Without a thread all is read when the journal is done. */
static void begin_beside(struct run *run, struct db *second)
{
	if (second == NULL)
		return;
	run->beside = run->audit;
	run->beside.db = second;
	run->running = pthread_create(&run->thread, NULL, run_beside, run) == 0;
}

/* rc: how the rest went. */
static int end_beside(struct run *run, int rc, struct err *err)
{
	if (rc != 0)
		atomic_store(&run->taken, OWN);
	else
		rc = read_own(run, &run->audit, err);
	if (run->running)
		pthread_join(run->thread, NULL);
	if (rc == 0 && run->beside_rc != 0) {
		*err = run->beside_err;
		return -1;
	}
	return rc;
}

/* Is there a check that wants to see the journal?  One that looks at the file alone does not wait for it. */
static int wants_journal(const struct run *run)
{
	for (size_t i = 0; i < run->checks; i++)
		if (run->check[i].check->entry != NULL || run->check[i].check->account != NULL ||
		    run->check[i].check->close != NULL)
			return 1;
	return 0;
}

static int read_twice(struct run *run, struct err *err)
{
	int rc = 0;

	if (!wants_journal(run))
		return 0;

	for (int reading = 0; rc == 0 && reading < 2; reading++) {
		if (read_journal(run, err) != 0 || read_accounts(run, err) != 0)
			return -1;
		rc = close_checks(run, err);
		if (rc == 0)
			break;
		rc = rc < 0 ? -1 : 0;
	}
	return rc;
}

static void add_up(struct audit_report *report)
{
	for (size_t i = 0; i < report->checks; i++) {
		const struct audit_result *r = &report->check[i];

		report->faults += r->faults;
		report->warnings += r->warnings;
		for (size_t k = 0; k < r->listed; k++) {
			const struct audit_finding *f = &r->finding[k];

			if (!f->warning && f->seq != 0 &&
			    (report->first_wrong == 0 || f->seq < report->first_wrong))
				report->first_wrong = f->seq;
		}
	}
}

int audit_run(struct db *reader, const char *only, struct audit_report *report, audit_progress *progress,
	      void *arg, struct err *err)
{
	return audit_run_beside(reader, NULL, only, report, progress, arg, err);
}

int audit_run_beside(struct db *reader, struct db *second, const char *only, struct audit_report *report,
		     audit_progress *progress, void *arg, struct err *err)
{
	struct run *run = calloc(1, sizeof *run);
	int rc = -1;

	memset(report, 0, sizeof *report);
	if (run == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	run->audit.db = reader;
	run->report = report;
	run->progress = progress;
	run->arg = arg;
	if (choose(run, only, err) != 0 || db_begin(reader, err) != 0)
		goto out;
	if (read_exponent(&run->audit, err) == 0 && read_funds(&run->audit, err) == 0 &&
	    read_head(&run->audit, err) == 0 && open_checks(run, err) == 0) {
		begin_beside(run, second);
		rc = end_beside(run, read_twice(run, err), err);
	}
	db_rollback(reader);
	report->head = run->audit.head;
	add_up(report);
out:
	for (size_t i = 0; i < run->checks; i++)
		if (run->check[i].check->free && run->check[i].state)
			run->check[i].check->free(run->check[i].state);
	free(run->audit.fund);
	free(run);
	return rc;
}

/* The unit for that many: of one "file", "entry". */
static const char *unit_of(const struct audit_result *r, char out[32])
{
	size_t n = strlen(r->unit);
	int in_ies = n > 3 && strcmp(r->unit + n - 3, "ies") == 0;

	if (r->looked != 1)
		return r->unit;
	snprintf(out, 32, "%.*s%s", (int)(n - (in_ies ? 3 : 1)), r->unit, in_ies ? "y" : "");
	return out;
}

static void print_check(const struct audit_result *r, FILE *out)
{
	const char *verdict = r->faults ? "FAULT" : r->warnings ? "warning" : "ok";
	int64_t all = r->faults + r->warnings;
	char unit[32];

	fprintf(out, "%-9s %12" PRId64 " %-18s %-8s %s\n", r->name, r->looked, unit_of(r, unit), verdict,
		r->what);
	for (size_t i = 0; i < r->listed; i++)
		fprintf(out, "  %s%s\n", r->finding[i].warning ? "warning: " : "", r->finding[i].text);
	if (all > (int64_t)r->listed)
		fprintf(out, "  and %" PRId64 " more\n", all - (int64_t)r->listed);
}

void audit_print(const struct audit_report *report, FILE *out)
{
	for (size_t i = 0; i < report->checks; i++)
		print_check(&report->check[i], out);
	if (report->faults == 0)
		fprintf(out, "The ledger holds: %" PRId64 " %s, %" PRId64 " transfer%s", report->head,
			report->head == 1 ? "entry" : "entries", report->transfers,
			report->transfers == 1 ? "" : "s");
	else
		fprintf(out, "The ledger does NOT hold: %" PRId64 " fault%s", report->faults,
			report->faults == 1 ? "" : "s");
	if (report->first_wrong != 0)
		fprintf(out, ", first entry concerned: %" PRId64, report->first_wrong);
	if (report->warnings != 0)
		fprintf(out, ", %" PRId64 " warning%s", report->warnings, report->warnings == 1 ? "" : "s");
	fputs(".\n", out);
}
