#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/cli/cli.h"
#include "api/cli/remote.h"
#include "ledger/registers/org.h"

#define KEYS_PER_READ 100

struct create {
	const char *org;
	enum role role;
	const char *principal;
	int sandbox;
	char text[KEY_TEXT];
	struct key key;
};

static int create_key(struct tx *tx, struct command *c, struct err *err)
{
	struct create *a = c->args;
	struct org org;
	int found = org_find(tx->db, a->org, &org, err);

	if (found == 0)
		return err_set(
			err, ERR_UNKNOWN_REFERENCE, "--org",
			"There is no organisation '%s'. Import it first: ila import organisations FILE.",
			a->org);
	if (found < 0)
		return -1;
	return key_create(tx, &org, a->role, a->principal, a->sandbox, a->text, &a->key, err);
}

static int revoke_key(struct tx *tx, struct command *c, struct err *err)
{
	return key_revoke(tx, *(const int64_t *)c->args, err);
}

static int print_key(struct db *db, const struct key *k, struct err *err)
{
	char created[INSTANT_TEXT], revoked[INSTANT_TEXT];
	struct org org;

	if (org_get(db, k->org, &org, err) != 0)
		return -1;
	printf("%6" PRId64 "  %-20s %-11s %-20s %.20s  %s%.20s\n", k->id, org.code, role_name(k->role),
	       k->principal, instant_format(k->created_at, created), k->revoked_at ? "revoked " : "in force",
	       k->revoked_at ? instant_format(k->revoked_at, revoked) : "");
	return 0;
}

static int list_keys(struct ledger *l, struct err *err)
{
	struct db *db = ledger_reader(l, err);
	struct key keys[KEYS_PER_READ];
	int64_t after = 0;
	size_t n = 0;
	int rc = db ? 0 : -1;

	while (rc == 0 && (rc = key_list(db, after, KEYS_PER_READ, keys, &n, err)) == 0 && n > 0) {
		for (size_t i = 0; i < n && rc == 0; i++)
			rc = print_key(db, &keys[i], err);
		after = keys[n - 1].id;
	}
	if (db != NULL)
		ledger_reader_back(l, db);
	return rc;
}

static int finish(const char *command, struct ledger *l, int rc, const struct err *err)
{
	ledger_close(l);
	return rc == 0 ? 0 : cli_refused(command, err);
}

static int key_create_remote(const char *command, const char *url, const struct create *a)
{
	struct buf body;
	int status;

	buf_init(&body, 1024);
	buf_text_add(&body, "{\"org\":");
	buf_json(&body, a->org);
	buf_format(&body, ",\"role\":\"%s\"", role_name(a->role));
	if (a->principal != NULL) {
		buf_text_add(&body, ",\"principal\":");
		buf_json(&body, a->principal);
	}
	buf_char(&body, '}');
	status = cli_remote_json(command, url, NULL, "/v1/keys", buf_text(&body));
	buf_free(&body);
	return status;
}

/* The secret alone on stdout, so that a script may keep it in a variable. */
static int key_create_command(int argc, char **argv, const char *db, struct create *a)
{
	struct err err = {0};
	struct ledger *l;
	int status, rc;

	if (argc - optind != 1)
		return cli_usage(argv[0], "'%s' is too much", argv[optind + 1]);
	if (a->org == NULL || a->role == ROLE_NONE)
		return cli_usage(argv[0], "create needs --org and --role");
	if (cli_is_url(db))
		return key_create_remote(argv[0], db, a);
	status = cli_open(argv[0], db, 1, &l);
	if (status != 0)
		return status;
	a->sandbox = ledger_settings(l)->sandbox;
	rc = ledger_do(l, "key_create", create_key, a, &err);
	if (rc == 0) {
		printf("%s\n", a->text);
		fprintf(stderr, "key %" PRId64 ": %s of %s, person %s; the secret above is shown this once\n",
			a->key.id, role_name(a->role), a->org, a->key.principal);
	}
	return finish(argv[0], l, rc, &err);
}

static int key_list_command(int argc, char **argv, const char *db)
{
	struct err err = {0};
	struct ledger *l;
	int status;

	if (argc - optind != 1)
		return cli_usage(argv[0], "'%s' is too much", argv[optind + 1]);
	status = cli_open(argv[0], db, 0, &l);
	return status ? status : finish(argv[0], l, list_keys(l, &err), &err);
}

static int key_revoke_command(int argc, char **argv, const char *db)
{
	struct err err = {0};
	struct ledger *l;
	char *end = NULL;
	int64_t id;
	int status;

	if (argc - optind != 2)
		return cli_usage(argv[0], "revoke one key by its ID");
	id = strtoll(argv[optind + 1], &end, 10);
	if (*end != '\0' || id <= 0)
		return cli_usage(argv[0], "'%s' is no ID of a key; see: ila key list", argv[optind + 1]);
	if (cli_is_url(db)) {
		char path[64];

		snprintf(path, sizeof path, "/v1/keys/%" PRId64 "/revoke", id);
		return cli_remote_json(argv[0], db, NULL, path, "{}");
	}
	status = cli_open(argv[0], db, 1, &l);
	return status ? status : finish(argv[0], l, ledger_do(l, "key_revoke", revoke_key, &id, &err), &err);
}

int cli_key(int argc, char **argv, const char *db)
{
	static const struct option options[] = {
		{"org", required_argument, NULL, 'o'},
		{"role", required_argument, NULL, 'r'},
		{"principal", required_argument, NULL, 'p'},
		{NULL, 0, NULL, 0},
	};
	struct create a = {0};
	int c;

	while ((c = cli_next_option(argc, argv, options)) != -1)
		switch (c) {
		case 'o':
			a.org = optarg;
			break;
		case 'r':
			a.role = role_find(optarg);
			if (a.role == ROLE_NONE)
				return cli_usage(argv[0], "--role: there is no role '%s'", optarg);
			break;
		case 'p':
			a.principal = optarg;
			break;
		default:
			return CLI_USAGE;
		}
	if (optind < argc && strcmp(argv[optind], "create") == 0)
		return key_create_command(argc, argv, db, &a);
	if (optind < argc && strcmp(argv[optind], "list") == 0)
		return key_list_command(argc, argv, db);
	if (optind < argc && strcmp(argv[optind], "revoke") == 0)
		return key_revoke_command(argc, argv, db);
	return cli_usage(argv[0], "say create, list or revoke");
}
