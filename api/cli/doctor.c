#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "api/frame/say.h"
#include "api/cli/cli.h"
#include "api/net/tls.h"
#include "api/service/quick.h"
#include "api/token/trust.h"
#include "ledger/base/secret.h"
#include "ledger/book/journal.h"
#include "ledger/book/period.h"
#include "ledger/rights/accrual.h"
#include "ledger/store/lock.h"

static int findings;

/* One thing that is not as it should be: what, and what to do about it. */
static void __attribute__((format(printf, 2, 3))) find(const char *what_to_do, const char *fmt, ...)
{
	va_list ap;

	findings++;
	fputs("WARNING   ", stdout);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n  to do   %s\n", what_to_do);
}

static void print_engine(const struct db *db)
{
	const char *warning = db_engine_warning(db);

	printf("engine    %s\n", db_engine(db));
	if (warning != NULL)
		find(db_is_server(db_url(db))
			     ? "Let the service connect as a role that owns its tables and is no superuser."
			     : "Nothing, as long as no other program writes to the file; a newer SQLite ends it.",
		     "%s", warning);
}

static void print_lock(const char *db)
{
	long pid = lock_holder(db);

	if (pid < 0)
		puts("lock      cannot be told");
	else if (pid == 0)
		puts("lock      no process is seen holding it");
	else
		printf("lock      held by process %ld\n", pid);
}

static void print_secret(const char *db)
{
	char key[PATH_MAX];
	struct stat st;

	if (secret_place(db, key, sizeof key) == NULL)
		find("Name its file in $ILA_SECRET_FILE, or as secret-file in the configuration.",
		     "no place of the master secret is named");
	else if (stat(key, &st) != 0)
		find("Put it back from its backup: without it no code of a voucher can be checked or made.",
		     "the master secret %s is missing", key);
	else if (st.st_mode & (S_IRWXG | S_IRWXO))
		find("Take their leave: chmod 600 that file.", "others may read the master secret %s", key);
	else
		printf("secret    %s\n", key);
}

/* What serve, set as it is, would speak TLS with. */
static void print_tls(void)
{
	const struct tls_files files = {config_text(CONFIG_OF_TLS_CERTIFICATE),
					config_text(CONFIG_OF_TLS_KEY)};
	char instant[INSTANT_TEXT];
	struct err err = {0};
	struct stat st;
	int64_t ends;

	if ((files.certificate[0] == '\0') != (files.key[0] == '\0')) {
		find("Set both, or neither: ila serve refuses one alone.",
		     "one of tls-certificate and tls-key is set without the other");
		return;
	}
	if (files.certificate[0] == '\0')
		return;
	if (tls_judge(&files, env_wall(), &ends, &err) != 0) {
		find("What the sentence says; a server that runs keeps the pair that it has.", "%s",
		     err.text);
		return;
	}
	printf("tls       %s, until %s\n", files.certificate, instant_format(ends, instant));
	if (tls_days_left(ends, env_wall()) < TLS_WARN_DAYS)
		find("Have a new one made, put it there with its key, then SIGHUP (systemctl reload ila).",
		     "the certificate ends in %" PRId64 " days", tls_days_left(ends, env_wall()));
	if (stat(files.key, &st) == 0 && st.st_mode & (S_IRWXG | S_IRWXO))
		find("Take their leave: chmod 600 that file.", "others may read the key of TLS %s",
		     files.key);
}

/* Whose tokens serve, set as it is, would take. */
static void print_issuers(void)
{
	const char *path = config_text(CONFIG_OF_TOKEN_ISSUERS);
	struct trust *trust = NULL;
	struct err err = {0};

	if (path[0] == '\0')
		return;
	if (trust_open(path, &trust, &err) != 0)
		find("What the sentence says; a server that runs keeps the issuers that it has.", "%s",
		     err.text);
	else
		printf("tokens    of the issuers in %s\n", path);
	trust_close(trust);
}

/* What was begun and is not done. */
static int print_open(struct db *db, struct err *err)
{
	struct accrual_open runs[ACCRUAL_OPEN_MAX];
	char count[SAY_COUNT], instant[INSTANT_TEXT];
	size_t n;

	if (accrual_open_runs(db, ACCRUAL_OPEN_MAX, runs, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		find("Run ila accrue for that programme and year again: it goes on from there.",
		     "the accrual of %s for %d is unfinished: learners served %s, the last at %s",
		     runs[i].programme, runs[i].period, say_count(runs[i].learners, count),
		     instant_format(runs[i].moved_at, instant));
	return 0;
}

/* A process that ended well leaves an empty log. */
static void print_log(struct ledger *l, struct db *db)
{
	char count[SAY_COUNT], *log = NULL;
	struct stat st;

	if (db_is_server(ledger_path(l)))
		return; /* the server keeps its own */
	printf("log       %s bytes not yet in the file\n", say_count(db_log_bytes(db), count));
	if (asprintf(&log, "%s-wal", ledger_path(l)) < 0)
		return;
	if (stat(log, &st) == 0 && st.st_size > 0 && lock_holder(ledger_path(l)) == 0)
		find("Nothing: the next one takes it in. But if the file was put back from a copy, remove it and the "
		     "-shm beside it: they belong to another file.",
		     "%s was left by a process that did not end well", log);
	free(log);
}

/* Who writes a ledger on a server, and which servers follow that one. */
static int print_nodes(struct ledger *l, struct db *db, struct err *err)
{
	char holder[DB_HOLDER], count[SAY_COUNT], lag[SAY_COUNT];
	int64_t standbys, lag_bytes;
	struct leader leader;

	if (!db_is_server(ledger_path(l)))
		return 0;
	if (db_holder(db, holder, err) < 0 || ledger_last_leader(l, &leader, err) != 0 ||
	    db_standbys(db, &standbys, &lag_bytes, err) != 0)
		return -1;
	printf("lock      %s%s\n", holder[0] != '\0' ? "held by " : "no session holds it", holder);
	printf("leader    %s%s%s, epoch %" PRId64 "\n",
	       leader.node.name[0] != '\0' ? leader.node.name : "none is named",
	       leader.node.address[0] != '\0' ? " at " : "", leader.node.address, leader.epoch);
	printf("standbys  %s, the slowest %s bytes behind\n", say_count(standbys, count),
	       say_count(lag_bytes, lag));
	return 0;
}

/* Whether all is there that this machine has acknowledged. */
static int print_head_guard(struct ledger *l, struct err *err)
{
	struct head end, guarded;
	const char *path;
	char to_do[512];

	if (ledger_check_head(l, &end, err) == 0) {
		guarded = ledger_guarded(l, &path);
		printf("guard     entry %" PRId64 " of %s is there\n", guarded.seq, path);
		return 0;
	}
	if (err->code == ERR_USAGE) {
		find("Name a folder of this machine as state-dir in the configuration, or in $ILA_STATE_DIR.",
		     "%s", err->text);
		return 0;
	}
	if (err->code != ERR_HEAD_MISSING)
		return -1;
	snprintf(
		to_do, sizeof to_do,
		"Stop whatever serves this ledger, and look for what still holds it: the file or the log that was "
		"there before, a standby, a newer copy; put that in its place. If nothing does, it is lost: tell those "
		"who were answered since, then go on with: ila head --accept %" PRId64,
		end.seq);
	find(to_do, "%s Nothing can be written.", err->text);
	memset(err, 0, sizeof *err);
	return 0;
}

/* Who else may read it, and whether there is room for a copy of it. */
static void print_file(struct ledger *l)
{
	char count[SAY_COUNT], folder[PATH_MAX];
	struct statvfs disk;
	struct stat st;
	int64_t room;

	if (db_is_server(ledger_path(l)) || stat(ledger_path(l), &st) != 0)
		return;
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		find("Take their leave: chmod 600 that file.", "others may read the ledger %s",
		     ledger_path(l));
	snprintf(folder, sizeof folder, "%s", ledger_path(l));
	if (statvfs(dirname(folder), &disk) != 0)
		return;
	room = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	printf("disk      %s bytes free\n", say_count(room, count));
	if (room < st.st_size)
		find("Free some, or move the ledger to a larger disk (ila move): a full disk refuses every write.",
		     "the disk has no room for another copy of the ledger");
}

/* Whether serve would take it. */
static int print_quick(struct ledger *l, struct err *err)
{
	if (quick_check(l, err) == 0)
		return 0;
	if (err->code != ERR_VERIFY)
		return -1;
	find("What the sentence says; until then nobody can be served.", "%s", err->text);
	memset(err, 0, sizeof *err);
	return 0;
}

static int print_ledger(struct ledger *l, struct err *err)
{
	const struct ledger_settings *s = ledger_settings(l);
	struct db *db = ledger_reader(l, err);
	char instant[INSTANT_TEXT], day[DATE_TEXT], count[SAY_COUNT];
	struct env *env = ledger_env(l);
	struct head head = {0};
	day_t closed = DAY_NONE;
	int rc;

	if (db == NULL)
		return -1;
	print_engine(db);
	printf("ledger    %s\nid        %s\ncurrency  %s, %d decimals\n", ledger_path(l), s->id, s->currency,
	       s->exponent);
	printf("clock     %s, zone %s%s\n", instant_format(env->now(env), instant), zone_name(s->zone),
	       s->sandbox ? ", SANDBOX: set by hand" : "");
	rc = journal_head(db, &head, err);
	if (rc == 0 && head.seq == 0)
		puts("journal   empty");
	else if (rc == 0)
		printf("journal   %s %s, the last at %s\n", say_count(head.seq, count),
		       head.seq == 1 ? "entry" : "entries", instant_format(head.booked_at, instant));
	if (rc == 0 && !s->sandbox && head.booked_at > env->now(env))
		find("Set the clock (NTP). If it is right and the entry was booked under a wrong one: ila clock "
		     "--confirm.",
		     "the last entry lies ahead of this computer's clock");
	if (rc == 0 && (rc = period_closed_through(db, &closed, err)) == 0)
		printf("closed    %s%s\n", closed == DAY_NONE ? "no period" : "through ",
		       day_format(closed, day));
	if (rc == 0)
		print_log(l, db);
	if (rc == 0 && ledger_secret(l) == SECRET_WRONG)
		find("Put the right file back from its backup.",
		     "that is not the master secret of this ledger");
	if (rc == 0)
		rc = print_open(db, err);
	if (rc == 0)
		rc = print_nodes(l, db, err);
	if (rc == 0)
		rc = print_head_guard(l, err);
	if (rc == 0)
		print_file(l);
	ledger_reader_back(l, db);
	return rc == 0 ? print_quick(l, err) : rc;
}

int cli_doctor(int argc, char **argv, const char *db)
{
	struct err err = {0};
	struct ledger *l;
	int status;

	if (argc > 1)
		return cli_usage(argv[0], "unexpected argument '%s'", argv[1]);
	printf("program   ila %s\n", ILA_VERSION);
	if (!db_is_server(db) && access(db, F_OK) == 0)
		print_lock(db);
	print_secret(db);
	print_tls();
	print_issuers();
	fflush(stdout);
	status = cli_open(argv[0], db, 0, &l);
	if (status != 0)
		return status;
	if (print_ledger(l, &err) != 0)
		status = cli_refused(argv[0], &err);
	else if (findings > 0)
		printf("found     %d, each with what to do\n", findings);
	else
		puts("found     nothing that is not as it should be");
	ledger_close(l);
	return status;
}
