/*
 * The house looks after itself: who includes whom, which calls are banned, how
 * long things are, that every file is in a map and every function has words.
 *
 * Each check works on text and is tested on a planted fault before it is let
 * loose on the files that git knows.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX    1024
#define FILE_BYTES   (1 << 20)
#define COLUMNS_MAX  132 /* code is wrapped at 110; messages may stick out */
#define LINES_MAX    620 /* of a file in a product room */
#define FUNCTION_MAX 70  /* lines of a function there */

static char *files[FILES_MAX];
static size_t file_count;
static char text[FILE_BYTES];
static int findings; /* of the check at work */
static int silent;   /* 1: a check is tried on a planted fault */

__attribute__((format(printf, 3, 4))) static void find(const char *path, int line, const char *fmt, ...)
{
	va_list ap;

	findings++;
	if (silent)
		return;
	printf("# %s:%d: ", path, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

static int starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static int ends(const char *s, const char *with)
{
	size_t n = strlen(s), w = strlen(with);

	return n >= w && strcmp(s + n - w, with) == 0;
}

static int is_code(const char *path)
{
	return ends(path, ".c") || ends(path, ".h");
}

static int is_product(const char *path)
{
	return starts(path, "ledger/") || starts(path, "api/") || starts(path, "reports/");
}

static int load(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t n;

	if (file == NULL)
		return -1; /* deleted in the work tree */
	n = fread(text, 1, sizeof text - 1, file);
	text[n] = '\0';
	fclose(file);
	return 0;
}

/* Comments, strings and character constants become blanks; lines stay where they are. */
static char *code_of(const char *in)
{
	static char out[FILE_BYTES];
	enum { CODE, LINE, BLOCK, STRING, CHAR } state = CODE;
	size_t i = 0;

	for (; in[i] != '\0'; i++) {
		char c = in[i], next = in[i + 1];

		if (state == CODE && c == '/' && next == '*')
			state = BLOCK;
		else if (state == CODE && c == '/' && next == '/')
			state = LINE;
		else if (state == CODE && (c == '"' || c == '\''))
			state = c == '"' ? STRING : CHAR;
		else if (state == LINE && c == '\n')
			state = CODE;
		else if (state == BLOCK && c == '*' && next == '/') {
			out[i] = out[i + 1] = ' ';
			i++;
			state = CODE;
			continue;
		} else if ((state == STRING || state == CHAR) && c == '\\') {
			out[i] = ' ';
			out[++i] = ' ';
			continue;
		} else if ((state == STRING && c == '"') || (state == CHAR && c == '\'')) {
			out[i] = ' ';
			state = CODE;
			continue;
		}
		out[i] = state == CODE || c == '\n' ? c : ' ';
	}
	out[i] = '\0';
	return out;
}

/* --- includes ---------------------------------------------------------- */

/* The room table of ledger/README.md: which folders a room may include, besides itself. */
static const struct {
	const char *room;
	const char *may[10];
} rooms[] = {
	{"ledger/base/", {NULL}},
	{"ledger/store/", {"ledger/base/"}},
	{"ledger/proof/", {"ledger/base/", "ledger/store/"}},
	{"ledger/book/", {"ledger/base/", "ledger/store/", "ledger/proof/canon.h"}},
	{"ledger/desk/", {"ledger/base/", "ledger/store/"}},
	{"ledger/scheme/", {"ledger/base/", "ledger/store/", "ledger/book/", "ledger/proof/canon.h"}},
	{"ledger/intake/", {"ledger/base/", "ledger/store/", "ledger/book/", "ledger/scheme/"}},
	{"ledger/audit/", {"ledger/base/", "ledger/store/", "ledger/proof/"}},
	{"ledger/ledger.", {"ledger/"}},
	{"reports/",
	 {"ledger/ledger.h", "ledger/base/", "ledger/store/", "ledger/book/", "ledger/scheme/",
	  "ledger/proof/"}},
	{"api/", {"ledger/", "reports/report.h"}},
	{"tests/", {"ledger/", "reports/", "api/"}},
};

/* Libraries, and the only files of the product that may know them. */
static const struct {
	const char *header;
	const char *by[3];
} libraries[] = {
	{"openssl/", {"ledger/base/crypto.c"}},
	{"csv.h", {"ledger/base/csv_in.c", "reports/out_csv.c"}},
	{"jansson.h", {"ledger/base/json.c"}},
	{"sqlite3.h", {"ledger/store/db_sqlite.c"}},
	{"microhttpd.h", {"api/http/server.c"}},
	{"curl/", {"api/http/client.c"}},
	{"cmocka.h", {NULL}},
};

static int may_include(const char *path, const char *header)
{
	for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
		if (!starts(path, rooms[i].room))
			continue;
		if (starts(header, rooms[i].room))
			return 1;
		for (size_t k = 0; k < 10 && rooms[i].may[k] != NULL; k++)
			if (starts(header, rooms[i].may[k]))
				return 1;
		return 0;
	}
	return 1;
}

static int may_use(const char *path, const char *header)
{
	for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
		if (!starts(header, libraries[i].header))
			continue;
		for (size_t k = 0; k < 3 && libraries[i].by[k] != NULL; k++)
			if (strcmp(path, libraries[i].by[k]) == 0)
				return 1;
		return 0;
	}
	return 1;
}

static void check_includes(const char *path, const char *in)
{
	int line = 1;

	for (const char *at = in; at != NULL && *at != '\0';
	     at = strchr(at, '\n'), at = at ? at + 1 : NULL, line++) {
		char header[256];

		if (sscanf(at, "#include \"%255[^\"]\"", header) == 1 && !may_include(path, header))
			find(path, line, "this room may not include %s (ledger/README.md)", header);
		if (sscanf(at, "#include <%255[^>]>", header) == 1 && is_product(path) &&
		    !may_use(path, header))
			find(path, line, "%s belongs to another file", header);
	}
}

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
		line += *at == '\n';
		if (*at != '(' || at == code)
			continue;
		for (size_t i = 0; i < sizeof banned / sizeof banned[0]; i++) {
			size_t n = strlen(banned[i]);

			if ((size_t)(at - code) < n + 1 || strncmp(at - n, banned[i], n) != 0)
				continue;
			if (isalnum((unsigned char)at[-(long)n - 1]) ||
			    strchr("_.>", at[-(long)n - 1]) != NULL)
				continue;
			find(path, line, "%s() is not used here", banned[i]);
		}
	}
}

static void check_columns(const char *path, const char *in)
{
	int line = 1, column = 0;

	for (const char *at = in; *at != '\0'; at++) {
		if (*at == '\n') {
			if (column > COLUMNS_MAX)
				find(path, line, "%d columns; the most is %d", column, COLUMNS_MAX);
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
					    "XX:",
					    "HA"
					    "CK",
					    "not "
					    "implemented"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		const char *at = strstr(in, words[i]);
		int line = 1;

		if (at == NULL)
			continue;
		for (const char *c = in; c < at; c++)
			line += *c == '\n';
		find(path, line, "\"%s\" is left behind", words[i]);
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
				find(path, begun, "a function of %d lines; the most is %d", line - begun,
				     FUNCTION_MAX);
			begun = 0;
		}
	}
	if (line > LINES_MAX)
		find(path, line, "a file of %d lines; the most is %d: split it by verb", line, LINES_MAX);
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
			find(path, line, "no word says what this does: %.60s", row);
	}
}

/* --- maps ------------------------------------------------------------------- */

/* The README that must name the file. */
static void map_of(const char *path, char out[256])
{
	const char *slash = strrchr(path, '/');

	if (starts(path, "api/"))
		snprintf(out, 256, "api/README.md");
	else
		snprintf(out, 256, "%.*s/README.md", (int)(slash - path), path);
}

static void check_map(const char *path, const char *map)
{
	const char *name = strrchr(path, '/') + 1;
	char stem[256];

	snprintf(stem, sizeof stem, "%.*s.[ch]", (int)(strlen(name) - 2), name);
	if (strstr(map, name) == NULL && strstr(map, stem) == NULL)
		find(path, 1, "the map of its room does not name it");
}

/* --- running the checks ------------------------------------------------------- */

static int list_files(void **state)
{
	FILE *pipe = popen("git ls-files -co --exclude-standard 2>/dev/null", "r");
	char path[512];

	(void)state;
	while (pipe != NULL && fgets(path, sizeof path, pipe) != NULL && file_count < FILES_MAX) {
		path[strcspn(path, "\n")] = '\0';
		files[file_count++] = strdup(path);
	}
	if (pipe != NULL)
		pclose(pipe);
	return 0;
}

typedef void check(const char *path, const char *in);

static void on_all(check *c, int (*chosen)(const char *))
{
	if (file_count == 0)
		skip(); /* not a git checkout */
	findings = 0;
	for (size_t i = 0; i < file_count; i++)
		if (chosen(files[i]) && load(files[i]) == 0)
			c(files[i], text);
	assert_int_equal(findings, 0);
}

/* The check finds one fault in bad and none in good. */
static void tell_apart(check *c, const char *path, const char *bad, const char *good)
{
	silent = 1;
	findings = 0;
	c(path, good);
	assert_int_equal(findings, 0);
	c(path, bad);
	assert_int_equal(findings, 1);
	silent = 0;
}

static int product_code(const char *path)
{
	return is_product(path) && is_code(path);
}

static int product_header(const char *path)
{
	return is_product(path) && ends(path, ".h");
}

static int any_text(const char *path)
{
	return is_code(path) || ends(path, ".sql") || ends(path, ".sh") || ends(path, ".md") ||
	       ends(path, "Makefile");
}

static void rooms_include_only_what_they_may(void **state)
{
	(void)state;
	tell_apart(check_includes, "ledger/audit/x.c", "#include \"ledger/book/chart.h\"\n",
		   "#include \"ledger/proof/canon.h\"\n#include <stdio.h>\n");
	tell_apart(check_includes, "reports/x.c", "#include \"api/http/routes.h\"\n",
		   "#include \"ledger/ledger.h\"\n");
	tell_apart(check_includes, "ledger/scheme/x.c", "#include <sqlite3.h>\n",
		   "#include \"ledger/book/journal.h\"\n");
	on_all(check_includes, is_code);
}

static void banned_calls_are_not_made(void **state)
{
	(void)state;
	tell_apart(check_calls, "ledger/x.c", "int f(void)\n{\n\treturn atoi(\"1\");\n}\n",
		   "/* time() */ const char *a = \"system(1)\";\nint t = x->time(1) + mytime(2);\n");
	on_all(check_calls, product_code);
}

static void lines_fit(void **state)
{
	static char wide[COLUMNS_MAX + 3];

	(void)state;
	memset(wide, 'a', COLUMNS_MAX + 1);
	wide[COLUMNS_MAX + 1] = '\n';
	tell_apart(check_columns, "a.c", wide, wide + 1);
	on_all(check_columns, product_code);
}

static void functions_and_files_fit(void **state)
{
	static char longer[1024] = "int f(void)\n{\n";

	(void)state;
	for (int i = 0; i < FUNCTION_MAX; i++)
		memcpy(longer + 14 + 3 * i, "\t;\n", 4);
	memcpy(longer + 14 + 3 * FUNCTION_MAX, "}\n", 3);
	tell_apart(check_lengths, "a.c", longer, "int f(void)\n{\n}\n");
	on_all(check_lengths, product_code);
}

static void every_declaration_has_words(void **state)
{
	(void)state;
	tell_apart(check_comments, "a.h", "int f(void);\n",
		   "/* f: does it. */\nint f(void);\nint g(void);\n\nint h; \n");
	on_all(check_comments, product_header);
}

static void nothing_is_left_behind(void **state)
{
	(void)state;
	tell_apart(check_words, "a.c",
		   "/* TO"
		   "DO: later */\n",
		   "/* done */\n");
	on_all(check_words, any_text);
}

static void every_file_is_in_its_map(void **state)
{
	static char map[FILE_BYTES];
	char path[256];

	(void)state;
	silent = 1;
	findings = 0;
	check_map("ledger/x/lost.c", "`found.c`");
	assert_int_equal(findings, 1);
	check_map("ledger/x/found.c", "`found.c`");
	check_map("ledger/x/both.c", "`both.[ch]`");
	assert_int_equal(findings, 1);
	silent = 0;
	findings = 0;
	if (file_count == 0)
		skip();
	for (size_t i = 0; i < file_count; i++) {
		if (!product_code(files[i]) && !(starts(files[i], "migrations/") && ends(files[i], ".sql")))
			continue;
		map_of(files[i], path);
		if (load(path) != 0) {
			find(path, 1, "the map is missing");
			continue;
		}
		memcpy(map, text, sizeof map);
		check_map(files[i], map);
	}
	assert_int_equal(findings, 0);
}

static void the_top_level_holds_the_rooms_and_nothing_else(void **state)
{
	static const char *const top[] = {"ledger/", "api/",     "reports/",  "migrations/",
					  "tests/",  "Makefile", "README.md", "."};

	(void)state;
	if (file_count == 0)
		skip();
	findings = 0;
	for (size_t i = 0; i < file_count; i++) {
		int known = 0;

		for (size_t k = 0; k < sizeof top / sizeof top[0]; k++)
			known |= starts(files[i], top[k]);
		if (!known)
			find(files[i], 1, "has no room at the top level");
	}
	assert_int_equal(findings, 0);
}

static void migrations_are_numbered_without_gaps(void **state)
{
	int numbers[FILES_MAX] = {0}, last = 0;

	(void)state;
	if (file_count == 0)
		skip();
	for (size_t i = 0; i < file_count; i++) {
		int number = starts(files[i], "migrations/") ? atoi(files[i] + strlen("migrations/")) : 0;

		if (number <= 0 || number >= FILES_MAX || !ends(files[i], ".sql") ||
		    strstr(files[i], "sqlite") != NULL)
			continue;
		numbers[number]++;
		last = number > last ? number : last;
	}
	assert_true(last > 0);
	for (int i = 1; i <= last; i++)
		assert_int_equal(numbers[i], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rooms_include_only_what_they_may),
		cmocka_unit_test(banned_calls_are_not_made),
		cmocka_unit_test(lines_fit),
		cmocka_unit_test(functions_and_files_fit),
		cmocka_unit_test(every_declaration_has_words),
		cmocka_unit_test(nothing_is_left_behind),
		cmocka_unit_test(every_file_is_in_its_map),
		cmocka_unit_test(the_top_level_holds_the_rooms_and_nothing_else),
		cmocka_unit_test(migrations_are_numbered_without_gaps),
	};

	return cmocka_run_group_tests_name("tidy", tests, list_files, NULL);
}
