/*
 * How long a page of the course search takes in a register of many courses.
 *
 *	courses [COUNT]
 *
 * COUNT courses (500,000) of 1,000 providers, their titles of words of which the
 * commonest is in nearly every second one and the rarest in a few.  Each search is
 * asked from the beginning and from 20 places within the register, a page of 50 at a
 * time.  Prints the middle and the longest time of each, and ends with 1 when a middle
 * is above PAGE_US.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/env.h"
#include "ledger/registers/course_search.h"
#include "ledger/registers/course_term.h"
#include "tests/lib/fixture.h"

#define COUNT_DEFAULT 500000
#define COUNT_MAX     5000000
#define PROVIDERS     1000
#define WORDS         20000
#define TITLE_WORDS   6
#define REGIONS       18
#define FIRST         100 /* numbers above those of the fixture */
#define PLACES        21
#define PAGE          50
#define PAGE_US       5000

static struct fixture f;
static int64_t count = COUNT_DEFAULT;
static uint64_t drawn = 88172645463325252ULL;
static int short_of;

static uint64_t draw(void)
{
	drawn ^= drawn << 13;
	drawn ^= drawn >> 7;
	drawn ^= drawn << 17;
	return drawn;
}

static void run(struct tx *tx, const char *sql, const struct val *vals, size_t n)
{
	struct err err = {0};

	if (db_run(tx->db, sql, vals, n, &err) != 0)
		fail_msg("%s", err.text);
}

static void make_provider(struct tx *tx, int64_t id)
{
	char code[16], siren[16];

	snprintf(code, sizeof code, "%014lld", (long long)id);
	snprintf(siren, sizeof siren, "%09lld", (long long)id);
	run(tx,
	    "INSERT INTO organisation (id, code, name, roles, siren, siret, created_at, seq) "
	    "VALUES ($1, $2, 'Provider', 16, $3, $2, 0, 1)",
	    VALS(v_int(id), v_text(code), v_text(siren)));
	run(tx,
	    "INSERT INTO accreditation (org, action_type, nda, valid_from) VALUES ($1, 1, '11755000002', $2)",
	    VALS(v_int(id), v_int(tx->today - 100)));
	run(tx,
	    "INSERT INTO training_right (certification, siren, kind, siret, name, may_train) "
	    "VALUES ('RNCP1', $1, 2, $2, 'Provider', 1)",
	    VALS(v_text(siren), v_text(code)));
}

/* A word whose number is small twice as often as one of twice its number. */
static int word(void)
{
	uint64_t bits = draw() % 14;

	return (int)((1U << bits) - 1 + draw() % (1U << bits)) % WORDS;
}

static void make_course(struct tx *tx, int64_t id)
{
	struct course c = {.id = id,
			   .provider = FIRST + (int64_t)(draw() % PROVIDERS),
			   .action_type = ACTION_TRAINING,
			   .price = 1000 + (int64_t)(draw() % 300000),
			   .hours = 10,
			   .days = 5,
			   .open_from = tx->today - 100,
			   .open_to = DAY_NONE,
			   .seq = 1};
	struct err err = {0};
	size_t n = 0;

	snprintf(c.code, sizeof c.code, "B-%lld", (long long)id);
	snprintf(c.certification, sizeof c.certification, "RNCP1");
	snprintf(c.region, sizeof c.region, "R-%d", (int)(draw() % REGIONS));
	for (int i = 0; i < TITLE_WORDS; i++)
		n += (size_t)snprintf(c.title + n, sizeof c.title - n, "%sword%d", i > 0 ? " " : "", word());
	if (record_insert(tx->db, &course_record, &c, &err) != 0 || course_terms_put(tx, NULL, &c, &err) != 0)
		fail_msg("%s", err.text);
}

static void make(struct tx *tx, struct err *err)
{
	int64_t start = env_ticks();

	(void)err;
	for (int64_t i = 0; i < PROVIDERS; i++)
		make_provider(tx, FIRST + i);
	for (int64_t i = 0; i < count; i++)
		make_course(tx, FIRST + i);
	printf("%lld courses made in %.0f s\n", (long long)count, (double)(env_ticks() - start) / 1e6);
}

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void measure(struct db *db, const char *name, struct course_wanted w)
{
	static struct course_found found[PAGE];
	int64_t took[PLACES], next;
	size_t n, rows = 0;

	w.day = zone_day(ledger_settings(f.l)->zone, FIXTURE_START);
	for (int i = 0; i < PLACES; i++) {
		int64_t after = i == 0 ? 0 : FIRST + (int64_t)(draw() % (uint64_t)count);
		int64_t start = env_ticks();
		struct err err = {0};

		if (course_search(db, &w, after, PAGE, found, &n, &next, &err) != 0)
			fail_msg("%s", err.text);
		took[i] = env_ticks() - start;
		rows += n;
	}
	qsort(took, PLACES, sizeof took[0], by_time);
	printf("%-44s %6.2f ms  longest %6.2f ms  %4.1f courses a page  %s\n", name,
	       (double)took[PLACES / 2] / 1e3, (double)took[PLACES - 1] / 1e3, (double)rows / PLACES,
	       took[PLACES / 2] <= PAGE_US ? "met" : "SHORT");
	short_of += took[PLACES / 2] > PAGE_US;
}

static const struct {
	const char *name;
	struct course_wanted wanted; /* NULL and 0: any */
} searches[] = {
	{"everything", {0}},
	{"the commonest word", {.words = "word0"}},
	{"two common words", {.words = "word0 word1"}},
	{"a common word and a rare one", {.words = "word0 word9000"}},
	{"three words in no title", {.words = "word5000 word6000 word7000"}},
	{"a word that no title has", {.words = "nothing"}},
	{"eight words", {.words = "word0 word1 word2 word3 word4 word5 word6 word7"}},
	{"a certification that all lead to", {.certification = "RNCP1"}},
	{"a place", {.place = "R-7"}},
	{"a place and a common word", {.place = "R-7", .words = "word3"}},
	{"a provider", {.provider = FIRST + 17}},
	{"a provider, a place and a common word", {.provider = FIRST + 17, .place = "R-3", .words = "word0"}},
	{"at a price that one in 300 has", {.price_max = 2000}},
	{"a common word at a price that none has", {.words = "word1", .price_max = 1}},
};

static void search_all(struct db *db)
{
	for (size_t i = 0; i < sizeof searches / sizeof searches[0]; i++) {
		struct course_wanted w = searches[i].wanted;

		w.words = w.words != NULL ? w.words : "";
		w.certification = w.certification != NULL ? w.certification : "";
		w.place = w.place != NULL ? w.place : "";
		w.price_max = w.price_max != 0 ? w.price_max : -1;
		measure(db, searches[i].name, w);
	}
}

int main(int argc, char **argv)
{
	struct err err = {0};
	struct db *db;

	if (argc > 1)
		count = strtoll(argv[1], NULL, 10);
	if (argc > 2 || count < 1 || count > COUNT_MAX) {
		fputs("usage: courses [COUNT]\n", stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	fixture_open(&f);
	fixture_direct(&f, make);
	db = ledger_reader(f.l, &err);
	if (db == NULL)
		fail_msg("%s", err.text);
	search_all(db); /* the pages of the database are read then */
	puts("again:");
	short_of = 0;
	search_all(db);
	ledger_reader_back(f.l, db);
	fixture_close(&f);
	return short_of > 0;
}
