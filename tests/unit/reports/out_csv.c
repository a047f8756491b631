#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reports/out_csv.h"

static const struct column columns[] = {
	{"name", COLUMN_TEXT}, {"code", COLUMN_CODE},        {"on", COLUMN_DAY},     {"year", COLUMN_NUMBER},
	{"n", COLUMN_COUNT},   {"share", COLUMN_HUNDREDTHS}, {"paid", COLUMN_MONEY},
};
static const struct report report = {.name = "sample", .columns = columns, .count = 7};
static const struct column one_text[] = {{"text", COLUMN_TEXT}};
static const struct report text_report = {.name = "text", .columns = one_text, .count = 1};
static const struct ledger_settings settings = {.currency = "EUR", .exponent = 2};

#define HEADER "name;code;on;year;n;share;paid_eur\r\n"

struct sink {
	struct buf text;
	size_t pieces;
	int refuse;
};

static int take(void *ctx, const char *bytes, size_t n, struct err *err)
{
	struct sink *s = ctx;

	if (s->refuse)
		return err_set(err, ERR_STORAGE, NULL, "The receiver is gone.");
	s->pieces++;
	buf_add(&s->text, bytes, n);
	return 0;
}

static void start(struct csv_out *out, struct sink *s, const struct report *r,
		  const struct ledger_settings *set)
{
	struct err err = {0};

	*s = (struct sink){0};
	buf_init(&s->text, 4 << 20);
	assert_int_equal(csv_out_open(out, r, set, NULL, take, s, &err), 0);
}

/* Close, compare, free. */
static void expect(struct csv_out *out, struct sink *s, const char *text)
{
	unsigned char hash[SHA256_BYTES];
	char of_text[SHA256_HEX], of_file[SHA256_HEX];
	struct err err = {0};

	assert_int_equal(csv_out_close(out, of_file, &err), 0);
	assert_string_equal(buf_text(&s->text), text);
	sha256(text, strlen(text), hash);
	assert_string_equal(of_file, sha256_hex(hash, of_text));
	assert_int_equal(out->bytes, strlen(text));
	csv_out_free(out);
	buf_free(&s->text);
}

static void one_row(struct csv_out *out, const char *name, int64_t n, int64_t cents)
{
	struct err err = {0};

	csv_out_text(out, name);
	csv_out_code(out, "37674");
	csv_out_day(out, day_from_civil(2026, 2, 28));
	csv_out_int(out, 2026);
	csv_out_int(out, n);
	csv_out_hundredths(out, 7505);
	csv_out_money(out, cents);
	assert_int_equal(csv_out_end_row(out, &err), 0);
}

static void a_file_without_rows_is_its_header(void **state)
{
	struct csv_out out;
	struct sink s;

	(void)state;
	start(&out, &s, &report, &settings);
	assert_int_equal(out.rows, 0);
	expect(&out, &s, HEADER);
}

static void cells_are_written_by_the_type_of_their_column(void **state)
{
	struct csv_out out;
	struct sink s;
	struct err err = {0};

	(void)state;
	start(&out, &s, &report, &settings);
	one_row(&out, "Alyra", 3, 123456);
	one_row(&out, "Épicerie", -1, -5);
	for (int i = 0; i < 7; i++)
		csv_out_empty(&out);
	assert_int_equal(csv_out_end_row(&out, &err), 0);
	assert_int_equal(out.rows, 3);
	expect(&out, &s,
	       HEADER "Alyra;37674;2026-02-28;2026;3;75.05;1234.56\r\n"
		      "Épicerie;37674;2026-02-28;2026;-1;75.05;-0.05\r\n"
		      ";;;;;;\r\n");
}

static void amounts_follow_the_currency_of_the_ledger(void **state)
{
	static const struct ledger_settings yen = {.currency = "JPY", .exponent = 0};
	struct csv_out out;
	struct sink s;

	(void)state;
	start(&out, &s, &report, &yen);
	one_row(&out, "a", 1, 123456);
	expect(&out, &s, "name;code;on;year;n;share;paid_jpy\r\na;37674;2026-02-28;2026;1;75.05;123456\r\n");
}

static void counts_and_amounts_have_totals(void **state)
{
	struct csv_out out;
	struct sink s;
	struct buf total;

	(void)state;
	buf_init(&total, 100);
	start(&out, &s, &report, &settings);
	one_row(&out, "a", 3, 123456);
	one_row(&out, "b", 4, -23456);
	csv_out_total(&out, 4, &total);
	buf_char(&total, ' ');
	csv_out_total(&out, 6, &total);
	assert_string_equal(buf_text(&total), "7 1000.00");
	assert_int_equal(out.total[3], 0);
	buf_free(&total);
	buf_free(&s.text);
	csv_out_free(&out);
}

/* Each cell alone in its row: what is written for it. */
static const struct {
	const char *text, *written;
} cells[] = {
	{"plain", "plain"},
	{"", ""},
	{"two words", "two words"},
	{"a;b", "\"a;b\""},
	{"a,b", "\"a,b\""},
	{"a\tb", "\"a\tb\""},
	{"a\"b", "\"a\"\"b\""},
	{"a\r\nb", "\"a\r\nb\""},
	{" a", "\" a\""},
	{"a ", "\"a \""},
	{"=1+1", "\"'=1+1\""},
	{"+33", "\"'+33\""},
	{"-1", "\"'-1\""},
	{"@SUM(A1)", "\"'@SUM(A1)\""},
	{"\tx", "\"'\tx\""},
	{"\rx", "\"'\rx\""},
	{"\nx", "\"'\nx\""},
	{"  =1", "\"'  =1\""},
	{"\xc2\xa0 =1", "\"'\xc2\xa0 =1\""},
	{"\xef\xbc\x9d"
	 "1",
	 "\"'\xef\xbc\x9d"
	 "1\""},
	{"\xef\xbc\x8b"
	 "1",
	 "\"'\xef\xbc\x8b"
	 "1\""},
	{"\xef\xbc\x8d"
	 "1",
	 "\"'\xef\xbc\x8d"
	 "1\""},
	{"\xef\xbc\xa0"
	 "a",
	 "\"'\xef\xbc\xa0"
	 "a\""},
	{"=HYPERLINK(\"http://x\";\"y\")", "\"'=HYPERLINK(\"\"http://x\"\";\"\"y\"\")\""},
	{"a=1", "a=1"},
	{"18640005700078", "18640005700078"},
	{"'quoted'", "'quoted'"},
};

static void text_is_quoted_only_when_needed_and_never_run_as_a_formula(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
		struct csv_out out;
		struct sink s;
		struct err err = {0};
		char expected[256];

		start(&out, &s, &text_report, &settings);
		csv_out_text(&out, cells[i].text);
		assert_int_equal(csv_out_end_row(&out, &err), 0);
		snprintf(expected, sizeof expected, "text\r\n%s\r\n", cells[i].written);
		expect(&out, &s, expected);
	}
}

static void a_row_that_does_not_fit_its_columns_is_a_bug(void **state)
{
	struct csv_out out;
	struct sink s;
	struct err err = {0};

	(void)state;
	start(&out, &s, &report, &settings);
	csv_out_text(&out, "too few");
	assert_int_equal(csv_out_end_row(&out, &err), -1);
	assert_int_equal(err.code, ERR_BUG);
	csv_out_free(&out);
	buf_free(&s.text);

	start(&out, &s, &text_report, &settings);
	csv_out_int(&out, 1);
	assert_int_equal(csv_out_end_row(&out, &err), -1);
	assert_int_equal(err.code, ERR_BUG);
	csv_out_free(&out);
	buf_free(&s.text);

	start(&out, &s, &text_report, &settings);
	csv_out_text(&out, "a");
	csv_out_text(&out, "too many");
	assert_int_equal(csv_out_end_row(&out, &err), -1);
	csv_out_free(&out);
	buf_free(&s.text);
}

static void a_code_is_digits_or_minus_one(void **state)
{
	static const struct column code[] = {{"code", COLUMN_CODE}};
	static const struct report r = {.name = "code", .columns = code, .count = 1};
	struct csv_out out;
	struct sink s;
	struct err err = {0};

	(void)state;
	start(&out, &s, &r, &settings);
	csv_out_code(&out, "-1");
	assert_int_equal(csv_out_end_row(&out, &err), 0);
	csv_out_code(&out, "=1");
	assert_int_equal(csv_out_end_row(&out, &err), -1);
	assert_int_equal(err.code, ERR_BUG);
	csv_out_free(&out);
	buf_free(&s.text);
}

static void a_total_that_overflows_is_refused(void **state)
{
	struct csv_out out;
	struct sink s;
	struct err err = {0};

	(void)state;
	start(&out, &s, &report, &settings);
	one_row(&out, "a", INT64_MAX, 0);
	csv_out_text(&out, "b");
	csv_out_code(&out, "1");
	csv_out_day(&out, 0);
	csv_out_int(&out, 1);
	csv_out_int(&out, 1);
	csv_out_hundredths(&out, 0);
	csv_out_money(&out, 0);
	assert_int_equal(csv_out_end_row(&out, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(out.rows, 1);
	csv_out_free(&out);
	buf_free(&s.text);
}

static void a_cell_longer_than_any_register_has_is_refused(void **state)
{
	static char text[8192];
	struct csv_out out;
	struct sink s;
	struct err err = {0};

	(void)state;
	memset(text, 'x', sizeof text - 1);
	start(&out, &s, &text_report, &settings);
	csv_out_text(&out, text);
	assert_int_equal(csv_out_end_row(&out, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	csv_out_free(&out);
	buf_free(&s.text);
}

static void the_widest_texts_of_the_registers_fit(void **state)
{
	char text[TITLE_MAX + 1];
	struct csv_out out;
	struct sink s;
	struct err err = {0};

	(void)state;
	memset(text, '"', TITLE_MAX);
	text[TITLE_MAX] = '\0';
	start(&out, &s, &text_report, &settings);
	csv_out_text(&out, text);
	assert_int_equal(csv_out_end_row(&out, &err), 0);
	assert_int_equal(out.block.len, strlen("text\r\n") + 2 * TITLE_MAX + 2 + strlen("\r\n"));
	csv_out_free(&out);
	buf_free(&s.text);
}

static void many_rows_leave_in_pieces_and_the_hash_covers_all(void **state)
{
	struct csv_out out;
	struct sink s;
	char of_file[SHA256_HEX], of_text[SHA256_HEX];
	unsigned char hash[SHA256_BYTES];
	struct err err = {0};

	(void)state;
	start(&out, &s, &report, &settings);
	for (int i = 0; i < 20000; i++)
		one_row(&out, "Alyra", 1, 1);
	assert_int_equal(csv_out_close(&out, of_file, &err), 0);
	assert_true(s.pieces > 5);
	sha256(buf_text(&s.text), s.text.len, hash);
	assert_string_equal(of_file, sha256_hex(hash, of_text));
	assert_int_equal(out.bytes, s.text.len);
	csv_out_free(&out);
	buf_free(&s.text);
}

static void a_receiver_that_refuses_ends_the_report(void **state)
{
	struct csv_out out;
	struct sink s;
	char hash[SHA256_HEX];
	struct err err = {0};

	(void)state;
	start(&out, &s, &report, &settings);
	s.refuse = 1;
	assert_int_equal(csv_out_close(&out, hash, &err), -1);
	assert_string_equal(err.text, "The receiver is gone.");
	csv_out_free(&out);
	buf_free(&s.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_without_rows_is_its_header),
		cmocka_unit_test(cells_are_written_by_the_type_of_their_column),
		cmocka_unit_test(amounts_follow_the_currency_of_the_ledger),
		cmocka_unit_test(counts_and_amounts_have_totals),
		cmocka_unit_test(text_is_quoted_only_when_needed_and_never_run_as_a_formula),
		cmocka_unit_test(a_row_that_does_not_fit_its_columns_is_a_bug),
		cmocka_unit_test(a_code_is_digits_or_minus_one),
		cmocka_unit_test(a_total_that_overflows_is_refused),
		cmocka_unit_test(a_cell_longer_than_any_register_has_is_refused),
		cmocka_unit_test(the_widest_texts_of_the_registers_fit),
		cmocka_unit_test(many_rows_leave_in_pieces_and_the_hash_covers_all),
		cmocka_unit_test(a_receiver_that_refuses_ends_the_report),
	};

	return cmocka_run_group_tests_name("reports/out_csv", tests, NULL, NULL);
}
