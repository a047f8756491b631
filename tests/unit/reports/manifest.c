#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/forms/json.h"
#include "reports/manifest.h"

static const struct column columns[] = {{"period", COLUMN_TEXT}, {"n", COLUMN_COUNT}, {"paid", COLUMN_MONEY}};
static const struct report report = {
	.name = "sample", .title = "A \"sample\"", .source = "nowhere", .columns = columns, .count = 3};
static const struct ledger_settings settings = {
	.currency = "EUR", .exponent = 2, .id = "01900000-0000-7000-8000-000000000000"};

/* The one ledger that it is made of. */
static struct report_source source = {.settings = &settings, .as_of_seq = 41, .head_hash = "5f"};

static int take(void *ctx, const char *bytes, size_t n, struct err *err)
{
	(void)ctx;
	(void)bytes;
	(void)n;
	(void)err;
	return 0;
}

static void fill(struct csv_out *out)
{
	char hash[SHA256_HEX];
	struct err err = {0};

	assert_int_equal(csv_out_open(out, &report, &settings, NULL, take, NULL, &err), 0);
	csv_out_text(out, "2026Q1");
	csv_out_int(out, 12);
	csv_out_money(out, 150000);
	assert_int_equal(csv_out_end_row(out, &err), 0);
	assert_int_equal(csv_out_close(out, hash, &err), 0);
}

static void it_says_what_the_report_is_and_sums_to(void **state)
{
	struct report_result result = {.rows = 1, .sha256 = "9a"};
	struct manifest m = {&report, &source, 1, &result, 20454, 20543, "cpf-law", "CFDT", "P1"};
	struct csv_out out;
	struct buf text;

	(void)state;
	fill(&out);
	buf_init(&text, MANIFEST_BYTES_MAX);
	manifest_write(&m, &out, &text);
	assert_string_equal(buf_text(&text), "{\n"
					     "  \"as_of_seq\": 41,\n"
					     "  \"columns\": [\"period\", \"n\", \"paid_eur\"],\n"
					     "  \"currency\": \"EUR\",\n"
					     "  \"file\": \"sample.csv\",\n"
					     "  \"from\": \"2026-01-01\",\n"
					     "  \"fund\": \"cpf-law\",\n"
					     "  \"head_hash\": \"5f\",\n"
					     "  \"ledger\": \"01900000-0000-7000-8000-000000000000\",\n"
					     "  \"provider\": \"P1\",\n"
					     "  \"report\": \"sample\",\n"
					     "  \"rows\": 1,\n"
					     "  \"sha256\": \"9a\",\n"
					     "  \"source\": \"nowhere\",\n"
					     "  \"title\": \"A \\\"sample\\\"\",\n"
					     "  \"to\": \"2026-03-31\",\n"
					     "  \"totals\": {\"n\": 12, \"paid_eur\": \"1500.00\"},\n"
					     "  \"union\": \"CFDT\"\n"
					     "}\n");
	buf_free(&text);
	csv_out_free(&out);
}

static void what_is_absent_is_null_and_the_whole_is_json(void **state)
{
	struct report_result result = {0};
	struct report_source empty = {.settings = &settings};
	struct manifest m = {&report, &empty, 1, &result, DAY_NONE, DAY_NONE, "", "", ""};
	struct csv_out out;
	struct buf text;
	struct json *json;
	struct err err = {0};

	(void)state;
	fill(&out);
	buf_init(&text, MANIFEST_BYTES_MAX);
	manifest_write(&m, &out, &text);
	json = json_parse(buf_text(&text), text.len, &err);
	assert_non_null(json);
	assert_false(json_has(json_root(json), "from"));
	assert_false(json_has(json_root(json), "to"));
	assert_false(json_has(json_root(json), "fund"));
	assert_false(json_has(json_root(json), "head_hash"));
	assert_true(json_has(json_root(json), "as_of_seq"));
	json_free(json);
	buf_free(&text);
	csv_out_free(&out);
}

static void over_several_ledgers_it_has_the_head_of_each(void **state)
{
	static const struct ledger_settings other = {.id = "01900000-0000-7000-8000-000000000001"};
	struct report_source sources[] = {
		{.name = "cpf", .settings = &settings, .as_of_seq = 41, .head_hash = "5f"},
		{.name = "region", .settings = &other}};
	struct report_result result = {.rows = 1, .sha256 = "9a"};
	struct manifest m = {&report, sources, 2, &result, DAY_NONE, DAY_NONE, "", "", ""};
	struct csv_out out;
	struct buf text;
	const char *end;

	(void)state;
	fill(&out);
	csv_out_next(&out, "region");
	buf_init(&text, MANIFEST_BYTES_MAX);
	manifest_write(&m, &out, &text);
	end = strstr(buf_text(&text), "  \"report\"");
	assert_non_null(end);
	text.data[end - text.data] = '\0';
	assert_string_equal(buf_text(&text),
			    "{\n"
			    "  \"columns\": [\"ledger\", \"period\", \"n\", \"paid_eur\"],\n"
			    "  \"currency\": \"EUR\",\n"
			    "  \"file\": \"sample.csv\",\n"
			    "  \"from\": null,\n"
			    "  \"fund\": null,\n"
			    "  \"ledgers\": [{\"as_of_seq\": 41, \"head_hash\": \"5f\", \"ledger\": "
			    "\"01900000-0000-7000-8000-000000000000\", \"name\": \"cpf\"}, "
			    "{\"as_of_seq\": 0, \"head_hash\": null, \"ledger\": "
			    "\"01900000-0000-7000-8000-000000000001\", \"name\": \"region\"}],\n");
	buf_free(&text);
	csv_out_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_what_the_report_is_and_sums_to),
		cmocka_unit_test(what_is_absent_is_null_and_the_whole_is_json),
		cmocka_unit_test(over_several_ledgers_it_has_the_head_of_each),
	};

	return cmocka_run_group_tests_name("reports/manifest", tests, NULL, NULL);
}
