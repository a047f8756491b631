#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "api/cli/cli.h"
#include "ledger/base/check.h"
#include "ledger/base/secret.h"

/* "anna,ben", each with the user of the operating system who acts as it, where there is one: "anna=root". */
static int take_operators(const char *text, struct first_persons *first)
{
	char folded[FIRST_PERSONS][PRINCIPAL_MAX];

	for (int i = 0; i < FIRST_PERSONS; i++) {
		size_t n = strcspn(text, ","), code = strcspn(text, ",=");
		size_t user = code < n ? n - code - 1 : 0;

		if (code > CODE_MAX || user > OS_USER_MAX || (code < n && user == 0) ||
		    (text[n] == ',') != (i + 1 < FIRST_PERSONS))
			return -1;
		memcpy(first->person[i].code, text, code);
		memcpy(first->person[i].os_user, text + n - user, user);
		if (person_fold(first->person[i].code, folded[i]) != 0)
			return -1;
		text += n + 1;
	}
	return strcmp(folded[0], folded[1]) != 0 ? 0 : -1;
}

/* Whom a ledger begins with. */
static int name_first(const char *command, const char *operators, const char *authority, int sandbox,
		      struct first_persons *first)
{
	if (authority == NULL)
		authority = sandbox ? "SANDBOX" : "AUTHORITY";
	if (!check_code(authority))
		return cli_usage(command, "--authority: '%s' is not a code", authority);
	snprintf(first->authority, sizeof first->authority, "%s", authority);
	if (operators == NULL && !sandbox)
		return cli_usage(
			command,
			"--operators: name the first two persons, such as anna,ben: with them begins "
			"who may grant a role to whom");
	if (operators == NULL)
		operators = "first-operator,second-operator";
	if (take_operators(operators, first) != 0)
		return cli_usage(command,
				 "--operators: '%s' does not name two persons, such as anna,ben or "
				 "anna=root,ben=bob",
				 operators);
	return 0;
}

static void print_first(const struct first_persons *first, int sandbox)
{
	printf("its first two persons are %s and %s, operators of %s: %s\n", first->person[0].code,
	       first->person[1].code, first->authority,
	       sandbox ? "here they confirm together what ila key create needs"
		       : "from now on two of its operators grant what moves or approves money");
}

static int created(const char *db, const struct ledger_new *new)
{
	char key[PATH_MAX];

	printf("created %s%s in %s, its days counted in %s\n", new->sandbox ? "sandbox ledger " : "ledger ",
	       db, new->currency, new->zone);
	printf("its master secret is %s: keep a copy of it apart from the ledger\n",
	       secret_place(db, key, sizeof key));
	print_first(new->first, new->sandbox);
	return 0;
}

static int run_first(struct tx *tx, struct command *c, struct err *err)
{
	return role_name_first(tx, c->args, err);
}

int cli_operators(int argc, char **argv, const char *db)
{
	static const struct option options[] = {
		{"authority", required_argument, NULL, 'a'},
		{NULL, 0, NULL, 0},
	};
	struct first_persons first = {.authority = ""};
	const char *authority = NULL;
	struct ledger *l = NULL;
	struct err err = {0};
	int c, status;

	while ((c = cli_next_option(argc, argv, options)) != -1)
		if (c == 'a')
			authority = optarg;
		else
			return CLI_USAGE;
	if (optind + 1 != argc)
		return cli_usage(argv[0], "name two persons, such as anna,ben");
	if (name_first(argv[0], argv[optind], authority, 0, &first) != 0)
		return CLI_USAGE;
	status = cli_open(argv[0], db, 1, &l);
	if (status == 0 && ledger_do(l, argv[0], run_first, &first, &err) != 0)
		status = cli_refused(argv[0], &err);
	ledger_close(l);
	if (status == 0)
		print_first(&first, 0);
	return status;
}

int cli_init(int argc, char **argv, const char *db)
{
	static const struct option options[] = {
		{"currency", required_argument, NULL, 'c'},
		{"zone", required_argument, NULL, 'z'},
		{"sandbox", no_argument, NULL, 's'},
		{"now", required_argument, NULL, 'n'},
		{"operators", required_argument, NULL, 'o'},
		{"authority", required_argument, NULL, 'a'},
		{NULL, 0, NULL, 0},
	};
	struct first_persons first = {.authority = ""};
	struct ledger_new new = {.currency = LEDGER_CURRENCY, .zone = LEDGER_ZONE, .first = &first};
	const char *operators = NULL, *authority = NULL;
	struct err err = {0};
	int c;

	while ((c = cli_next_option(argc, argv, options)) != -1)
		switch (c) {
		case 'c':
			new.currency = optarg;
			break;
		case 'z':
			new.zone = optarg;
			break;
		case 's':
			new.sandbox = 1;
			break;
		case 'n':
			if (instant_parse(optarg, &new.now) != 0)
				return cli_usage(argv[0],
						 "--now: '%s' is not an instant such as 2026-01-05T08:00:00Z",
						 optarg);
			break;
		case 'o':
			operators = optarg;
			break;
		case 'a':
			authority = optarg;
			break;
		default:
			return CLI_USAGE;
		}
	if (optind < argc)
		return cli_usage(argv[0], "unexpected argument '%s': the ledger is named by --db",
				 argv[optind]);
	if (name_first(argv[0], operators, authority, new.sandbox, &first) != 0)
		return CLI_USAGE;
	if (ledger_create(db, &new, &err) != 0)
		return cli_refused(argv[0], &err);
	return created(db, &new);
}
