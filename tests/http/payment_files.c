/*
 * Payments go out in a file and come back in the bank's statements: the file is read by a
 * bank that shares no code with us (tests/lib/bank.py), which books each transfer and writes its
 * statements; all of it is matched.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/crypto.h"
#include "ledger/book/chart.h"
#include "tests/lib/served.h"

#define IBAN_CPF   "FR8530003000340000026924634"
#define IBAN_COPAY "FR5430003000310000024548931"
#define PAYEE      "FR7630006000011234567890189"

#define ACCOUNTS                                                                                             \
	"bank_account;iban;holder;bic\nCDC-CPF;" IBAN_CPF ";Caisse de financement (été);BDFEFRPPCCT\n"     \
	"CDC-COPAY;" IBAN_COPAY ";Caisse de financement;\n"

static struct served s;
static struct buf answer;
static char payments[128], statements[128];

static void call(enum role role, const char *path, const char *body, int status, const char *part)
{
	served_expect(&s, s.key[role], path, body, status, part, &answer);
}

static void step(enum role role, size_t i, const char *step, const char *body)
{
	char path[128];

	snprintf(path, sizeof path, "/v1/vouchers/%s/%s", s.uuid[i], step);
	call(role, path, body, 200, "");
}

/* Two vouchers of one provider, each paid from the fund of the law and the learner's own 103.20. */
static void bill_two(void)
{
	char body[256];

	served_learners(&s, 2);
	served_orders(&s, 2);
	served_start(&s);
	for (size_t i = 0; i < 2; i++) {
		snprintf(
			body, sizeof body,
			"{\"reference\":\"SET-%zu\",\"kind\":\"settlement\",\"fund\":\"cpf-copay\",\"amount\":10320,"
			"\"value_date\":\"2026-01-05\",\"voucher\":\"%s\"}",
			i, s.uuid[i]);
		call(ROLE_OPERATOR, "/v1/contributions", body, 202, "");
		call(ROLE_ACCOUNTANT, "/v1/contributions", body, 201, "");
		assert_int_equal(served_redeem(&s, NULL, i, &answer), 201);
		step(ROLE_PROVIDER, i, "exit", "{\"exited_on\":\"2026-01-05\"}");
		step(ROLE_PROVIDER, i, "declare", "{\"completion\":100,\"cause\":\"full\"}");
		step(ROLE_CONTROLLER, i, "validate", "{}");
		snprintf(body, sizeof body, "{\"invoice\":\"I-%zu\",\"amount\":30000}", i);
		step(ROLE_PROVIDER, i, "bill", body);
	}
	/* The provider's IBAN has been known long enough. */
	call(ROLE_OPERATOR, "/v1/sandbox/clock", "{\"advance_to\":\"2026-01-20T08:00:00Z\"}", 200, "");
}

static int set_up(void **state)
{
	(void)state;
	served_open(&s);
	buf_init(&answer, 1 << 20);
	snprintf(payments, sizeof payments, "%s/payments.xml", s.f.dir);
	snprintf(statements, sizeof statements, "%s/statements.xml", s.f.dir);
	bill_two();
	call(ROLE_OPERATOR, "/v1/imports/bank_accounts", ACCOUNTS, 202, "");
	served_expect(&s, s.key_second, "/v1/imports/bank_accounts", ACCOUNTS, 200, "", &answer);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&answer);
	served_close(&s);
	return 0;
}

/* The file that was made last, as it is fetched: its hash is the one that was told. */
static void fetch(void)
{
	unsigned char hash[SHA256_BYTES];
	char id[64], told[SHA256_HEX], path[128], hex[SHA256_HEX];

	json_member(&answer, "id", id, sizeof id);
	json_member(&answer, "sha256", told, sizeof told);
	snprintf(path, sizeof path, "/v1/payment-files/%s.xml", id);
	call(ROLE_OPERATOR, path, NULL, 403, "\"forbidden\"");
	call(ROLE_AUTHORISER, path, NULL, 200, PAYEE);
	sha256(buf_text(&answer), answer.len, hash);
	assert_string_equal(sha256_hex(hash, hex), told);
	call(ROLE_ACCOUNTANT, path, NULL, 200, "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09");
	program_write(payments, buf_text(&answer));
}

/* What the bank took, and its statements on disk. */
static void bank(const char *words, const char *expected)
{
	char said[256];

	if (program_shell(said, sizeof said,
			  "python3 tests/lib/bank.py %s %s 2026-01-20 %s " IBAN_CPF "=100000.00 " IBAN_COPAY
			  "=206.40 2>&1",
			  payments, statements, words) != 0)
		fail_msg("%s", said);
	assert_string_equal(said, expected);
}

static int has(const char *command)
{
	return system(command) == 0;
}

static void import_statements(void)
{
	char text[16384];
	FILE *in = fopen(statements, "r");
	size_t n;

	assert_non_null(in);
	n = fread(text, 1, sizeof text - 1, in);
	text[n] = '\0';
	fclose(in);
	call(ROLE_ACCOUNTANT, "/v1/imports/bank", text, 200, "\"created\":");
}

#define NEEDS_PYTHON()                                                                                       \
	do {                                                                                                 \
		if (!has("command -v python3 > /dev/null")) {                                                \
			print_message("# skipped: the bank is written in Python, and python3 is missing\n"); \
			skip();                                                                              \
		}                                                                                            \
	} while (0)

static void what_goes_out_in_a_file_comes_back_in_statements(void **state)
{
	(void)state;
	NEEDS_PYTHON();
	call(ROLE_AUTHORISER, "/v1/payments", "{}", 201, "\"iban\":\"" PAYEE "\"");
	call(ROLE_ACCOUNTANT, "/v1/payment-files", "{}", 201, "\"transfers\":2,\"amount\":60000,");
	fetch();
	bank("", IBAN_COPAY " 1 20640\n" IBAN_CPF " 1 39360\n");
	call(ROLE_ACCOUNTANT, "/v1/payment-files", "{}", 200, "\"state\":\"nothing_waits\"");
	import_statements();
	call(ROLE_ACCOUNTANT, "/v1/bank-lines/match", "{}", 200, "\"matched\":2,\"waiting\":0,");
	call(ROLE_ACCOUNTANT, "/v1/bank-lines?state=open", NULL, 200, "\"data\":[]");
	call(ROLE_AUDITOR, "/v1/payment-files", NULL, 200, "\"made_by\":\"accountant\"");
	assert_int_equal(served_balance(&s, "cpf-law", K_CASH), 10000000 - 39360);
	assert_int_equal(served_balance(&s, "cpf-copay", K_CASH), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM payment WHERE state = 2"), 1);
	served_verify(&s);
}

static void one_transfer_that_comes_back_holds_the_payment(void **state)
{
	(void)state;
	NEEDS_PYTHON();
	call(ROLE_AUTHORISER, "/v1/payments", "{}", 201, "");
	call(ROLE_ACCOUNTANT, "/v1/payment-files", "{}", 201, "");
	fetch();
	bank("back=1", IBAN_COPAY " 1 20640\n" IBAN_CPF " 1 39360\n");
	import_statements();
	call(ROLE_ACCOUNTANT, "/v1/bank-lines/match", "{}", 200, "\"matched\":0,\"waiting\":3,");
	call(ROLE_ACCOUNTANT, "/v1/bank-lines", NULL, 200,
	     "The payment is 2 transfers: 1 executed, 1 came back, 0 not answered yet.");
}

static void the_file_is_valid_under_the_schema(void **state)
{
	const char *schema = getenv("ILA_PAIN_SCHEMA");
	char line[512];

	(void)state;
	call(ROLE_AUTHORISER, "/v1/payments", "{}", 201, "");
	call(ROLE_ACCOUNTANT, "/v1/payment-files", "{\"execution_on\":\"2026-01-22\"}", 201, "");
	fetch();
	if (schema == NULL || !has("command -v xmllint > /dev/null")) {
		print_message("# skipped: ILA_PAIN_SCHEMA names no schema of pain.001.001.09, or xmllint is "
			      "missing\n");
		skip();
	}
	snprintf(line, sizeof line, "xmllint --nonet --noout --schema '%s' %s", schema, payments);
	assert_true(has(line));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_goes_out_in_a_file_comes_back_in_statements, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(one_transfer_that_comes_back_holds_the_payment, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_file_is_valid_under_the_schema, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("http/payment_files", tests, NULL, NULL);
}
