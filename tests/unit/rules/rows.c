/*
 * Every row of the transition table has its tests in tests/tables, and every
 * clause that can refuse it has a line there that it refuses.  Such lines name
 * the row, and what they test, in their comment; a row that is taken is looked
 * at in the lines after it (balance, state):
 *
 *	enter V1 C-A2 2026-02-02                            # T15 enter
 *	enter V1 C-A2 2026-01-05               ! too_early  # T15 enter: not before the session's start
 *	offset V4 100.00 V3                                 # T29 offset & T29 keep_back
 *
 * What can refuse a row: "who" (the role), "from" (the state), "reason" (none
 * given), "two persons" (the second is the first, or of the same side), and each
 * clause of its guard.  A row that only a timer takes refuses nobody.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/rules/transition.h"

#define TAGS_MAX 1024
#define TAG_TEXT 160
#define SOON     12 /* lines */

struct tag {
	char row[48];          /* "T15 enter" */
	char clause[TAG_TEXT]; /* "" : the row is taken, its effect is looked at */
	char refusal[32];      /* "" : not refused */
	char file[96];
	int line;
	int looked; /* what became of it is looked at soon after */
};

static struct tag tags[TAGS_MAX];
static size_t count;

static void trim(char *text)
{
	size_t n = strlen(text);

	while (n > 0 && isspace((unsigned char)text[n - 1]))
		text[--n] = '\0';
}

static void add_tag(const struct tag *about, const char *clause)
{
	struct tag *t = &tags[count];

	assert_true(count < TAGS_MAX);
	*t = *about;
	snprintf(t->clause, sizeof t->clause, "%s", clause);
	count++;
}

/* "T15 enter: declared in time; from": a row and its clauses; anything else is a remark. */
static int is_row(const char *text)
{
	return (text[0] == 'T' || text[0] == 'G') && isdigit((unsigned char)text[1]) &&
	       text[1 + strspn(text + 1, "0123456789")] == ' ';
}

static void read_tag(struct tag *about, char *text)
{
	char *clauses = strstr(text, ": "), *save = NULL;

	if (clauses != NULL) {
		*clauses = '\0';
		clauses += 2;
	}
	snprintf(about->row, sizeof about->row, "%s", text);
	if (clauses == NULL)
		add_tag(about, "");
	for (char *c = clauses ? strtok_r(clauses, ";", &save) : NULL; c != NULL;
	     c = strtok_r(NULL, ";", &save))
		add_tag(about, c + strspn(c, " "));
}

/* A line that looks at accounts or states, for what was done shortly before it. */
static void look_back(const char *line, const char *file, int number)
{
	if (strncmp(line, "balance ", 8) != 0 && strncmp(line, "state ", 6) != 0)
		return;
	for (size_t i = count; i > 0 && strcmp(tags[i - 1].file, file) == 0; i--)
		tags[i - 1].looked |= number - tags[i - 1].line <= SOON;
}

static void read_line(char *line, const char *file, int number)
{
	char *comment = strchr(line, '#'), *refusal;
	struct tag about = {.line = number};

	look_back(line, file, number);
	if (comment == NULL || comment == line)
		return;
	*comment++ = '\0';
	refusal = strchr(line, '!');
	snprintf(about.file, sizeof about.file, "%s", file);
	if (refusal != NULL)
		sscanf(refusal + 1, "%31s", about.refusal);
	for (char *save = NULL, *tag = strtok_r(comment, "&", &save); tag != NULL;
	     tag = strtok_r(NULL, "&", &save)) {
		tag += strspn(tag, " ");
		trim(tag);
		if (is_row(tag))
			read_tag(&about, tag);
	}
}

static int read_tables(void **state)
{
	char line[512];
	glob_t files;

	(void)state;
	count = 0;
	if (glob("tests/tables/*.txt", 0, NULL, &files) != 0)
		return -1;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		FILE *f = fopen(files.gl_pathv[i], "r");

		for (int n = 1; f != NULL && fgets(line, sizeof line, f) != NULL; n++)
			read_line(line, files.gl_pathv[i], n);
		if (f == NULL || fclose(f) != 0)
			return -1;
	}
	globfree(&files);
	return 0;
}

static int find_tag(const char *row, const char *clause, const char *refusal)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(tags[i].row, row) == 0 && strcmp(tags[i].clause, clause) == 0 &&
		    (tags[i].refusal[0] != '\0') == (refusal != NULL) &&
		    (refusal != NULL || tags[i].looked) &&
		    (refusal == NULL || refusal[0] == '\0' || strcmp(tags[i].refusal, refusal) == 0))
			return 1;
	return 0;
}

static int missing;

/* refusal: NULL none, "" any. */
static void need(const struct transition *t, const char *clause, const char *refusal)
{
	char row[48];

	snprintf(row, sizeof row, "%s %s", t->label, t->name);
	if (find_tag(row, clause, refusal))
		return;
	print_error("no line of tests/tables is tagged: %s%s%s%s%s%s\n", refusal ? "! " : "",
		    refusal ? refusal : "", refusal ? " # " : "# ", row, clause[0] ? ": " : "", clause);
	missing++;
}

static void every_row_is_taken_and_its_postings_are_looked_at(void **state)
{
	const struct transition *t;

	(void)state;
	missing = 0;
	for (size_t i = 0; (t = transition_at(i)) != NULL; i++)
		need(t, "", NULL);
	assert_int_equal(missing, 0);
}

/* Gates that many rows share and that tests/unit/voucher/gates.c holds against every row. */
static int is_shared(const char *clause)
{
	static const enum gate gates[] = {GATE_CONFLICT,       GATE_REQUEST_DAY, GATE_ORDER_DAY,
					  GATE_START_DAY,      GATE_BILLING_DAY, GATE_BILL_DAY,
					  GATE_ADVANCE_SETTLED};

	for (size_t i = 0; i < sizeof gates / sizeof gates[0]; i++)
		if (strcmp(gate_words(gates[i]), clause) == 0)
			return 1;
	return 0;
}

static void need_clauses(const struct transition *t)
{
	struct buf clauses;
	char *save = NULL;

	buf_init(&clauses, 4096);
	transition_conditions(t, &clauses);
	for (char *c = strtok_r(clauses.len > 0 ? clauses.data : (char[1]){""}, ";", &save); c != NULL;
	     c = strtok_r(NULL, ";", &save)) {
		c += strspn(c, " ");
		if (!is_shared(c))
			need(t, c, "");
	}
	buf_free(&clauses);
}

static void every_clause_refuses_somebody(void **state)
{
	const struct transition *t;

	(void)state;
	missing = 0;
	for (size_t i = 0; (t = transition_at(i)) != NULL; i++) {
		if (t->roles == ROLE_BIT(ROLE_NONE))
			continue;
		need(t, "who", "forbidden");
		if ((t->from & ~STATE_BIT(VOUCHER_NONE)) != 0)
			need(t, "from", t->id == T15 ? "voucher_refused" : "state");
		if (t->reason != NULL)
			need(t, "reason", "");
		if (t->second != 0)
			need(t, "two persons", "separation_of_duties");
		need_clauses(t);
	}
	assert_int_equal(missing, 0);
}

static int is_clause(const struct transition *t, const char *clause)
{
	size_t n = strlen(clause);
	struct buf clauses;
	int found = 0;

	buf_init(&clauses, 4096);
	transition_conditions(t, &clauses);
	for (const char *all = buf_text(&clauses), *at = all; !found && (at = strstr(at, clause)) != NULL;
	     at++)
		found = (at == all || at[-1] == ' ') && (at[n] == ';' || at[n] == '\0');
	buf_free(&clauses);
	return found;
}

/* The row of that name has that clause. */
static int known(const struct tag *tag)
{
	static const char *const all[] = {"", "who", "from", "reason", "two persons"};
	const struct transition *t;
	char row[48];

	for (size_t i = 0; (t = transition_at(i)) != NULL; i++) {
		snprintf(row, sizeof row, "%s %s", t->label, t->name);
		if (strcmp(row, tag->row) != 0)
			continue;
		for (size_t k = 0; k < sizeof all / sizeof all[0]; k++)
			if (strcmp(tag->clause, all[k]) == 0)
				return 1;
		if (is_clause(t, tag->clause))
			return 1;
	}
	return 0;
}

static void no_line_names_what_the_table_does_not_know(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < count; i++)
		if (!known(&tags[i]) || (tags[i].clause[0] != '\0') != (tags[i].refusal[0] != '\0')) {
			print_error("%s:%d: %s: %s\n", tags[i].file, tags[i].line, tags[i].row,
				    tags[i].clause);
			wrong++;
		}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_taken_and_its_postings_are_looked_at),
		cmocka_unit_test(every_clause_refuses_somebody),
		cmocka_unit_test(no_line_names_what_the_table_does_not_know),
	};

	return cmocka_run_group_tests_name("rules/rows", tests, read_tables, NULL);
}
