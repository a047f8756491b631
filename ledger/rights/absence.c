#include "ledger/rights/absence.h"

#include <stdio.h>
#include <string.h>

/* Whether the word stands in the list "a, b, c". */
static int is_listed(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = list; (at = strstr(at, word)) != NULL; at += n)
		if ((at == list || at[-1] == ' ') && (at[n] == ',' || at[n] == '\0'))
			return 1;
	return 0;
}

static void list(char codes[ABSENCE_CODES_TEXT], const char *word)
{
	size_t at = strlen(codes), n = strlen(word);

	if (is_listed(codes, word) || at + n + 2 >= ABSENCE_CODES_TEXT)
		return;
	if (at > 0) {
		memcpy(codes + at, ", ", 2);
		at += 2;
	}
	memcpy(codes + at, word, n + 1);
}

/* Names the code: 1, 0. */
static int names(const char words[][REASON_MAX + 1], size_t n, const char *code,
		 char codes[ABSENCE_CODES_TEXT])
{
	int found = 0;

	for (size_t i = 0; i < n; i++) {
		list(codes, words[i]);
		found |= strcmp(words[i], code) == 0;
	}
	return found;
}

/* Codes that some rule of the accounts has named: rules are never taken back. */
static const char known_tag;

#define KNOWN_TEXT (CODE_MAX + REASON_MAX + 2)

int absence_known(struct db *db, const char *account, const char *code, char codes[ABSENCE_CODES_TEXT],
		  struct err *err)
{
	char text[KNOWN_TEXT] = "";
	struct stmt *q;
	int found = 0, rc;

	codes[0] = '\0';
	snprintf(text, sizeof text, "%s/%s", account, code);
	if (db_cache_get_text(db, &known_tag, text) != NULL)
		return 1;
	q = db_query(db, "SELECT id FROM rule ORDER BY id", NO_VALS, err);
	while ((rc = db_step(q, err)) == 1 && !found) {
		const struct rule *rule;

		if (rule_get(db, col_int(q, 0), &rule, err) != 0)
			rc = -1;
		else if (strcmp(rule->account, account) == 0)
			found = names(rule->absence, rule->absences, code, codes) |
				names(rule->absence_other, rule->absences_other, code, codes);
		if (rc < 0)
			break;
	}
	db_done(q);
	if (rc >= 0 && found)
		(void)db_cache_put_text(db, &known_tag, text, strlen(text) + 1);
	return rc < 0 ? -1 : found || codes[0] == '\0';
}
