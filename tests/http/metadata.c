/*
 * What clients note on vouchers, contributions and payments for themselves, over
 * HTTP: given back to who noted it, found by the reference, changed at any time, and
 * no personal data.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/oversight/metadata.h"
#include "tests/lib/served.h"

static struct served s;
static struct buf answer = {.max = 1 << 20};
static char id[UUID_TEXT], path[128];

static void call(const char *key, const char *where, const char *body, int status, const char *part)
{
	served_expect(&s, key, where, body, status, part, &answer);
}

#define ORDER(learner, start, more)                                                                          \
	"{\"learner\":\"" learner "\",\"course\":\"C-A2\",\"session_start\":\"" start "\","                  \
	"\"learner_payment\":{\"amount\":10320,\"reference\":\"CARD-" learner "\"}" more "}"

/* What comes after the id of the last voucher, in path. */
static const char *below(const char *more)
{
	snprintf(path, sizeof path, "/v1/vouchers/%s%s", id, more);
	return path;
}

static void order(const char *body, const char *part)
{
	call(s.key[ROLE_PORTAL], "/v1/vouchers", body, 201, part);
	json_member(&answer, "id", id, sizeof id);
}

static void lacks(const char *part)
{
	assert_null(strstr(buf_text(&answer), part));
}

static void an_order_bears_its_reference_and_metadata(void **state)
{
	(void)state;
	order(ORDER("L1", "2026-02-02",
		    ",\"external_reference\":\"ORD-1\",\"metadata\":{\"site\":\"Lyon \xc3\xa0 c\xc3\xb4t\xc3\xa9\","
		    "\"cohort\":\"2026-a\"}"),
	      "\"external_reference\":\"ORD-1\",\"metadata\":{\"cohort\":\"2026-a\",\"site\":\"Lyon \xc3\xa0 c\xc3\xb4t\xc3\xa9\"}");
	call(s.key[ROLE_PORTAL], below(""), NULL, 200,
	     "\"external_reference\":\"ORD-1\",\"metadata\":{\"cohort\"");
	call(s.key[ROLE_ACCOUNTANT], below(""), NULL, 200, "\"external_reference\":\"ORD-1\"");
	call(s.key[ROLE_PORTAL], below("/cancel"), "{\"reason\":\"changed_mind\"}", 200,
	     "\"external_reference\":\"ORD-1\"");
	/* Who notes nothing is shown nothing. */
	order(ORDER("L2", "2026-01-05", ""), "\"state\":\"accepted\"");
	lacks("external_reference");
	lacks("metadata");
	assert_int_equal(served_count(&s, "SELECT count(*) FROM metadata"), 1);
}

static void a_provider_and_a_portal_note_each_for_itself(void **state)
{
	char code[VOUCHER_CODE_TEXT], body[256];

	(void)state;
	order(ORDER("L1", "2026-01-05", ",\"external_reference\":\"ORD-1\""), "");
	json_member(&answer, "code", code, sizeof code);
	snprintf(body, sizeof body,
		 "{\"code\":\"%s\",\"course\":\"C-A2\",\"started_on\":\"2026-01-05\","
		 "\"provider_reference\":\"SEAT-3\"}",
		 code);
	call(s.key[ROLE_PROVIDER], "/v1/redemptions", body, 201, "\"provider_reference\":\"SEAT-3\"");
	lacks("external_reference");
	call(s.key[ROLE_PROVIDER], below("/metadata"), "{\"metadata\":{\"room\":\"B12\"}}", 200,
	     "\"provider_reference\":\"SEAT-3\",\"provider_metadata\":{\"room\":\"B12\"}");
	lacks("ORD-1");
	call(s.key[ROLE_PORTAL], below(""), NULL, 200, "\"external_reference\":\"ORD-1\"");
	lacks("SEAT-3");
	lacks("B12");
	call(s.key[ROLE_CONTROLLER], below(""), NULL, 200, "\"provider_reference\":\"SEAT-3\"");
	call(s.key[ROLE_CONTROLLER], below(""), NULL, 200, "\"external_reference\":\"ORD-1\"");
	/* What is not one's own does not exist. */
	call(s.key_b, below("/metadata"), "{\"metadata\":{\"room\":\"B12\"}}", 404, "\"not_found\"");
	call(s.key[ROLE_CONTROLLER], below("/metadata"), "{\"metadata\":{\"room\":\"B12\"}}", 403,
	     "\"forbidden\"");
}

static void metadata_is_changed_key_by_key(void **state)
{
	(void)state;
	order(ORDER("L1", "2026-01-05", ",\"metadata\":{\"a\":\"1\",\"b\":\"2\"}"),
	      "\"metadata\":{\"a\":\"1\",\"b\":\"2\"}");
	call(s.key[ROLE_PORTAL], below("/metadata"), "{\"metadata\":{\"b\":\"\",\"c\":\"3\",\"a\":\"9\"}}",
	     200, "\"metadata\":{\"a\":\"9\",\"c\":\"3\"}");
	lacks("external_reference");
	call(s.key[ROLE_PORTAL], below("/metadata"), "{\"external_reference\":\"ORD-9\"}", 200,
	     "\"external_reference\":\"ORD-9\",\"metadata\":{\"a\":\"9\",\"c\":\"3\"}");
	call(s.key[ROLE_PORTAL], below("/metadata"), "{}", 400, "\"field_missing\"");
	call(s.key[ROLE_PORTAL], below("/metadata"), "{\"metadata\":{\"a\":\"\",\"c\":\"\"}}", 200,
	     "\"external_reference\":\"ORD-9\"");
	lacks("\"metadata\"");
}

static void refused(const char *more, const char *part)
{
	char body[2048];

	snprintf(body, sizeof body,
		 "{\"learner\":\"L3\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\"%s}", more);
	call(s.key[ROLE_PORTAL], "/v1/requests", body, 400, part);
}

static void personal_data_is_refused_and_not_repeated(void **state)
{
	static const char *const personal[] = {"1 85 05 78 006 084 36", "anne.martin@example.org",
					       "+33 6 12 34 56 78", "06.12.34.56.78",
					       "FR76 3000 6000 0112 3456 7890 189"};
	char more[256];

	(void)state;
	for (size_t i = 0; i < sizeof personal / sizeof personal[0]; i++) {
		snprintf(more, sizeof more, ",\"metadata\":{\"note\":\"see %s\"}", personal[i]);
		refused(more, "no personal data");
		lacks(personal[i]);
	}
	refused(",\"external_reference\":\"185057800608436\"", "\"pointer\":\"#/external_reference\"");
	lacks("185057800608436");
	refused(",\"metadata\":{\"Key\":\"x\"}", "A key of metadata is");
	refused(",\"metadata\":{\"key\":7}", "must be a text");
	refused(",\"metadata\":[]", "must be an object");
	refused(",\"external_reference\":\"a b\"", "\"field_invalid\"");
	assert_int_equal(served_count(&s, "SELECT count(*) FROM metadata"), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM voucher"), 0);
}

/* Of characters, not of bytes; of pairs there are twenty, however they come. */
static void metadata_has_limits(void **state)
{
	char text[1400], value[2 * METADATA_VALUE_MAX + 3] = "";
	size_t n = 0;

	(void)state;
	for (int i = 0; i < METADATA_VALUE_MAX; i++)
		memcpy(value + 2 * i, "\xc3\xa9", 3);
	snprintf(text, sizeof text, ",\"metadata\":{\"k\":\"%sx\"}", value);
	refused(text, "at most 200 characters");
	order(ORDER("L1", "2026-01-05", ""), "");
	snprintf(text, sizeof text, "{\"metadata\":{\"k\":\"%s\"}}", value);
	call(s.key[ROLE_PORTAL], below("/metadata"), text, 200, value);
	n = (size_t)snprintf(text, sizeof text, "{\"metadata\":{\"k0\":\"0\"");
	for (int i = 1; i < METADATA_PAIRS_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, ",\"k%d\":\"%d\"", i, i);
	snprintf(text + n, sizeof text - n, "}}");
	call(s.key[ROLE_PORTAL], below("/metadata"), text, 422, "There would be 21 pairs");
	snprintf(text + n, sizeof text - n, ",\"one\":\"more\"}}");
	call(s.key[ROLE_PORTAL], below("/metadata"), text, 422, "at most 20 pairs");
}

static void a_contribution_bears_them_too(void **state)
{
	static const char body[] =
		"{\"reference\":\"P-1\",\"kind\":\"payment\",\"fund\":\"acme-2026\",\"amount\":10000,"
		"\"value_date\":\"2026-01-05\",\"external_reference\":\"SAP-7\",\"metadata\":{\"batch\":\"4\"}}";

	(void)state;
	call(s.key[ROLE_OPERATOR], "/v1/contributions", body, 202, "\"proposed\"");
	call(s.key[ROLE_ACCOUNTANT], "/v1/contributions", body, 201,
	     "\"external_reference\":\"SAP-7\",\"metadata\":{\"batch\":\"4\"}");
	/* The same contribution under another Idempotency-Key. */
	call(s.key[ROLE_ACCOUNTANT], "/v1/contributions",
	     "{\"reference\":\"P-1\",\"kind\":\"payment\",\"fund\":\"acme-2026\",\"amount\":10000,"
	     "\"value_date\":\"2026-01-05\"}",
	     200, "\"new\":false,\"state\":\"recorded\",\"external_reference\":\"SAP-7\"");
	call(s.key[ROLE_ACCOUNTANT], "/v1/contributions",
	     "{\"reference\":\"P-1\",\"kind\":\"payment\",\"fund\":\"acme-2026\",\"amount\":10000,"
	     "\"value_date\":\"2026-01-05\",\"external_reference\":\"SAP-8\"}",
	     200, "\"external_reference\":\"SAP-8\",\"metadata\":{\"batch\":\"4\"}");
	call(s.key[ROLE_ACCOUNTANT], "/v1/contributions",
	     "{\"reference\":\"P-2\",\"kind\":\"payment\",\"fund\":\"acme-2026\",\"amount\":10000,"
	     "\"value_date\":\"2026-01-05\",\"metadata\":{\"payer\":\"a@b.eu\"}}",
	     400, "an e-mail address");
}

static void contribution(const char *reference, const char *fund, const char *external)
{
	char body[256];

	snprintf(body, sizeof body,
		 "{\"reference\":\"%s\",\"kind\":\"payment\",\"fund\":\"%s\",\"amount\":10000,"
		 "\"value_date\":\"2026-01-05\",\"external_reference\":\"%s\"}",
		 reference, fund, external);
	call(s.key[ROLE_OPERATOR], "/v1/contributions", body, 202, "");
	call(s.key[ROLE_ACCOUNTANT], "/v1/contributions", body, 201, "");
}

static void contributions_are_found_by_either_reference(void **state)
{
	char next[64], where[128];

	(void)state;
	contribution("P-1", "acme-2026", "SAP-1");
	contribution("P-2", "cpf-law", "SAP-1");
	contribution("P-3", "acme-2026", "SAP-2");
	call(s.key[ROLE_ACCOUNTANT], "/v1/contributions?external_reference=SAP-1", NULL, 200,
	     "{\"reference\":\"P-1\",\"kind\":\"payment\",\"fund\":\"acme-2026\",\"amount\":10000");
	assert_non_null(strstr(buf_text(&answer), "\"P-2\""));
	lacks("\"P-3\"");
	call(s.key[ROLE_ACCOUNTANT], "/v1/contributions?reference=P-3", NULL, 200,
	     "\"external_reference\":\"SAP-2\"");
	lacks("\"P-1\"");
	/* A funder finds those of its own funds. */
	call(s.key_acme, "/v1/contributions?external_reference=SAP-1", NULL, 200, "\"P-1\"");
	lacks("\"P-2\"");
	call(s.key_acme, "/v1/contributions?reference=P-2", NULL, 200, "\"data\":[]");
	call(s.key_acme, "/v1/contributions", NULL, 200, "\"P-3\"");
	lacks("\"P-2\"");
	call(s.key[ROLE_PROVIDER], "/v1/contributions", NULL, 403, "\"forbidden\"");
	call(s.key[ROLE_ACCOUNTANT], "/v1/contributions?external_reference=SAP-1&limit=1", NULL, 200,
	     "\"has_more\":true");
	json_member(&answer, "next", next, sizeof next);
	snprintf(where, sizeof where, "/v1/contributions?external_reference=SAP-1&limit=1&after=%s", next);
	call(s.key[ROLE_ACCOUNTANT], where, NULL, 200, "\"P-2\"");
	assert_non_null(strstr(buf_text(&answer), "\"has_more\":false"));
	snprintf(where, sizeof where, "/v1/contributions?limit=1&after=%s", next);
	call(s.key[ROLE_ACCOUNTANT], where, NULL, 400, "cursor_invalid");
}

static void step(const char *key, const char *name, const char *body, const char *part)
{
	char more[64];

	snprintf(more, sizeof more, "/%s", name);
	call(key, below(more), body, 200, part);
}

static void a_payment_bears_them_too(void **state)
{
	char code[VOUCHER_CODE_TEXT], body[256], payment[UUID_TEXT], where[128];

	(void)state;
	order(ORDER("L1", "2026-01-05", ""), "");
	json_member(&answer, "code", code, sizeof code);
	snprintf(body, sizeof body, "{\"code\":\"%s\",\"course\":\"C-A2\",\"started_on\":\"2026-01-05\"}",
		 code);
	call(s.key[ROLE_PROVIDER], "/v1/redemptions", body, 201, "");
	call(s.key[ROLE_OPERATOR], "/v1/sandbox/clock", "{\"advance_to\":\"2026-01-26T09:00:00Z\"}", 200, "");
	snprintf(body, sizeof body,
		 "{\"reference\":\"S-1\",\"kind\":\"settlement\",\"fund\":\"cpf-copay\",\"amount\":10320,"
		 "\"value_date\":\"2026-01-26\",\"voucher\":\"%s\"}",
		 id);
	call(s.key[ROLE_OPERATOR], "/v1/contributions", body, 202, "");
	call(s.key[ROLE_ACCOUNTANT], "/v1/contributions", body, 201, "");
	step(s.key[ROLE_PROVIDER], "exit", "{\"exited_on\":\"2026-01-07\"}", "");
	step(s.key[ROLE_PROVIDER], "declare", "{\"completion\":100,\"cause\":\"full\"}", "");
	step(s.key[ROLE_CONTROLLER], "validate", "{}", "");
	step(s.key[ROLE_PROVIDER], "bill", "{\"invoice\":\"I-1\",\"amount\":30000}", "");
	call(s.key[ROLE_AUTHORISER], "/v1/payments", "{\"external_reference\":\"RUN-3\"}", 201,
	     "\"external_reference\":\"RUN-3\"");
	json_member(&answer, "id", payment, sizeof payment);
	snprintf(where, sizeof where, "/v1/payments/%s/metadata", payment);
	call(s.key[ROLE_ACCOUNTANT], where, "{\"metadata\":{\"batch\":\"4\"}}", 200,
	     "\"external_reference\":\"RUN-3\",\"metadata\":{\"batch\":\"4\"},");
	call(s.key[ROLE_PROVIDER], where, "{\"metadata\":{\"batch\":\"4\"}}", 403, "\"forbidden\"");
	snprintf(where, sizeof where, "/v1/payments/%s/confirm", payment);
	call(s.key[ROLE_ACCOUNTANT], where, "{\"amount\":30000,\"bank_reference\":\"B-1\"}", 200,
	     "\"external_reference\":\"RUN-3\"");
	call(s.key[ROLE_AUTHORISER], "/v1/payments?external_reference=RUN-3", NULL, 200, payment);
	assert_non_null(strstr(buf_text(&answer), "\"external_reference\":\"RUN-3\""));
	call(s.key[ROLE_AUTHORISER], "/v1/payments?external_reference=RUN-4", NULL, 200, "\"data\":[]");
	call(s.key[ROLE_PROVIDER], "/v1/payments?external_reference=RUN-3", NULL, 403, "\"forbidden\"");
	call(s.key[ROLE_PROVIDER], "/v1/payments", NULL, 200, payment);
	lacks("RUN-3");
}

/* Each finds by what its own side noted, and nobody learns by a filter what it is not shown. */
static void vouchers_are_found_by_the_reference_of_ones_own_side(void **state)
{
	char code[VOUCHER_CODE_TEXT], body[256], mine[UUID_TEXT];

	(void)state;
	order(ORDER("L1", "2026-01-05", ",\"external_reference\":\"SHOP-1\""), "");
	memcpy(mine, id, sizeof mine);
	json_member(&answer, "code", code, sizeof code);
	order(ORDER("L2", "2026-01-05", ",\"external_reference\":\"SHOP-2\""), "");
	snprintf(body, sizeof body,
		 "{\"code\":\"%s\",\"course\":\"C-A2\",\"started_on\":\"2026-01-05\","
		 "\"provider_reference\":\"SEAT-3\"}",
		 code);
	call(s.key[ROLE_PROVIDER], "/v1/redemptions", body, 201, "");
	call(s.key[ROLE_PORTAL], "/v1/vouchers?external_reference=SHOP-1", NULL, 200, mine);
	assert_non_null(strstr(buf_text(&answer), "\"external_reference\":\"SHOP-1\""));
	lacks(id);
	lacks("SEAT-3");
	call(s.key[ROLE_PORTAL], "/v1/learners/L2/vouchers?external_reference=SHOP-1", NULL, 200,
	     "\"data\":[]");
	call(s.key[ROLE_PORTAL], "/v1/vouchers?external_reference=SEAT-3", NULL, 200, "\"data\":[]");
	call(s.key[ROLE_PROVIDER], "/v1/vouchers?external_reference=SEAT-3", NULL, 200, mine);
	assert_non_null(strstr(buf_text(&answer), "\"provider_reference\":\"SEAT-3\""));
	lacks("SHOP-1");
	call(s.key[ROLE_PROVIDER], "/v1/vouchers?external_reference=SHOP-1", NULL, 200, "\"data\":[]");
	call(s.key_b, "/v1/vouchers?external_reference=SEAT-3", NULL, 200, "\"data\":[]");
	call(s.key[ROLE_CONTROLLER], "/v1/vouchers?external_reference=SEAT-3&state=entered", NULL, 200, mine);
	call(s.key[ROLE_FUNDER], "/v1/vouchers?external_reference=SHOP-1", NULL, 403, "\"forbidden\"");
	call(s.key[ROLE_FUNDER], "/v1/vouchers", NULL, 200, "");
	lacks("SHOP-1");
}

static int set_up(void **state)
{
	(void)state;
	served_open(&s);
	served_start(&s);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	served_verify(&s);
	served_close(&s);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_order_bears_its_reference_and_metadata),
		TEST(a_provider_and_a_portal_note_each_for_itself),
		TEST(metadata_is_changed_key_by_key),
		TEST(personal_data_is_refused_and_not_repeated),
		TEST(metadata_has_limits),
		TEST(a_contribution_bears_them_too),
		TEST(contributions_are_found_by_either_reference),
		TEST(a_payment_bears_them_too),
		TEST(vouchers_are_found_by_the_reference_of_ones_own_side),
	};
	int rc = cmocka_run_group_tests_name("http/metadata", tests, NULL, NULL);

	buf_free(&answer);
	return rc;
}
