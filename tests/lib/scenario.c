#include "tests/lib/scenario.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit.h"
#include "ledger/base/money.h"
#include "tests/lib/scenario_play.h"

#define DIE(s, ...)                                                                                          \
	do {                                                                                                 \
		print_error("%s:%d: ", (s)->path, (s)->line);                                                \
		fail_msg(__VA_ARGS__);                                                                       \
	} while (0)

int scenario_bad(struct scenario *s, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (s->bad[0] == '\0')
		vsnprintf(s->bad, sizeof s->bad, fmt, args);
	va_end(args);
	return 0;
}

const char *scenario_word(const struct scenario *s, size_t i)
{
	return i < s->words ? s->word[i] : "";
}

int64_t scenario_amount(struct scenario *s, size_t i)
{
	int64_t cents = 0;

	if (money_parse(scenario_word(s, i), 2, &cents) != 0)
		(void)scenario_bad(s, "not an amount: %s", scenario_word(s, i));
	return cents;
}

static day_t day_of(struct scenario *s, const char *text)
{
	day_t d = DAY_NONE;

	if (day_parse(text, &d) != 0)
		(void)scenario_bad(s, "not a date: %s", text);
	return d;
}

day_t scenario_day(struct scenario *s, size_t i)
{
	return day_of(s, scenario_word(s, i));
}

void scenario_session(struct scenario *s, size_t i, day_t *start, day_t *end)
{
	char text[64], *dots;

	snprintf(text, sizeof text, "%s", scenario_word(s, i));
	dots = strstr(text, "..");
	if (dots != NULL)
		*dots = '\0';
	*start = day_of(s, text);
	*end = dots != NULL ? day_of(s, dots + 2) : DAY_NONE;
}

struct named *scenario_named(struct scenario *s, const char *name)
{
	for (size_t k = 0; k < s->vouchers; k++)
		if (strcmp(s->voucher[k].name, name) == 0)
			return &s->voucher[k];
	return NULL;
}

struct named *scenario_voucher(struct scenario *s, size_t i)
{
	struct named *n = scenario_named(s, scenario_word(s, i));

	if (n != NULL)
		return n;
	(void)scenario_bad(s, "no voucher called %s", scenario_word(s, i));
	return &s->voucher[0];
}

static const char *usual_org(enum role role)
{
	return role == ROLE_PROVIDER ? FIXTURE_PROVIDER_A
	       : role == ROLE_PORTAL ? "PORTAL"
	       : role == ROLE_FUNDER ? "ACME"
	       : role == ROLE_NONE   ? NULL
				     : "FC";
}

/* "as ROLE [PERSON [ORGANISATION]]", or "as ORGANISATION", at the end of a line is cut off it. */
struct actor scenario_actor(struct scenario *s)
{
	enum role role = s->verb->role;
	const char *person = NULL, *org = NULL;

	for (size_t i = 1; i < s->words; i++) {
		if (strcmp(s->word[i], "as") != 0)
			continue;
		if (role_find(scenario_word(s, i + 1)) == ROLE_NONE)
			org = scenario_word(s, i + 1);
		else
			role = role_find(scenario_word(s, i + 1));
		person = i + 2 < s->words ? s->word[i + 2] : NULL;
		org = i + 3 < s->words ? s->word[i + 3] : org;
		s->words = i;
	}
	if (role == ROLE_NONE)
		return (struct actor){0};
	return fixture_as(&s->f, org ? org : usual_org(role), role, person ? person : role_name(role));
}

/* 0 done, -1 refused; a line that makes no sense fails the test. */
static int play(struct scenario *s)
{
	int rc;

	s->verb = verb_find(scenario_word(s, 0));
	if (s->verb == NULL)
		DIE(s, "no such verb: %s", scenario_word(s, 0));
	s->bad[0] = '\0';
	s->made = NULL;
	if (s->verb->run != NULL) {
		struct actor a = scenario_actor(s);

		rc = fixture_run(&s->f, &a, s->verb->run, s);
		if (rc == 0 && s->made != NULL)
			(*s->made)++;
	} else {
		rc = s->verb->look(s);
	}
	if (s->bad[0] != '\0')
		DIE(s, "%s", s->bad);
	s->done += rc == 0;
	return rc;
}

/* clock DATE: 08:00 UTC of that day, timers run */
int do_clock(struct scenario *s)
{
	int64_t executed;

	memset(&s->f.err, 0, sizeof s->f.err);
	return ledger_clock(s->f.l, scenario_day(s, 1) * US_PER_DAY + 8 * 3600 * US_PER_S, &executed,
			    &s->f.err);
}

static _Atomic uint64_t dice; /* one line of one scenario is played at a time */

/* splitmix64 in the place of the system's: a line is the same each time, draws are too. */
static int draw_random(struct env *env, void *bytes, size_t len)
{
	unsigned char *at = bytes;

	(void)env;
	for (size_t i = 0; i < len; i++) {
		uint64_t z = atomic_fetch_add(&dice, 0x9e3779b97f4a7c15u) + 0x9e3779b97f4a7c15u;

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
		at[i] = (unsigned char)(z >> 40);
	}
	return 0;
}

/* What falls during a line follows from its words and from how many were done before: it falls the same again
 * when the line has failed. */
static void load_dice(const struct scenario *s, uint64_t from)
{
	dice = from;
	for (size_t i = 0; i < s->words; i++)
		for (const char *c = s->word[i]; *c != '\0'; c++)
			dice = dice * 31 + (unsigned char)*c;
}

void scenario_opened(struct scenario *s)
{
	ledger_env(s->f.l)->random = draw_random;
}

/* Another ledger in the place of the usual one; only before anything else. */
int do_begins(struct scenario *s)
{
	struct fixture_scheme scheme = {scenario_day(s, 1) * US_PER_DAY + 8 * 3600 * US_PER_S,
					scenario_word(s, 2), scenario_word(s, 3), scenario_word(s, 4),
					s->words > 5 ? scenario_word(s, 5) : NULL};

	snprintf(s->programme, sizeof s->programme, "%s", scheme.programme);
	fixture_close(&s->f);
	fixture_open_with(&s->f, &scheme);
	scenario_opened(s);
	return 0;
}

/* "as ROLE PERSON [ORGANISATION]": somebody new gets a key before anything is looked at. */
static void meet(struct scenario *s)
{
	for (size_t i = 1; i + 2 < s->words; i++) {
		enum role role = role_find(scenario_word(s, i + 1));

		if (strcmp(scenario_word(s, i), "as") == 0 && role != ROLE_NONE)
			(void)fixture_as(&s->f, i + 3 < s->words ? scenario_word(s, i + 3) : usual_org(role),
					 role, scenario_word(s, i + 2));
	}
}

static void run_event(struct scenario *s, const char *refusal, const char *says)
{
	unsigned char before[32], after[32];
	int rc;

	meet(s);
	if (refusal != NULL)
		fixture_digest(&s->f, before);
	rc = play(s);
	if (refusal == NULL) {
		if (rc != 0)
			DIE(s, "refused: %s: %s", err_name(s->f.err.code), s->f.err.text);
		return;
	}
	if (rc == 0)
		DIE(s, "should have been refused: %s", refusal);
	if (strcmp(err_name(s->f.err.code), refusal) != 0)
		DIE(s, "refused otherwise: %s: %s", err_name(s->f.err.code), s->f.err.text);
	if (says != NULL && strstr(s->f.err.text, says) == NULL)
		DIE(s, "refused in other words: %s", s->f.err.text);
	fixture_digest(&s->f, after);
	if (memcmp(before, after, sizeof before) != 0)
		DIE(s, "the refusal left a trace");
}

/* The words of a line; what stands behind "!" is the refusal that is expected. */
static void read_words(struct scenario *s, char *text, const char **refusal)
{
	char *save = NULL;

	*refusal = NULL;
	s->words = 0;
	for (char *w = strtok_r(text, " \t", &save); w != NULL; w = strtok_r(NULL, " \t", &save)) {
		if (strcmp(w, "!") == 0) {
			*refusal = strtok_r(NULL, " \t", &save);
			break;
		}
		assert_true(s->words < WORDS_MAX);
		s->word[s->words++] = w;
	}
	load_dice(s, s->done);
}

void scenario_read(struct scenario *s, char *text, uint64_t from)
{
	const char *refusal;

	read_words(s, text, &refusal);
	load_dice(s, from);
}

/* Blank lines and '#' are passed over; '! code' at the end expects that refusal, and '"text"' behind it
 * those words in it. */
static void run_line(struct scenario *s, char *text)
{
	const char *refusal;
	char *says;

	text[strcspn(text, "#\n")] = '\0';
	says = strchr(text, '"');
	if (says != NULL) {
		*says++ = '\0';
		says[strcspn(says, "\"")] = '\0';
	}
	read_words(s, text, &refusal);
	if (s->words > 0)
		run_event(s, refusal, says);
}

void scenario_audit(struct scenario *s)
{
	struct db *db = ledger_reader(s->f.l, &s->f.err);
	struct audit_report *report = calloc(1, sizeof *report);

	assert_non_null(db);
	assert_non_null(report);
	if (audit_run(db, NULL, report, NULL, NULL, &s->f.err) != 0)
		fail_msg("the audit stopped: %s", s->f.err.text);
	if (report->faults != 0) {
		audit_print(report, stdout);
		DIE(s, "the audit found faults");
	}
	free(report);
	ledger_reader_back(s->f.l, db);
}

struct scenario *scenario_of(const struct fixture *f, const char *programme)
{
	struct scenario *s = calloc(1, sizeof *s);

	assert_non_null(s);
	s->path = "line";
	s->f = *f;
	scenario_opened(s);
	snprintf(s->programme, sizeof s->programme, "%s", programme);
	return s;
}

struct scenario *scenario_open(void)
{
	struct fixture f;

	fixture_open(&f);
	return scenario_of(&f, "cpf");
}

void scenario_close(struct scenario *s)
{
	fixture_close(&s->f);
	free(s);
}

void scenario_meet(struct scenario *s, const char *line)
{
	const char *refusal;
	char text[512];

	snprintf(text, sizeof text, "%s", line);
	read_words(s, text, &refusal);
	meet(s);
}

struct fixture *scenario_fixture(struct scenario *s)
{
	return &s->f;
}

const char *scenario_try(struct scenario *s, const char *line)
{
	const char *refusal;
	char text[512];

	snprintf(text, sizeof text, "%s", line);
	s->line++;
	read_words(s, text, &refusal);
	return play(s) == 0 ? "" : err_name(s->f.err.code);
}

struct scenario *scenario_play(const char *path)
{
	struct scenario *s = scenario_open();
	FILE *file = fopen(path, "r");
	char text[512];

	assert_non_null(file);
	s->path = path;
	while (fgets(text, sizeof text, file) != NULL) {
		s->line++;
		run_line(s, text);
	}
	fclose(file);
	scenario_audit(s);
	s->path = "line";
	return s;
}

void scenario_run(const char *path)
{
	scenario_close(scenario_play(path));
}
