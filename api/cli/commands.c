/*
 * ila: one binary, its commands in one table.  Usage errors and every page of
 * help are printed from that table, so none can disagree with it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/cli/action_command.h"
#include "api/cli/action_name.h"
#include "api/cli/cli.h"
#include "ledger/forms/json.h"

static int cli_help(int argc, char **argv, const char *db);

const struct cli_command cli_commands[] = {
	{"init",
	 "init --operators PERSON,PERSON [--authority CODE] [--currency EUR] [--zone Europe/Paris]\n"
	 "          [--sandbox] [--now INSTANT]",
	 "create a ledger",
	 "Creates the ledger at --db, its lock and its master secret (FILE.key, mode 0600; for a ledger\n"
	 "on a server the file that $ILA_SECRET_FILE names).\n"
	 "Never overwrites one.\n"
	 "  --operators PERSON,PERSON\n"
	 "                   its first two persons, by pseudonym: operators, who from then on grant what\n"
	 "                   moves or approves money together; PERSON=USER also names the user of the\n"
	 "                   operating system who acts as that person on the ledger's file\n"
	 "  --authority CODE  the organisation whose operators they are (AUTHORITY; a sandbox's: SANDBOX)\n"
	 "  --currency CODE  ISO 4217 currency of all its amounts (EUR)\n"
	 "  --zone NAME      time zone of the tz database in which its days are counted\n"
	 "                   (Europe/Paris); programmes name the same one\n"
	 "  --sandbox        a ledger for trials: its clock moves only when you advance it, and it has two\n"
	 "                   persons of its own, who confirm together what ila key create needs\n"
	 "  --now INSTANT    where a sandbox's clock starts, e.g. 2026-01-05T08:00:00Z (the present)\n",
	 cli_init, CLI_WRITES},
	{"operators", "operators PERSON,PERSON [--authority CODE]",
	 "name the first two persons of an old ledger",
	 "For a ledger that was made before there was a register of persons, and has none: they are\n"
	 "operators from now on, as those are that init --operators names.\n"
	 "  PERSON            by pseudonym; PERSON=USER also names the user of the operating system who acts\n"
	 "                    as that person on the ledger's file\n"
	 "  --authority CODE  the organisation whose operators they are (AUTHORITY)\n",
	 cli_operators, CLI_WRITES},
	{"serve",
	 "serve [--listen HOST:PORT] [--ledger NAME=LEDGER]... [--name NAME] [--advertise URL]\n"
	 "          [--per-address N] [--idle-seconds N] [--request-seconds N]\n"
	 "          [--webhooks-to-private] [--no-webhooks]",
	 "offer the HTTP API",
	 "Prints the address it listens on.  Port 0 takes a free one.  SIGTERM, SIGINT or SIGHUP\n"
	 "(a closed terminal; not under nohup) finishes what is under way, then exits 0: nothing\n"
	 "is reloaded.  A crash leaves no core file, for the ledger's secret would be in it.\n"
	 "Several of them may serve one ledger on a server: one writes, the others read, pass writes on\n"
	 "to it, and take over when it ends.\n"
	 "  --listen HOST:PORT   where to listen (127.0.0.1:8080)\n"
	 "  --ledger NAME=LEDGER  a file or postgres://..., in place of --db; several of them, each under a\n"
	 "                       name, below http://HOST:PORT/NAME/v1\n"
	 "  --name NAME          how this node is called among them (HOST:PORT)\n"
	 "  --advertise URL      where the others reach it (http://HOST:PORT)\n"
	 "  --per-address N      most connections open at a time from one address, an IPv6 /64 being\n"
	 "                       one (1024, a quarter of all, so that no client alone shuts out the\n"
	 "                       others; 127.0.0.1 too).  Where all come through one proxy: 4096, and\n"
	 "                       limit them there\n"
	 "  --idle-seconds N     longest silence of a connection (15)\n"
	 "  --request-seconds N  longest time a whole request may take (20)\n"
	 "  --webhooks-to-private  webhooks may also go to this machine and its network, and over http://:\n"
	 "                       whoever may make one can then send requests there\n"
	 "  --no-webhooks        send none: for a copy of a ledger that is looked at\n",
	 cli_serve, CLI_WRITES},
	{"report",
	 "report NAME|all [--from DATE] [--to DATE] [--fund FUND] [--provider SIRET] [--union ORG] "
	 "[--as-of ENTRY] [--ledger NAME=LEDGER]... "
	 "[--out DIR] | report list",
	 "write a report and its manifest",
	 "Writes NAME.csv and NAME.manifest.json.\n"
	 "  --from DATE, --to DATE  the days it covers, both included\n"
	 "  --fund FUND             only that fund, where the report can\n"
	 "  --provider SIRET        only that provider, where the report can\n"
	 "  --union ORG             only the members who gave that union a mandate, where the report can\n"
	 "  --as-of ENTRY           as it was after that entry: its number, or an instant; with all, reports\n"
	 "                          that show the registers as they are now are named and left out\n"
	 "  --ledger NAME=LEDGER    in place of --db, several times: over all of them, whose currency is one.\n"
	 "                          The first column names the ledger, the totals are over all, and the\n"
	 "                          manifest has the head of each; --as-of is then an instant\n"
	 "  --out DIR               where to write (.); made if it does not exist\n",
	 cli_report, CLI_READS},
	{"verify", "verify [--head SEQ:HASH] [CHECK]", "recompute everything from the journal",
	 "Opens the ledger for reading only.  Prints what was checked and how many; exit 3 on a fault.\n"
	 "CHECK: only that one of them.  Tells the head of the journal too: keep it elsewhere, and --head\n"
	 "proves later that the journal up to it was neither changed nor cut off.  The head that this\n"
	 "machine has acknowledged is looked for without being asked.\n",
	 cli_verify, CLI_READS},
	{"backup", "backup FILE", "a consistent copy, also while serving",
	 "Never overwrites a file.  Keep the ledger's .key file as well, and apart from it.\n", cli_backup,
	 CLI_WRITES},
	{"move", "move FROM TO | move --undo [--lost] FROM", "carry the ledger into another database",
	 "FROM and TO: a file, or postgres://HOST/DATABASE#LEDGER; TO must not exist.  No server may run on\n"
	 "FROM.  Stopped half way, the same command goes on where it was.  It ends with the proof that TO\n"
	 "is the same: head, a digest of every table, verify.  From then on FROM can only be read.\n"
	 "The master secret is in neither: its file is the same for TO.\n"
	 "  --undo  the move was a mistake: FROM can be written again, and what it was moved to no more;\n"
	 "          refused once that has entries of its own\n"
	 "  --lost  with --undo: what it was moved to is gone for good\n",
	 cli_move, CLI_WRITES},
	{"ledgers", "ledgers", "list the ledgers of a database: their heads, who leads",
	 "One line for each: name, currency, id, time of the last entry, head (SEQ:HASH, as ila verify --head\n"
	 "takes it), and whether it was moved.  Of a database on a server all that it holds, whichever of them\n"
	 "--db names; of a file that one.\n",
	 cli_ledgers, CLI_READS},
	{"head", "head [--accept ENTRY]", "where the ledger ends, and whether all is there",
	 "Prints the last entry and its hash, and the last one that this machine has acknowledged: the\n"
	 "head guard, kept beside a ledger's file (FILE.head), or in $ILA_STATE_DIR for one on a server.\n"
	 "Refuses when the ledger lacks that one: a log was cut, or an older copy was put back.\n"
	 "  --accept ENTRY  the ledger ends at this entry, and what came after is given up: writing\n"
	 "                  goes on.  Look for a newer copy first; the old guard is kept beside it\n",
	 cli_head, CLI_WRITES},
	{"doctor", "doctor", "check the ledger, its lock, key and clock",
	 "Engine and its known faults, who holds the lock, settings, journal, head guard, log, clock; of\n"
	 "a ledger on a server, who leads and which servers follow.\n",
	 cli_doctor, CLI_READS},
	{"rules", "rules check FILE...", "check programme documents",
	 "Says what is wrong with a programme document, FILE:LINE: key: reason, one line for each part\n"
	 "of it, or sums up what it holds.  Needs no ledger and changes none; import checks besides that\n"
	 "the funders are known, the currency is the ledger's and no day is left between versions.\n",
	 cli_rules, CLI_READS},
	{"errors", "errors", "print what a refusal means and what to do", "", cli_errors, CLI_READS},
	{"routes", "routes", "print what the HTTP API offers", "", cli_routes, CLI_READS},
	{"transitions", "transitions [--dot | --markdown]", "print the table of a voucher's life",
	 "Every step: from, to, who may take it, its condition and its postings.\n"
	 "  --dot       as a graph: ila transitions --dot | dot -Tsvg > voucher.svg\n"
	 "  --markdown  as ledger/rules/lifecycle.md shows it\n",
	 cli_transitions, CLI_READS},
	{"demo", "demo [--dir DIR]", "a sample scheme, end to end",
	 "Makes a sandbox ledger, imports a sample scheme, runs the real server, plays every actor\n"
	 "over HTTP, lets things go wrong on purpose, writes the reports, verifies, and says what it\n"
	 "did.  Exit 0 only if everything happened as it should.\n"
	 "  --dir DIR  a new or empty folder for everything it makes (a fresh temporary one)\n",
	 cli_demo, CLI_WRITES},
	{"help", "help [COMMAND]", "this list, or what a command takes", "", cli_help, CLI_READS},
	{NULL, NULL, NULL, NULL, NULL, CLI_READS},
};

static void print_list(FILE *to)
{
	fputs("ila - funding ledger of an individual learning account scheme\n\n"
	      "usage: ila [--db LEDGER | --url URL] COMMAND\n\n",
	      to);
	for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
		fprintf(to, "  %-18s %s\n", c->name, c->summary);
	cli_action_list(to);
	fputs("\n  --db LEDGER  its file, or postgres://HOST/DATABASE#LEDGER ($ILA_DB, else ila.db)\n"
	      "  --url URL    the server that holds it, http://HOST:PORT: whatever the API offers goes\n"
	      "               through it, under the key in $ILA_KEY\n"
	      "  --version    the program's version\n\n"
	      "Exit: 0 done, 1 refused, 2 usage, 3 verification failed, 4 the ledger or the server\n"
	      "cannot be used.\n"
	      "More: ila help COMMAND\n",
	      to);
}

static int unknown_command(const char *name)
{
	fprintf(stderr, "ila: there is no command '%s'\n%s\n", name,
		strcmp(name, "version") == 0 ? "Say: ila --version" : "The commands: ila help");
	return CLI_USAGE;
}

static int print_command(const char *name)
{
	const struct cli_command *c = cli_command_find(name);

	if (c == NULL && !action_known(name))
		return unknown_command(name);
	if (c == NULL) {
		cli_action_help(stdout, name);
		return 0;
	}
	printf("ila %s - %s\n\nusage: ila [--db LEDGER] %s\n", c->name, c->summary, c->usage);
	if (c->help[0] != '\0')
		printf("\n%s", c->help);
	return 0;
}

static int cli_help(int argc, char **argv, const char *db)
{
	char name[64];

	(void)db;
	if (argc > 3)
		return cli_usage(argv[0], "one command at most");
	/* The words behind a command of one word, such as "rules check", are told with it. */
	if (argc == 3 && (cli_command_find(argv[1]) == NULL || action_two_words(2, argv + 1))) {
		snprintf(name, sizeof name, "%s %s", argv[1], argv[2]);
		return print_command(name);
	}
	if (argc >= 2)
		return print_command(argv[1]);
	print_list(stdout);
	return 0;
}

static int wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0)
			return 1;
	return 0;
}

/* Options before the command: 0: go on at optind; else *status is the program's exit status. */
static int global_options(int argc, char **argv, const char **db, int *status)
{
	char engines[DB_ENGINES];
	static const struct option options[] = {
		{"db", required_argument, NULL, 'd'},
		{"url", required_argument, NULL, 'd'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	int c;

	*status = 0;
	while ((c = getopt_long(argc, argv, "+:h", options, NULL)) != -1)
		switch (c) {
		case 'd':
			*db = optarg;
			break;
		case 'h':
			print_list(stdout);
			return -1;
		case 'v':
			printf("ila %s (%s)\n", ILA_VERSION, db_engines(engines));
			return -1;
		default:
			fprintf(stderr,
				"ila: %s %s\nusage: ila [--db LEDGER | --url URL] COMMAND\nMore: ila help\n",
				argv[optind - 1], c == ':' ? "needs a value" : "is not an option");
			*status = CLI_USAGE;
			return -1;
		}
	return 0;
}

/*
 * A ledger is a file, or lies on a server: an empty name (an unset variable) or one that SQLite reads as
 * something else is a slip.
 */
static int is_name(const char *db)
{
	return db[0] != '\0' && db[0] != ':' && strncmp(db, "file:", 5) != 0 &&
	       (strstr(db, "://") == NULL || strncmp(db, "http", 4) == 0 || db_is_server(db));
}

static int run_command(int argc, char **argv, const char *db)
{
	const struct cli_command *c = cli_command_find(argv[0]);

	if (c == NULL && !action_known(argv[0]))
		return unknown_command(argv[0]);
	if (wants_help(argc, argv))
		return print_command(argv[0]);
	if (!is_name(db)) {
		fprintf(stderr,
			"ila: '%s' is not the name of a ledger: --db takes a file or postgres://HOST/DATABASE, "
			"--url a server of ila\n",
			db);
		return CLI_USAGE;
	}
	optind = 0; /* glibc: start anew */
	return c != NULL && !action_two_words(argc, argv) ? c->run(argc, argv, db)
							  : cli_action(argc, argv, db);
}

int cli_main(int argc, char **argv)
{
	const char *from_env = getenv("ILA_DB");
	const char *db = from_env != NULL && from_env[0] != '\0' ? from_env : "ila.db";
	int status = 0;

	if (json_start() != 0) {
		fputs("ila: no randomness to be had from the system\n", stderr);
		return err_exit(ERR_STORAGE);
	}
	if (global_options(argc, argv, &db, &status) == 0) {
		if (optind < argc)
			status = run_command(argc - optind, argv + optind, db);
		else {
			print_list(stderr);
			status = CLI_USAGE;
		}
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fputs("ila: the output could not be written\n", stderr);
		return status ? status : err_exit(ERR_STORAGE);
	}
	return status;
}
