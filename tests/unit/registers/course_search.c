/*
 * Courses are found by words, certification, place, provider, price and day; those
 * that are, are the ones course_eligible() passes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/registers/course_search.h"
#include "ledger/registers/course_term.h"
#include "ledger/seasons/due.h"
#include "tests/lib/fixture.h"

static struct fixture f;
static struct course_found found[200];

/* --- words ------------------------------------------------------------------------ */

/* The words of a text, blanks between them. */
static const char *words_of(const char *text)
{
	static char all[TERMS_MAX * (TERM_MAX + 2)];
	struct terms t = {.count = 0};
	size_t n = 0;

	all[0] = '\0';
	terms_add_words(&t, text);
	for (size_t i = 0; i < t.count; i++)
		n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", i > 0 ? " " : "", t.of[i]);
	return all;
}

static void words_are_spelt_without_accents_and_in_lower_case(void **state)
{
	char longest[200];

	(void)state;
	assert_string_equal(words_of(""), "");
	assert_string_equal(words_of(" - ! "), "");
	assert_string_equal(
		words_of("\xc3\x89nergies renouvelables: l\xe2\x80\x99\xc5\x93uvre, l'\xc3\x89T\xc3\x89"),
		"energies renouvelables l oeuvre ete");
	assert_string_equal(
		words_of(
			"\xc3\x80\xc3\xa6\xc3\xbf \xc3\x9f \xc5\xa0\xc5\x82\xc4\xb1\xc4\xb3 \xc3\xb0\xc3\xbe"),
		"aaey ss sliij dth");
	assert_string_equal(words_of("e\xcc\x81te\xcc\x81"), "ete");      /* accents of their own */
	assert_string_equal(words_of("C++ / C# niveau 2"), "c niveau 2"); /* each once */
	assert_string_equal(words_of("\xce\x91\xce\xb8 \xd0\x9c\xd0\xbe\xd1\x80\xd0\xb5"),
			    "\xce\xb1\xce\xb8 \xd0\xbc\xd0\xbe\xd1\x80\xd0\xb5");
	assert_string_equal(words_of("3\xc3\x97"
				     "4\xc2\xb0"),
			    "3 4");
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(strlen(words_of(longest)), TERM_MAX);
}

static void a_title_of_too_many_words_is_found_by_the_first(void **state)
{
	struct terms t = {.count = 0};
	char title[TITLE_MAX + 1] = "";
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		n += (size_t)snprintf(title + n, sizeof title - n, "w%d ", i);
	terms_add_words(&t, title);
	assert_int_equal(t.count, TERMS_MAX);
	assert_string_equal(t.of[TERMS_MAX - 1], "w63");
}

/* --- searches ----------------------------------------------------------------------- */

static const struct course_wanted anything = {.words = "", .certification = "", .place = "", .price_max = -1};

/* The codes of all that is found, blanks between them, page by page. */
static const char *found_by(struct db *db, struct course_wanted w, day_t today, size_t limit)
{
	static char all[4096];
	int64_t after = 0;
	size_t n, len = 0;

	if (w.day == 0)
		w.day = today;
	all[0] = '\0';
	do {
		struct err err = {0};

		assert_int_equal(course_search(db, &w, after, limit, found, &n, &after, &err), 0);
		assert_true(n <= limit);
		for (size_t i = 0; i < n; i++)
			len += (size_t)snprintf(all + len, sizeof all - len, "%s%s", len > 0 ? " " : "",
						found[i].course.code);
	} while (after != 0);
	return all;
}

static void rename_course(struct tx *tx, const char *code, const char *title, const char *region)
{
	struct err err = {0};
	struct course c;
	enum upsert done;

	assert_int_equal(course_find(tx->db, code, &c, &err), 1);
	snprintf(c.title, sizeof c.title, "%s", title);
	snprintf(c.region, sizeof c.region, "%s", region);
	assert_int_equal(course_upsert(tx, &c, &done, &err), 0);
}

#define FOUND(...) found_by(tx->db, (struct course_wanted){__VA_ARGS__}, tx->today, 50)
#define ANY        .certification = "", .price_max = -1

static void search(struct tx *tx, struct err *err)
{
	struct course c;

	assert_int_equal(course_find(tx->db, "C-B1", &c, err), 1);
	rename_course(tx, "C-A1",
		      "Le tableur \xc3\xa0 l'\xc3\xa9"
		      "cole",
		      "FR-OCC");
	rename_course(tx, "C-A2", "Le tableur en entreprise", "FR-IDF");
	rename_course(tx, "C-B1", "Tableur, niveau \xc3\x89lev\xc3\xa9", "FR-OCC");
	assert_string_equal(FOUND(.words = "TABLEUR", .place = "", ANY), "C-A1 C-A2 C-B1");
	assert_string_equal(FOUND(.words = "tableur eleve", .place = "", ANY), "C-B1");
	assert_string_equal(FOUND(.words = "Tableur \xc3\xa9"
					   "cole entreprise",
				  .place = "", ANY),
			    "");
	assert_string_equal(FOUND(.words = "c-b1", .place = "", ANY), "C-B1"); /* its code has words, too */
	assert_string_equal(FOUND(.words = "tableur", .place = "fr-occ", ANY), "C-A1 C-B1");
	assert_string_equal(FOUND(.words = "tableur", .place = "FR-OCC", .provider = c.provider, ANY),
			    "C-B1");
	assert_string_equal(FOUND(.words = "", .place = "FR-OCC", ANY), "C-A1 C-B1");
	assert_string_equal(FOUND(.words = "", .place = "", .certification = "RNCP2", .price_max = -1),
			    "C-B1");
	assert_string_equal(FOUND(.words = "tableur", .place = "", .certification = "", .price_max = 50000),
			    "C-A2 C-B1");
	assert_string_equal(FOUND(.words = "", .place = "", .certification = "", .price_max = 30000), "C-A2");
	/* What it is no longer called it is no longer found by. */
	rename_course(tx, "C-A1", "La bureautique", "");
	assert_string_equal(FOUND(.words = "tableur", .place = "fr-occ", ANY), "C-B1");
	assert_string_equal(FOUND(.words = "bureautique", .place = "", ANY), "C-A1");
	for (size_t limit = 1; limit < 6; limit++)
		assert_string_equal(found_by(tx->db, anything, tx->today, limit), "C-A4 C-A1 C-A2 C-A3 C-B1");
}

static void courses_are_found_by_all_that_is_asked(void **state)
{
	(void)state;
	fixture_direct(&f, search);
}

static void search_wrongly(struct tx *tx, struct err *err)
{
	struct course_wanted w = anything;
	int64_t next;
	size_t n;

	w.words = "?!";
	assert_int_equal(course_search(tx->db, &w, 0, 1, found, &n, &next, err), -1);
	assert_int_equal(err->code, ERR_FIELD_INVALID);
	w.words = "a b c d e f g h i";
	assert_int_equal(course_search(tx->db, &w, 0, 1, found, &n, &next, err), -1);
	assert_int_equal(err->code, ERR_FIELD_INVALID);
	w.words = "a b c d e f g h";
	w.certification = w.place = "x";
	w.provider = 1;
	assert_int_equal(course_search(tx->db, &w, 0, 1, found, &n, &next, err), 0);
}

static void a_search_has_one_to_eight_words(void **state)
{
	(void)state;
	fixture_direct(&f, search_wrongly);
}

/* --- eligible ----------------------------------------------------------------------- */

/* On that day both say the same of every course. */
static void agree(struct tx *tx, day_t day)
{
	const char *listed =
		found_by(tx->db,
			 (struct course_wanted){
				 .words = "", .certification = "", .place = "", .price_max = -1, .day = day},
			 day, 3);

	for (int64_t id = 1; id <= 6; id++) {
		struct err err = {0};
		struct course c;
		int eligible;

		db_cache_clear(tx->db);
		assert_int_equal(course_get(tx->db, id, &c, &err), 0);
		eligible = course_eligible(tx->db, &c, day, &err) == 0;
		if (eligible != (strstr(listed, c.code) != NULL))
			fail_msg("day %d: %s is %s eligible; listed: %s", day - tx->today, c.code,
				 eligible ? "" : "not", listed);
	}
}

static void change(struct tx *tx, const char *sql)
{
	struct err err = {0};

	if (sql != NULL)
		assert_int_equal(db_run(tx->db, sql, VALS(v_int(tx->today + 4)), &err), 0);
	for (day_t day = tx->today - 2; day < tx->today + 10; day++)
		agree(tx, day);
}

/* Each cause that course_eligible() knows, one after the other. */
static void disqualify(struct tx *tx, struct err *err)
{
	(void)err;
	change(tx, NULL);
	change(tx, "UPDATE course SET open_to = $1 WHERE code = 'C-A1'");
	change(tx, "UPDATE certification SET effect_on = $1 WHERE code = 'RNCP2'");
	change(tx, "UPDATE certification SET effect_on = NULL, ends_on = $1 WHERE code = 'RNCP2'");
	change(tx, "UPDATE certification SET ends_on = NULL, inactive_on = $1 WHERE code = 'RNCP1'");
	change(tx,
	       "UPDATE accreditation SET valid_to = $1 WHERE org = (SELECT provider FROM course WHERE code = "
	       "'C-B1')");
	change(tx, "UPDATE accreditation SET valid_to = NULL, valid_from = $1");
	change(tx, "UPDATE accreditation SET valid_from = $1 - 5");
	change(tx, "UPDATE certification SET inactive_on = NULL WHERE inactive_on = $1");
	change(tx, "UPDATE training_right SET may_train = 0 WHERE certification = 'RNCP35191' AND $1 > 0");
	/* A licence is accredited as a training, and needs no certification. */
	change(tx, "UPDATE course SET action_type = 5, certification = '' WHERE code = 'C-A4' AND $1 > 0");
	change(tx, "UPDATE course SET action_type = 2, certification = '' WHERE code = 'C-A3' AND $1 > 0");
	change(tx, "INSERT INTO provider_standing (provider, number, standing, ground, since, decided_by, "
		   "confirmed_by, decided_at, work, seq) SELECT provider, 1, 1, 'x', $1, 'a', 'b', 0, 0, 1 "
		   "FROM course WHERE code = 'C-A2'");
	change(tx, "UPDATE provider_standing SET ended_at = $1");
}

static void the_list_is_of_the_eligible(void **state)
{
	(void)state;
	fixture_direct(&f, disqualify);
}

static void open_later(struct tx *tx, struct err *err)
{
	struct course_wanted w = anything;

	assert_int_equal(db_run(tx->db, "UPDATE course SET open_from = $1 WHERE code = 'C-A1'",
				VALS(v_int(tx->today + 4)), err),
			 0);
	/* Today it can be ordered for a later day; today no session of it starts. */
	assert_non_null(strstr(found_by(tx->db, w, tx->today, 50), "C-A1"));
	w.starts = 1;
	w.day = tx->today + 3;
	assert_null(strstr(found_by(tx->db, w, tx->today, 50), "C-A1"));
	w.day = tx->today + 4;
	assert_non_null(strstr(found_by(tx->db, w, tx->today, 50), "C-A1"));
}

static void on_a_day_a_session_may_start(void **state)
{
	(void)state;
	fixture_direct(&f, open_later);
}

/* --- many ------------------------------------------------------------------------------ */

#define MANY 3000

/* Every second one is called "common", the others "usual"; the last one is both. */
static void make_many(struct tx *tx)
{
	struct err err = {0};
	struct course c;
	enum upsert done;

	assert_int_equal(course_find(tx->db, "C-A1", &c, &err), 1);
	for (int i = 1; i <= MANY; i++) {
		snprintf(c.code, sizeof c.code, "M-%d", i);
		snprintf(c.title, sizeof c.title, "%s",
			 i == MANY ? "common usual"
			 : i % 2   ? "common"
				   : "usual");
		assert_int_equal(course_upsert(tx, &c, &done, &err), 0);
	}
}

static void search_many(struct tx *tx, struct err *err)
{
	struct course_wanted w = anything;
	int64_t after = 0, next;
	int pages = 0;
	size_t n;

	make_many(tx);
	w.words = "common usual";
	w.day = tx->today;
	/* A page looks at so many and says that there may be more. */
	for (n = 0; n == 0; after = next, pages++)
		assert_int_equal(course_search(tx->db, &w, after, 50, found, &n, &next, err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(pages, MANY / 2 / COURSE_SCAN);
	/* The rarest is walked, wherever it stands among the words. */
	w.words = "common m 2998";
	assert_int_equal(course_search(tx->db, &w, 0, 50, found, &n, &next, err), 0);
	assert_int_equal(n, 0);
	w.words = "usual 3000";
	assert_int_equal(course_search(tx->db, &w, 0, 50, found, &n, &next, err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(next, 0);
	w.words = "";
	w.price_max = 1;
	assert_int_equal(course_search(tx->db, &w, 0, 50, found, &n, &next, err), 0);
	assert_int_equal(n, 0);
	assert_true(next >= COURSE_SCAN);
}

static void a_page_looks_at_so_many_courses_and_no_more(void **state)
{
	(void)state;
	fixture_direct(&f, search_many);
}

/* As a ledger is that was made before there were terms. */
static void take_up(struct tx *tx, struct err *err)
{
	int64_t executed, before = 0, now = 0;

	make_many(tx);
	assert_int_equal(db_int(tx->db, "SELECT count(*) FROM course_term", NO_VALS, &before, err), 1);
	assert_int_equal(db_run(tx->db, "DELETE FROM course_term", NO_VALS, err), 0);
	assert_int_equal(
		db_run(tx->db, "INSERT INTO timer (due_at, kind, subject) VALUES (0, 40, 0)", NO_VALS, err),
		0);
	for (int steps = 0; now < before; steps++) {
		assert_true(steps < MANY / COURSES_AT_ONCE + 2);
		assert_int_equal(due_step(tx, 500, &executed, err), 0);
		assert_true(executed > 0);
		assert_int_equal(db_int(tx->db, "SELECT count(*) FROM course_term", NO_VALS, &now, err), 1);
	}
	assert_int_equal(due_step(tx, 500, &executed, err), 0);
	assert_int_equal(now, before);
	assert_int_equal(db_int(tx->db, "SELECT count(*) FROM timer WHERE kind = 40", NO_VALS, &now, err), 1);
	assert_int_equal(now, 0);
	assert_string_equal(
		found_by(tx->db, (struct course_wanted){.words = "3000", .place = "", ANY}, tx->today, 9),
		"M-3000");
}

static void courses_of_an_older_ledger_are_taken_up(void **state)
{
	(void)state;
	fixture_direct(&f, take_up);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_spelt_without_accents_and_in_lower_case),
		cmocka_unit_test(a_title_of_too_many_words_is_found_by_the_first),
		WITH_FIXTURE(f, courses_are_found_by_all_that_is_asked),
		WITH_FIXTURE(f, a_search_has_one_to_eight_words),
		WITH_FIXTURE(f, the_list_is_of_the_eligible),
		WITH_FIXTURE(f, on_a_day_a_session_may_start),
		WITH_FIXTURE(f, a_page_looks_at_so_many_courses_and_no_more),
		WITH_FIXTURE(f, courses_of_an_older_ledger_are_taken_up),
	};

	return cmocka_run_group_tests_name("registers/course_search", tests, NULL, NULL);
}
