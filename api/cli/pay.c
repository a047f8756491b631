#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/cli/cli.h"
#include "api/cli/remote.h"
#include "ledger/base/money.h"
#include "ledger/treasury/bank_answer.h"
#include "ledger/voucher/payment.h"

struct options {
	const char *secret;
	const char *provider;
	const char *amount;
	const char *bank_reference;
	int rejected;
};

struct order {
	int64_t provider;
	struct payment made;
	int some;
};

struct confirm {
	struct uuid uuid;
	int64_t amount;
	int exponent;
	const char *bank_reference;
	int paid;
	struct payment payment;
};

static int order_one(struct tx *tx, struct command *c, struct err *err)
{
	struct order *o = c->args;

	o->some = payment_order(tx, o->provider, PAYMENT_LINES_MAX, &o->made, err);
	return o->some < 0 ? -1 : 0;
}

static int settle_one(struct tx *tx, struct command *c, struct err *err)
{
	struct confirm *a = c->args;
	char is[MONEY_TEXT];
	int found;

	found = payment_find(tx->db, &a->uuid, &a->payment, err);
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "PAYMENT", "There is no payment of that name.");
	if (found < 0)
		return -1;
	if (a->payment.amount != a->amount)
		return err_set(err, ERR_CONFLICT, "--amount",
			       "The payment is of %s: the bank cannot have moved another amount.",
			       money_format(a->payment.amount, a->exponent, is));
	return bank_answer(tx, &a->payment, a->paid, a->bank_reference, err);
}

/* Providers with something billed, or the one named; at most max, past after. */
static int next_provider(struct ledger *l, const char *siret, int64_t after, int64_t *provider,
			 struct err *err)
{
	struct db *db = ledger_reader(l, err);
	struct org org;
	int rc;

	if (db == NULL)
		return -1;
	if (siret == NULL) {
		rc = db_int(db, "SELECT min(provider) FROM voucher WHERE billing = $1 AND provider > $2",
			    VALS(v_int(BILLING_BILLED), v_int(after)), provider, err);
	} else if ((rc = org_find(db, siret, &org, err)) == 1) {
		*provider = org.id;
		rc = org.id > after;
	} else if (rc == 0) {
		rc = err_set(err, ERR_UNKNOWN_REFERENCE, "--provider", "There is no provider '%s'.", siret);
	}
	ledger_reader_back(l, db);
	return rc;
}

static int print_payment(struct ledger *l, const struct payment *p, struct err *err)
{
	struct db *db = ledger_reader(l, err);
	size_t iban = strlen(p->iban);
	char uuid[UUID_TEXT], amount[CLI_MONEY];
	struct org org;
	int rc;

	if (db == NULL)
		return -1;
	rc = org_get(db, p->provider, &org, err);
	ledger_reader_back(l, db);
	if (rc == 0)
		printf("%s  %s  %zu voucher%s  %s  IBAN ****%s  %s\n", uuid_format(&p->uuid, uuid), org.code,
		       p->lines, p->lines == 1 ? "" : "s", cli_money(ledger_settings(l), p->amount, amount),
		       p->iban + (iban > 4 ? iban - 4 : 0), org.name);
	return rc;
}

/* All payments of one provider; a refusal concerns that provider alone. */
static int order_provider(struct ledger *l, const struct actor *actor, int64_t provider, int64_t *total,
			  struct err *err)
{
	struct order o = {.provider = provider, .some = 1};

	while (o.some == 1) {
		if (cli_do(l, actor, "pay_order", order_one, &o, err) != 0)
			return -1;
		if (o.some == 1 && print_payment(l, &o.made, err) != 0)
			return -1;
		*total += o.some == 1 ? o.made.amount : 0;
	}
	return 0;
}

static int order(const char *command, struct ledger *l, const struct options *opt)
{
	static const char kept[] =
		"Payments printed above are ordered; the vouchers of this provider that are not stay billed.";
	struct actor actor;
	struct err err = {0};
	int64_t provider = 0, total = 0;
	char amount[CLI_MONEY];
	int rc, status = 0;

	if (cli_actor(l, cli_key_secret(opt->secret), &actor, &err) != 0)
		return cli_refused(command, &err);
	while ((rc = next_provider(l, opt->provider, provider, &provider, &err)) == 1) {
		if (order_provider(l, &actor, provider, &total, &err) == 0)
			continue;
		status = total == 0 ? cli_refused(command, &err) : cli_stopped(command, &err, kept);
		if (status != 1 || err.code == ERR_FORBIDDEN)
			return status;
		err = (struct err){0};
	}
	if (rc < 0)
		return cli_refused(command, &err);
	printf("ordered %s\n", cli_money(ledger_settings(l), total, amount));
	return status;
}

static int confirm(const char *command, struct ledger *l, const char *payment, const struct options *opt)
{
	struct confirm a = {.bank_reference = opt->bank_reference, .paid = !opt->rejected};
	char amount[CLI_MONEY];
	struct actor actor;
	struct err err = {0};
	int rc = 0;

	a.exponent = ledger_settings(l)->exponent;
	if (uuid_parse(payment, &a.uuid) != 0)
		rc = err_set(&err, ERR_FIELD_INVALID, "PAYMENT",
			     "'%.40s' is not the name of a payment, a UUID.", payment);
	else if (money_parse(opt->amount, a.exponent, &a.amount) != 0)
		rc = err_set(&err, ERR_FIELD_INVALID, "--amount", "'%.40s' is no amount like 1234.56.",
			     opt->amount);
	if (rc != 0 || cli_actor(l, cli_key_secret(opt->secret), &actor, &err) != 0 ||
	    cli_do(l, &actor, "pay_confirm", settle_one, &a, &err) != 0)
		return cli_refused(command, &err);
	printf("%s %s: %s\n", payment, payment_state_name(a.paid ? PAYMENT_PAID : PAYMENT_REJECTED),
	       cli_money(ledger_settings(l), a.amount, amount));
	return 0;
}

/* One payment: of the provider named, or of the next that has anything billed. */
static int order_remote(const char *command, const char *url, const struct options *opt)
{
	char body[128];

	if (opt->provider != NULL)
		snprintf(body, sizeof body, "{\"provider\":\"%.64s\"}", opt->provider);
	else
		snprintf(body, sizeof body, "{}");
	return cli_remote_json(command, url, opt->secret, "/v1/payments", body);
}

/* The wire speaks cents. */
static int confirm_remote(const char *command, const char *url, const char *payment,
			  const struct options *opt)
{
	struct uuid uuid;
	int64_t amount;
	char path[128];
	struct buf body;
	int status;

	if (uuid_parse(payment, &uuid) != 0)
		return cli_usage(command, "'%.40s' is not the name of a payment, a UUID", payment);
	if (money_parse(opt->amount, 2, &amount) != 0)
		return cli_usage(command, "'%.40s' is no amount like 1234.56", opt->amount);
	snprintf(path, sizeof path, "/v1/payments/%.36s/%s", payment, opt->rejected ? "reject" : "confirm");
	buf_init(&body, 512);
	buf_format(&body, "{\"amount\":%lld,\"bank_reference\":", (long long)amount);
	buf_json(&body, opt->bank_reference);
	buf_char(&body, '}');
	status = cli_remote_json(command, url, opt->secret, path, buf_text(&body));
	buf_free(&body);
	return status;
}

/* 'o' order, 'c' confirm, 0 after having printed what is wrong. */
static int verb(int argc, char **argv, const struct options *opt)
{
	int words = argc - optind;

	if (words == 1 && strcmp(argv[optind], "order") == 0)
		return 'o';
	if (words >= 1 && strcmp(argv[optind], "confirm") == 0) {
		if (words == 2 && opt->amount != NULL && opt->bank_reference != NULL)
			return 'c';
		cli_usage(argv[0], "confirm needs one PAYMENT, --amount and --bank-reference");
		return 0;
	}
	cli_usage(argv[0], "say order or confirm");
	return 0;
}

int cli_pay(int argc, char **argv, const char *db)
{
	static const struct option options[] = {
		{"key", required_argument, NULL, 'k'},    {"provider", required_argument, NULL, 'p'},
		{"amount", required_argument, NULL, 'a'}, {"bank-reference", required_argument, NULL, 'b'},
		{"rejected", no_argument, NULL, 'r'},     {NULL, 0, NULL, 0},
	};
	struct options opt = {0};
	struct ledger *l;
	int c, status, what;

	while ((c = cli_next_option(argc, argv, options)) != -1)
		switch (c) {
		case 'k':
			opt.secret = optarg;
			break;
		case 'p':
			opt.provider = optarg;
			break;
		case 'a':
			opt.amount = optarg;
			break;
		case 'b':
			opt.bank_reference = optarg;
			break;
		case 'r':
			opt.rejected = 1;
			break;
		default:
			return CLI_USAGE;
		}
	what = verb(argc, argv, &opt);
	if (what == 0)
		return CLI_USAGE;
	if (cli_is_url(db))
		return what == 'o' ? order_remote(argv[0], db, &opt)
				   : confirm_remote(argv[0], db, argv[optind + 1], &opt);
	status = cli_open(argv[0], db, 1, &l);
	if (status != 0)
		return status;
	status = what == 'o' ? order(argv[0], l, &opt) : confirm(argv[0], l, argv[optind + 1], &opt);
	ledger_close(l);
	return status;
}
