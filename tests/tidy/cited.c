/*
 * The house looks after what it cites: a page or a file that is named is there, and
 * so is the heading.  Whoever reads a comment can follow it without asking anybody.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/house.h"

#define NAME_MAX_ 512

static int line_of(const char *in, const char *at)
{
	int line = 1;

	for (const char *c = in; c < at; c++)
		line += *c == '\n';
	return line;
}

/* --- headings ------------------------------------------------------------- */

/* "## One writer" -> "one-writer", as forges do it: other signs vanish. */
static void slug_of(const char *heading, char out[NAME_MAX_])
{
	size_t n = 0;

	heading += strspn(heading, "#");
	heading += strspn(heading, " ");
	for (; *heading != '\0' && *heading != '\n' && n + 1 < NAME_MAX_; heading++) {
		unsigned char c = (unsigned char)*heading;

		if (isalnum(c) || c >= 0x80 || c == '-' || c == '_')
			out[n++] = (char)tolower(c);
		else if (c == ' ')
			out[n++] = '-';
	}
	out[n] = '\0';
}

/* Whether the page has a heading of that slug; what is fenced is none. */
static int has_heading(const char *path, const char *slug)
{
	FILE *file = fopen(path, "r");
	char line[4096], found[NAME_MAX_];
	int fenced = 0, has = 0;

	while (file != NULL && !has && fgets(line, sizeof line, file) != NULL) {
		fenced ^= starts(line, "```");
		if (fenced || line[0] != '#')
			continue;
		slug_of(line, found);
		has = strcmp(found, slug) == 0;
	}
	if (file != NULL)
		fclose(file);
	return has;
}

/* --- what a citation leads to --------------------------------------------- */

/* The first n bytes of text, cut where out ends. */
static void cut(char out[NAME_MAX_], const char *text, size_t n)
{
	n = n < NAME_MAX_ ? n : NAME_MAX_ - 1;
	memcpy(out, text, n);
	out[n] = '\0';
}

/* Name as it is cited in path: from the folder of path, or from the top of the tree.  0: neither is there. */
static int find_cited(const char *path, const char *name, char out[NAME_MAX_])
{
	const char *slash = strrchr(path, '/');
	size_t folder = slash == NULL ? 0 : (size_t)(slash + 1 - path);

	assert_true(folder + strlen(name) < NAME_MAX_);
	cut(out, path, folder);
	cut(out + folder, name, strlen(name));
	if (access(out, F_OK) == 0)
		return 1;
	cut(out, name, strlen(name));
	return access(out, F_OK) == 0;
}

/* name: a file, with or without "#heading"; line: where it is cited. */
static void check_name(const char *path, int line, const char *name)
{
	char file[NAME_MAX_], found[NAME_MAX_];
	const char *hash = strchr(name, '#');

	cut(file, name, strcspn(name, "#"));
	if (file[0] == '\0')
		cut(found, path, strlen(path));
	else if (!find_cited(path, file, found)) {
		house_find(path, line, "cites %s, which is not there", name);
		return;
	}
	if (hash != NULL && !has_heading(found, hash + 1))
		house_find(path, line, "cites %s, which has no such heading", name);
}

/* --- pages, by their names -------------------------------------------------- */

static int in_name(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr("_./:-", c) != NULL);
}

/* Each word that ends in .md, with or without a heading; but for addresses and what a format makes. */
static void check_pages(const char *path, const char *in)
{
	for (const char *at = strstr(in, ".md"); at != NULL; at = strstr(at + 3, ".md")) {
		const char *from = at, *to = at + 3;
		char name[NAME_MAX_];

		while (from > in && in_name(from[-1]))
			from--;
		if (*to == '#')
			to += 1 + strspn(to + 1, "abcdefghijklmnopqrstuvwxyz0123456789-_");
		if (from == at || isalnum((unsigned char)*to) || (from > in && from[-1] == '%'))
			continue;
		cut(name, from, (size_t)(to - from));
		if (strstr(name, "://") == NULL)
			check_name(path, line_of(in, from), name);
	}
}

/* Links of a page to files that are none, and to its own headings. */
static void check_links(const char *path, const char *in)
{
	for (const char *at = strstr(in, "]("); at != NULL; at = strstr(at + 2, "](")) {
		char name[NAME_MAX_];

		cut(name, at + 2, strcspn(at + 2, ")\n"));
		if (strstr(name, "://") == NULL && strstr(name, ".md") == NULL)
			check_name(path, line_of(in, at), name);
	}
}

/* --- files of C, by their names ---------------------------------------------- */

/* Whether git names a file of that name, in whatever folder. */
static int is_somewhere(const char *name)
{
	size_t count, n = strlen(name);
	char *const *files = house_files(&count);

	for (size_t i = 0; i < count; i++)
		if (ends(files[i], name) &&
		    (strlen(files[i]) == n || files[i][strlen(files[i]) - n - 1] == '/'))
			return 1;
	return 0;
}

/* A name with a folder is a place: in the tree, beside path, or in ledger/ or api/. */
static int is_file(const char *path, const char *name)
{
	char found[NAME_MAX_], below[NAME_MAX_];

	if (strchr(name, '/') == NULL)
		return is_somewhere(name);
	if (find_cited(path, name, found))
		return 1;
	snprintf(below, sizeof below, "ledger/%.200s", name);
	if (access(below, F_OK) == 0)
		return 1;
	snprintf(below, sizeof below, "api/%.200s", name);
	return access(below, F_OK) == 0;
}

/* Each word that ends in .h, and in pages and headers in .c; but for <headers>, patterns and formats. */
static void check_files(const char *path, const char *in)
{
	for (const char *at = strchr(in, '.'); at != NULL; at = strchr(at + 1, '.')) {
		const char *from = at;
		char name[NAME_MAX_];

		if (at[1] != 'h' && (at[1] != 'c' || ends(path, ".c")))
			continue;
		while (from > in && in_name(from[-1]))
			from--;
		if (isalnum((unsigned char)at[2]) || at[2] == '_' || from == at ||
		    !isalpha((unsigned char)*from) || (from > in && strchr("<*%", from[-1]) != NULL))
			continue;
		cut(name, from, (size_t)(at + 2 - from));
		if (strchr(name, ':') == NULL && !is_file(path, name))
			house_find(path, line_of(in, from), "cites %s, which is not there", name);
	}
}

/* --- scenarios, by their names ---------------------------------------------- */

/* Each word with a folder that ends in tables/NAME.txt, NAME maybe a pattern: such a scenario is there. */
static void check_scenarios(const char *path, const char *in)
{
	static const char folder[] = "tables/";

	for (const char *at = strstr(in, folder); at != NULL; at = strstr(at + 1, folder)) {
		const char *name = at + sizeof folder - 1, *to = name;
		char found[NAME_MAX_];
		glob_t files;

		while (in_name(*to) || *to == '*')
			to++;
		while (to > name && to[-1] == '.')
			to--;
		if (to - name < 5 || memcmp(to - 4, ".txt", 4) != 0 || starts(name, "*.txt"))
			continue;
		snprintf(found, sizeof found, "tests/tables/%.*s", (int)(to - name), name);
		if (glob(found, 0, NULL, &files) != 0)
			house_find(path, line_of(in, at), "cites %s, which is not there", found);
		else
			globfree(&files);
	}
}

/* --- documents that are not in the tree ------------------------------------- */

static void check_absent(const char *path, const char *in)
{
	static const char *const absent[] = {"DO"
					     "MAIN",
					     "DE"
					     "SIGN",
					     "ECO"
					     "SYSTEM"};

	for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
		for (const char *at = in; (at = word_in(at, absent[i])) != NULL; at++)
			house_find(path, line_of(in, at), "cites %s, which is not a page of this tree",
				   absent[i]);
}

/* --- the tests ------------------------------------------------------------- */

/* What is planted here leads nowhere, on purpose. */
static int may_cite(const char *path)
{
	return !starts(path, "tests/data/") && !starts(path, "tests/tidy/");
}

static int is_page(const char *path)
{
	return ends(path, ".md");
}

static void a_page_that_is_cited_is_there(void **state)
{
	(void)state;
	house_tell_apart(check_pages, "ledger/x/a.c", "/* (ledger/nowhere.md) */\n",
			 "/* (ledger/README.md), README.md, https://a.org/b.md, \"%s/README.md\" */\n");
	house_tell_apart(check_pages, "ledger/x/a.c", "/* ledger/README.md#nothing-of-the-kind */\n",
			 "/* ledger/README.md#one-writer, says ledger/README.md. */\n");
	house_tell_apart(check_pages, "ledger/book/a.c", "/* store/README.md */\n",
			 "/* ../store/README.md, a.mdx */\n");
	house_on_all(check_pages, may_cite);
}

static void a_link_leads_somewhere(void **state)
{
	(void)state;
	house_tell_apart(check_links, "README.md", "[x](ledger/nowhere.c)\n",
			 "[x](ledger/ledger.h), [y](https://a.org/b), [z](ledger/)\n");
	house_tell_apart(check_links, "README.md", "[x](#nothing-of-the-kind)\n",
			 "[x](#a-first-session), [y](#where-things-are)\n");
	house_on_all(check_links, is_page);
}

static int is_told(const char *path)
{
	return may_cite(path) && (is_code(path) || is_page(path) || ends(path, ".sql"));
}

static void a_file_that_is_cited_is_there(void **state)
{
	(void)state;
	house_tell_apart(check_files, "ledger/voucher/a.c", "/* scheme/voucher.h */\n",
			 "/* voucher.h, rights/lot.h, ledger/ledger.h, <x.h>, *.h, a.hat, sapling.c */\n");
	house_tell_apart(check_files, "api/http/a.h", "/* nowhere.c. */\n", "/* server.c, cli/cli.c. */\n");
	house_on_all(check_files, is_told);
}

static void a_scenario_that_is_cited_is_there(void **state)
{
	(void)state;
	house_tell_apart(check_scenarios, "tests/unit/x/a.c", "/* tests/tables/nowhere.txt. */\n",
			 "/* tests/tables/co_payment.txt, tests/tables/accrual_*.txt, tables/README.md */\n");
	house_on_all(check_scenarios, is_told);
}

static void no_document_outside_the_tree_is_cited(void **state)
{
	(void)state;
	house_tell_apart(check_absent, "a.c",
			 "/* (DO"
			 "MAIN G3a) */\n",
			 "/* SUBDO"
			 "MAIN, domain, RFC 9457 */\n");
	house_tell_apart(check_absent, "a.sql",
			 "-- DE"
			 "SIGN, 14\n",
			 "-- designed\n");
	house_tell_apart(check_absent, "a.md",
			 "See ECO"
			 "SYSTEM.md\n",
			 "See README.md\n");
	house_on_all(check_absent, may_cite);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_that_is_cited_is_there),
		cmocka_unit_test(a_link_leads_somewhere),
		cmocka_unit_test(a_file_that_is_cited_is_there),
		cmocka_unit_test(a_scenario_that_is_cited_is_there),
		cmocka_unit_test(no_document_outside_the_tree_is_cited),
	};

	return cmocka_run_group_tests_name("tidy/cited", tests, house_list, NULL);
}
