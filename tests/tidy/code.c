/*
 * The house looks after its code: which calls are banned, how long things are,
 * that every declaration has words and that nothing is left behind.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "tests/lib/house.h"

#define COLUMNS_MAX  132 /* code is wrapped at 110; messages may stick out */
#define LINES_MAX    620 /* of a file in a product room */
#define FUNCTION_MAX 60  /* lines of a function there */

/* --- calls, columns, words ---------------------------------------------- */

/* Calls that have a safer or testable replacement here. */
static void check_calls(const char *path, const char *in)
{
	static const char *const banned[] = {"sprintf", "vsprintf", "strcpy", "strcat", "atol",
					     "atoll",   "strtok",   "gets",   "time",   "localtime",
					     "gmtime",  "rand",     "srand",  "system", "atoi"};
	const char *code = code_of(in);
	int line = 1;

	for (const char *at = code; *at != '\0'; at++) {
		const char *end = at; /* of the name that is called */

		line += *at == '\n';
		if (*at != '(')
			continue;
		while (end > code && strchr(" \t", end[-1]) != NULL)
			end--;
		for (size_t i = 0; i < sizeof banned / sizeof banned[0]; i++) {
			size_t n = strlen(banned[i]);

			if ((size_t)(end - code) < n + 1 || strncmp(end - n, banned[i], n) != 0)
				continue;
			if (isalnum((unsigned char)end[-(long)n - 1]) ||
			    strchr("_.>", end[-(long)n - 1]) != NULL)
				continue;
			house_find(path, line, "%s() is not used here", banned[i]);
		}
	}
}

/* The decimals of an amount are those of the ledger's currency, never a figure of the code's own. */
static void check_decimals(const char *path, const char *in)
{
	static const char *const calls[] = {"money_format(", "money_parse("};
	const char *code = code_of(in);

	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
		for (const char *at = code; (at = strstr(at, calls[i])) != NULL; at++) {
			const char *arg = at + strlen(calls[i]);
			int depth = 0, line = 1;

			while (*arg != '\0' && (depth > 0 || *arg != ',')) {
				depth += (*arg == '(') - (*arg == ')');
				arg++;
			}
			arg += strspn(arg, ", \t\n");
			for (const char *c = code; c < at; c++)
				line += *c == '\n';
			if (isdigit((unsigned char)*arg))
				house_find(path, line,
					   "an amount with decimals of its own, not the currency's");
		}
}

/* The faces ask the ledger; what they ask is not written in SQL there. */
static void check_no_sql(const char *path, const char *in)
{
	static const char *const calls[] = {"db_query(", "db_run(", "db_int("};
	const char *code = code_of(in);

	for (size_t i = 0; starts(path, "api/") && i < sizeof calls / sizeof calls[0]; i++)
		for (const char *at = code; (at = strstr(at, calls[i])) != NULL; at++) {
			int line = 1;

			for (const char *c = code; c < at; c++)
				line += *c == '\n';
			house_find(path, line, "no SQL stands in a face: ask a function of the ledger");
		}
}

static void check_columns(const char *path, const char *in)
{
	int line = 1, column = 0;

	for (const char *at = in; *at != '\0'; at++) {
		if (*at == '\n') {
			if (column > COLUMNS_MAX)
				house_find(path, line, "%d columns; the most is %d", column, COLUMNS_MAX);
			line++;
			column = 0;
		} else if (*at == '\t') {
			column += 8 - column % 8;
		} else {
			column += ((unsigned char)*at & 0xc0) != 0x80;
		}
	}
}

static void check_words(const char *path, const char *in)
{
	static const char *const words[] = {"TO"
					    "DO",
					    "FIX"
					    "ME",
					    "X"
					    "XX",
					    "HA"
					    "CK",
					    "not "
					    "implemented"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		const char *at = word_in(in, words[i]);
		int line = 1;

		if (at == NULL)
			continue;
		for (const char *c = in; c < at; c++)
			line += *c == '\n';
		house_find(path, line, "\"%s\" is left behind", words[i]);
	}
}

/* --- SQL ------------------------------------------------------------------- */

static const char *const begins[] = {"\"SELECT ", "\"INSERT INTO ", "\"UPDATE ",
				     "\"DELETE ", "\"WITH ",        "\"CREATE "};

/* The first question to the database: a call, or a string that begins as a statement does; NULL for none. */
static const char *question_in(const char *in)
{
	static const char *const calls[] = {"db_query", "db_run", "db_int", "db_step", "db_script"};
	const char *code = code_of(in), *at;

	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
		if ((at = word_in(code, calls[i])) != NULL)
			return in + (at - code);
	for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
		if ((at = strstr(in, begins[i])) != NULL)
			return at;
	return NULL;
}

static void check_questions(const char *path, const char *in)
{
	const char *at = question_in(in);
	int line = 1;

	for (const char *c = in; at != NULL && c < at; c++)
		line += *c == '\n';
	if (at != NULL)
		house_find(path, line, "SQL in api/: a room of ledger/ asks and answers with a struct");
}

/* Whether a number of SQL begins there that is neither 0, 1 nor the number of a parameter. */
static int is_unnamed(const char *at)
{
	if (!isdigit((unsigned char)at[0]) || isalnum((unsigned char)at[-1]) || strchr("_$.", at[-1]) != NULL)
		return 0;
	return at[0] > '1' || isdigit((unsigned char)at[1]);
}

/*
 * The statement whose string begins at the quotation mark: also the strings and macros that it goes on with.
 */
static void check_statement(const char *path, int line, const char *at)
{
	int in_string = 0, in_word = 0;

	for (; *at != '\0'; at++) {
		line += *at == '\n';
		if (*at == '"')
			in_string = !in_string;
		else if (in_string && *at == '\'')
			in_word = !in_word;
		else if (!in_string && !isspace((unsigned char)*at) && !isupper((unsigned char)*at) &&
			 *at != '_')
			return;
		else if (in_string && !in_word && is_unnamed(at))
			house_find(path, line, "a number in SQL without a name: bind the constant");
	}
}

static void check_numbers(const char *path, const char *in)
{
	int line = 1;

	for (const char *at = in; *at != '\0'; at++) {
		line += *at == '\n';
		for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
			if (starts(at, begins[i]))
				check_statement(path, line, at);
	}
}

/* A table is explained above it, a column on its line. */
static void check_explained(const char *path, const char *in)
{
	const char *before = "";
	int line = 0, in_table = 0;

	for (const char *at = in; at != NULL && *at != '\0'; at = strchr(at, '\n'), at = at ? at + 1 : NULL) {
		const char *remark = strstr(at, "-- "), *end = at + strcspn(at, "\n");

		line++;
		if (starts(at, "CREATE TABLE ")) {
			in_table = 1;
			if (!starts(before, "-- "))
				house_find(path, line, "no word says what the table holds");
		} else if (at[0] == ')') {
			in_table = 0;
		} else if (in_table && at[0] == '\t' && islower((unsigned char)at[1]) &&
			   (remark == NULL || remark > end)) {
			house_find(path, line, "no word says what the column holds: %.*s",
				   (int)(end - at - 1), at + 1);
		}
		before = at;
	}
}

/* --- refusals -------------------------------------------------------------- */

static int line_of(const char *in, const char *at)
{
	int line = 1;

	for (const char *c = in; c < at; c++)
		line += *c == '\n';
	return line;
}

/* Whether these words stand here, with any blanks between; strings are wrapped as lines are. */
static int words_at(const char *at, const char *words)
{
	for (; *words != '\0'; words++) {
		if (*words == ' ') {
			size_t blanks = strspn(at, " \t\n");

			if (blanks == 0)
				return 0;
			at += blanks;
		} else if (*at++ != *words) {
			return 0;
		}
	}
	return 1;
}

/* What a refusal left as it was is a member of struct err, worded by err_effect_text() and nowhere else. */
static void check_effects(const char *path, const char *in)
{
	static const char *const sentences[] = {"othing was changed", "othing was written",
						"othing was created"};
	const char *strings = strings_of(in);

	for (const char *at = strings; *at != '\0' && strcmp(path, "ledger/base/err.c") != 0; at++)
		for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
			if (words_at(at, sentences[i]))
				house_find(path, line_of(strings, at),
					   "what a refusal left is a member of struct err, not a sentence");
}

/* Is name declared as a struct err, or a pointer to one, in this code?  The names of a list too. */
static int is_err(const char *code, const char *name, size_t n)
{
	for (const char *at = code; (at = strstr(at, "struct err ")) != NULL; at++) {
		const char *end = at + strcspn(at, ";)");

		for (const char *found = at + strlen("struct err "); found + n <= end; found++)
			if (strncmp(found, name, n) == 0 && strchr(" *", found[-1]) != NULL &&
			    !isalnum((unsigned char)found[n]) && found[n] != '_')
				return 1;
	}
	return 0;
}

/* Is the text that ends here written: the first argument of a call that writes there, or assigned to? */
static int is_written(const char *code, const char *name, const char *end)
{
	static const char *const calls[] = {"snprintf(", "memcpy(",   "memmove(",   "memset(",
					    "strncpy(",  "col_copy(", "check_show("};

	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
		if (name - code >= (long)strlen(calls[i]) && starts(name - strlen(calls[i]), calls[i]))
			return 1;
	if (*end == '[')
		end += strcspn(end, "]\n") + 1;
	end += strspn(end, " ");
	return *end == '=' && end[1] != '=';
}

/* Nobody re-words a refusal: its text is what err_set() made of it. */
static void check_texts(const char *path, const char *in)
{
	static const char *const members[] = {"->text", ".text"};
	const char *code = code_of(in);

	for (size_t i = 0; i < sizeof members / sizeof members[0] && strcmp(path, "ledger/base/err.c") != 0;
	     i++)
		for (const char *at = code; (at = strstr(at, members[i])) != NULL; at++) {
			const char *name = at, *end = at + strlen(members[i]);

			while (name > code && (isalnum((unsigned char)name[-1]) || name[-1] == '_'))
				name--;
			if (name < at && is_written(code, name, end) &&
			    is_err(code, name, (size_t)(at - name)))
				house_find(path, line_of(code, at),
					   "the text of a refusal is made once, by err_set()");
		}
}

/* --- numbers of the scheme -------------------------------------------------- */

/* A number over 1: what an authority, or a law, could have said otherwise. */
static int is_figure(const char *at)
{
	at += strspn(at, " \t\n\\(");
	return isdigit((unsigned char)at[0]) && (at[0] > '1' || isdigit((unsigned char)at[1]));
}

/* Does one of the words of this name, A_NAME or a_name, say days, months, a part in a hundred or cents? */
static int is_of_scheme(const char *name, size_t n)
{
	static const char *const words[] = {"days", "months", "percent", "pct", "pcts", "rate", "cents"};

	for (size_t i = 0; i < n; i++)
		for (size_t w = 0; (i == 0 || name[i - 1] == '_') && w < sizeof words / sizeof words[0];
		     w++) {
			size_t len = strlen(words[w]);

			if (i + len <= n && strncasecmp(name + i, words[w], len) == 0 &&
			    (i + len == n || name[i + len] == '_'))
				return 1;
		}
	return 0;
}

/* Does this name say a day or an instant? */
static int is_day(const char *name, size_t n)
{
	static const char *const last[] = {"today", "now",   "day",   "_on", "_at",
					   "since", "until", "start", "end"};

	for (size_t i = 0; i < sizeof last / sizeof last[0]; i++)
		if (n >= strlen(last[i]) &&
		    strncmp(name + n - strlen(last[i]), last[i], strlen(last[i])) == 0)
			return 1;
	return 0;
}

/* Is the last argument of a call that counts days or months a figure? */
static int counts_by_figure(const char *name, size_t n, const char *end)
{
	int depth = 0;

	if (!(n == 14 && starts(name, "day_add_months(")) && !(n == 12 && starts(name, "calendar_add(")))
		return 0;
	for (; *end != '\0'; end++) {
		depth += (*end == '(') - (*end == ')');
		if (depth == 0)
			return 0;
		if (depth == 1 && *end == ',' && is_figure(end + 1))
			return 1;
	}
	return 0;
}

/* Days, months, rates and amounts of a scheme stand in rule files, or in limits.h with their reason. */
static void check_scheme(const char *path, const char *in)
{
	const char *code = code_of(in);

	for (const char *at = code; *at != '\0'; at++) {
		const char *end = at, *then;
		size_t n;

		if (!isalpha((unsigned char)*at) ||
		    (at > code && (isalnum((unsigned char)at[-1]) || at[-1] == '_')))
			continue;
		while (isalnum((unsigned char)*end) || *end == '_')
			end++;
		n = (size_t)(end - at);
		then = end + strspn(end, " ");
		if ((at - code >= 8 && starts(at - 8, "#define ") && is_of_scheme(at, n) && is_figure(end)) ||
		    (at > code && at[-1] == '.' && *then == '=' && is_of_scheme(at, n) &&
		     is_figure(then + 1)) ||
		    ((*then == '+' || *then == '-') && is_day(at, n) && is_figure(then + 1)) ||
		    counts_by_figure(at, n, end))
			house_find(
				path, line_of(code, at),
				"a number of the scheme: a member of the rule, or a limit with its reason");
	}
}

/* --- lengths -------------------------------------------------------------- */

static void check_lengths(const char *path, const char *in)
{
	int line = 0, begun = 0;

	for (const char *at = in; at != NULL && *at != '\0'; at = strchr(at, '\n'), at = at ? at + 1 : NULL) {
		line++;
		if (at[0] == '{' && at[1] == '\n')
			begun = line;
		if (at[0] == '}' && begun != 0) {
			if (line - begun > FUNCTION_MAX)
				house_find(path, begun, "a function of %d lines; the most is %d",
					   line - begun, FUNCTION_MAX);
			begun = 0;
		}
	}
	if (line > LINES_MAX)
		house_find(path, line, "a file of %d lines; the most is %d: split it by verb", line,
			   LINES_MAX);
}

/* --- words before functions ------------------------------------------------ */

/* What opens, empties and frees an object is said by its name (x_open and x_close are a pair). */
static int is_life_cycle(const char *row)
{
	return strstr(row, "_open(") != NULL || strstr(row, "_init(") != NULL ||
	       strstr(row, "_free(") != NULL || strstr(row, "_close(") != NULL;
}

/* A declaration at the left edge of a header needs a comment before its block, or on its line. */
static void check_comments(const char *path, const char *in)
{
	int line = 0, covered = 0, in_comment = 0;

	for (const char *at = in; at != NULL && *at != '\0'; at = strchr(at, '\n'), at = at ? at + 1 : NULL) {
		size_t n = strcspn(at, "\n");
		char row[512];

		line++;
		snprintf(row, sizeof row, "%.*s", (int)n, at);
		if (strstr(row, "/*") != NULL)
			in_comment = 1;
		if (in_comment)
			covered = 1;
		if (strstr(row, "*/") != NULL)
			in_comment = 0;
		if (row[0] == '\0')
			covered = 0;
		if (!in_comment && !covered && !is_life_cycle(row) && (isalpha((unsigned char)row[0])) &&
		    strchr(row, '(') != NULL && !starts(row, "typedef") && !starts(row, "static") &&
		    !starts(row, "enum") && !starts(row, "struct {"))
			house_find(path, line, "no word says what this does: %.60s", row);
	}
}

/* --- the tests ------------------------------------------------------------- */

static int is_product_header(const char *path)
{
	return is_product(path) && ends(path, ".h");
}

static int is_text(const char *path)
{
	return !starts(path, "tests/data/");
}

static void banned_calls_are_not_made(void **state)
{
	(void)state;
	house_tell_apart(check_calls, "ledger/x.c", "int f(void)\n{\n\treturn atoi(\"1\");\n}\n",
			 "/* time() */ const char *a = \"system(1)\";\nint t = x->time(1) + mytime(2);\n");
	house_tell_apart(check_calls, "ledger/x.c", "int t = time (0);\n", "int t = (1);\n");
	house_on_all(check_calls, is_product_code);
}

static void lines_fit(void **state)
{
	static char wide[COLUMNS_MAX + 3];

	(void)state;
	memset(wide, 'a', COLUMNS_MAX + 1);
	wide[COLUMNS_MAX + 1] = '\n';
	house_tell_apart(check_columns, "a.c", wide, wide + 1);
	house_on_all(check_columns, is_product_code);
}

static int is_face(const char *path)
{
	return starts(path, "api/") && is_code(path);
}

static void the_faces_ask_no_question_of_the_database(void **state)
{
	(void)state;
	house_tell_apart(check_questions, "api/x.c", "q = db_query(db, sql, NO_VALS, err);\n",
			 "/* SELECT, db_int() */ x = my_db_int(\"an INSERT INTO it\");\n");
	house_tell_apart(check_questions, "api/x.c", "static const char sql[] = \"SELECT 1\";\n", "int x;\n");
	house_on_all(check_questions, is_face);
}

static void numbers_in_sql_have_names(void **state)
{
	(void)state;
	house_tell_apart(
		check_numbers, "ledger/x.c", "q(\"SELECT a FROM t \" WHERE \"AND b = c / 16\", 1);\n",
		"q(\"SELECT '12', t2.a FROM t2 \" WHERE\n\t\"AND b = c * $12 + 1 AND d = 0\", f(16));\n");
	house_on_all(check_numbers, is_product_code);
}

static int is_migration(const char *path)
{
	return starts(path, "migrations/") && ends(path, ".sql");
}

static void every_table_and_column_is_explained(void **state)
{
	static const char good[] =
		"-- What is known.\nCREATE TABLE t (\n\tid INTEGER PRIMARY KEY, -- its number\n"
		"\tUNIQUE (id)\n);\n-- When?\nCREATE INDEX i ON t (id);\n";

	(void)state;
	house_tell_apart(check_explained, "migrations/0001_a.sql",
			 "-- What is known.\nCREATE TABLE t (\n\tid INTEGER PRIMARY KEY\n);\n-- The end.\n",
			 good);
	house_tell_apart(
		check_explained, "migrations/0001_a.sql",
		"-- What is known.\n\nCREATE TABLE t (\n\tid INTEGER PRIMARY KEY -- its number\n);\n", good);
	house_on_all(check_explained, is_migration);
}

/* The base knows no scheme; the demo tells a story. */
static int is_of_a_scheme(const char *path)
{
	return is_product_code(path) && !starts(path, "ledger/base/") && !starts(path, "api/demo/");
}

static void no_number_of_a_scheme_stands_in_code(void **state)
{
	(void)state;
	house_tell_apart(check_scheme, "ledger/x.c", "#define PAY_DAYS \\\n\t30\n",
			 "#define CLOSE_PARTS 30\n#define NO_DAYS 0\n/* _DAYS 30 */ enum { CLOSE_DAYS };\n");
	house_tell_apart(check_scheme, "ledger/x.c", "d = tx->today + 14;\n",
			 "d = tx->today + rule->pay_days + 1;\nend = at + n - 2;\n");
	house_tell_apart(check_scheme, "ledger/x.c", "d = day_add_months(f(a, 2), 6);\n",
			 "d = day_add_months(f(a, 2), FREEZE_MONTHS_MAX); g(1, 2);\n");
	house_tell_apart(check_scheme, "ledger/x.c", "k = (struct k){.fee_pct = 15};\n",
			 "k = (struct k){.n = 15};\n");
	house_on_all(check_scheme, is_of_a_scheme);
}

static void functions_and_files_fit(void **state)
{
	static char longer[1024] = "int f(void)\n{\n", many[LINES_MAX + 2];

	(void)state;
	for (int i = 0; i < FUNCTION_MAX; i++)
		memcpy(longer + 14 + 3 * i, "\t;\n", 4);
	memcpy(longer + 14 + 3 * FUNCTION_MAX, "}\n", 3);
	house_tell_apart(check_lengths, "a.c", longer, "int f(void)\n{\n}\n");
	memset(many, '\n', LINES_MAX + 1);
	house_tell_apart(check_lengths, "a.c", many, many + 1);
	house_on_all(check_lengths, is_product_code);
}

static void amounts_have_the_decimals_of_their_currency(void **state)
{
	(void)state;
	house_tell_apart(check_decimals, "a.c", "x = money_format(f(a, b), 2, text);\n",
			 "x = money_format(f(a, 2), exponent, text);\n");
	house_on_all(check_decimals, is_product_code);
}

static void what_a_refusal_left_is_said_in_one_place(void **state)
{
	(void)state;
	house_tell_apart(
		check_effects, "ledger/x.c",
		"err_set(err, ERR_LIMIT, NULL, \"%d is too much. Nothing \"\n\t\"was changed.\", n);\n",
		"/* \"Nothing was changed.\" */ err_set(err, ERR_LIMIT, NULL, \"Too much. Nothing \", changed);\n");
	house_on_all(check_effects, is_product_code);
}

static void no_refusal_is_edited_after_it_was_made(void **state)
{
	(void)state;
	house_tell_apart(
		check_texts, "ledger/x.c",
		"int f(struct err *err)\n{\n\tsnprintf(err->text, sizeof err->text, \"x\");\n}\n",
		"int f(struct err *err)\n{\n\tputs(err->text);\n\tsnprintf(slot.text, 2, \"x\");\n}\n");
	house_tell_apart(check_texts, "ledger/x.c", "struct err why, last = why;\nlast.text[2] = '.';\n",
			 "struct err last;\nif (last.text[2] == '.')\n\tt->slot.text = last.text;\n");
	house_on_all(check_texts, is_product_code);
}

static void the_faces_hold_no_sql(void **state)
{
	(void)state;
	house_tell_apart(check_no_sql, "api/a.c", "q = db_query(db, \"SELECT 1\", NO_VALS, err);\n",
			 "rc = fund_list(db, 0, 1, ids, &n, err);\n");
	house_on_all(check_no_sql, is_product_code);
}

static void every_declaration_has_words(void **state)
{
	(void)state;
	house_tell_apart(check_comments, "a.h", "int f(void);\n",
			 "/* f: does it. */\nint f(void);\nint g(void);\n\nint h; \n");
	house_on_all(check_comments, is_product_header);
}

static void nothing_is_left_behind(void **state)
{
	(void)state;
	house_tell_apart(check_words, "a.c",
			 "/* TO"
			 "DO: later */\n",
			 "/* done: FIX"
			 "MES, mkstemp(XX"
			 "XXXX) */\n");
	house_on_all(check_words, is_text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(banned_calls_are_not_made),
		cmocka_unit_test(lines_fit),
		cmocka_unit_test(the_faces_ask_no_question_of_the_database),
		cmocka_unit_test(numbers_in_sql_have_names),
		cmocka_unit_test(every_table_and_column_is_explained),
		cmocka_unit_test(no_number_of_a_scheme_stands_in_code),
		cmocka_unit_test(functions_and_files_fit),
		cmocka_unit_test(every_declaration_has_words),
		cmocka_unit_test(nothing_is_left_behind),
		cmocka_unit_test(amounts_have_the_decimals_of_their_currency),
		cmocka_unit_test(the_faces_hold_no_sql),
		cmocka_unit_test(what_a_refusal_left_is_said_in_one_place),
		cmocka_unit_test(no_refusal_is_edited_after_it_was_made),
	};

	return cmocka_run_group_tests_name("tidy/code", tests, house_list, NULL);
}
