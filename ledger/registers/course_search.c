#include "ledger/registers/course_search.h"

#include <stdint.h>
#include <string.h>

#include "ledger/registers/course_term.h"

/* --- what is walked --------------------------------------------------------------- */

#define SAMPLE 100 /* courses by which the rarest term is found */

struct search {
	struct terms terms;
	size_t driver; /* the term that is walked */
};

static int collect_terms(const struct course_wanted *w, struct terms *t, struct err *err)
{
	t->count = 0;
	terms_add_words(t, w->words);
	if (w->words[0] != '\0' && t->count == 0)
		return err_set(err, ERR_FIELD_INVALID, "q", "There is no word in it: letters or digits.");
	if (t->count > SEARCH_WORDS_MAX)
		return err_set(err, ERR_FIELD_INVALID, "q", "A search has at most %d words.",
			       SEARCH_WORDS_MAX);
	terms_add_certification(t, w->certification);
	terms_add_region(t, w->place);
	if (w->provider != 0)
		terms_add_provider(t, w->provider);
	return 0;
}

/* The n-th course past after that has the term; without one, of all: INT64_MAX when there are fewer. */
static int nth(struct db *db, const char *term, int64_t after, int n, int64_t *course, struct err *err)
{
	*course = INT64_MAX;
	if (term == NULL)
		return db_int(db, "SELECT id FROM course WHERE id > $1 ORDER BY id LIMIT 1 OFFSET $2",
			      VALS(v_int(after), v_int(n - 1)), course, err);
	return db_int(db,
		      "SELECT course FROM course_term WHERE term = $1 AND course > $2 "
		      "ORDER BY course LIMIT 1 OFFSET $3",
		      VALS(v_text(term), v_int(after), v_int(n - 1)), course, err);
}

/* The term whose next SAMPLE courses reach furthest is the rarest from here on. */
static int choose(struct db *db, int64_t after, struct search *s, struct err *err)
{
	int64_t furthest = 0, reach;

	s->driver = 0;
	for (size_t i = 0; i < s->terms.count && furthest < INT64_MAX; i++) {
		if (nth(db, s->terms.of[i], after, SAMPLE, &reach, err) < 0)
			return -1;
		if (reach > furthest) {
			furthest = reach;
			s->driver = i;
		}
	}
	return 0;
}

/* The last of the next n courses that are walked. */
static int end_of_part(struct db *db, const struct search *s, int64_t after, int n, int64_t *end,
		       struct err *err)
{
	const char *walked = s->terms.count > 0 ? s->terms.of[s->driver] : NULL;

	return nth(db, walked, after, n, end, err) < 0 ? -1 : 0;
}

/* --- the page ------------------------------------------------------------------------ */

#define COLUMNS                                                                                              \
	"c.id, c.code, c.provider, c.certification, c.action_type, c.title, c.price, c.hours, c.days, "      \
	"c.region, c.open_from, c.open_to, c.seq, o.code, o.name "
#define PROVIDER_AT 13 /* the first column that is not the course's own */

/* Ends a question that is asked of each course by itself: the offset keeps an engine from reading a whole
 * table first. */
#define EACH "LIMIT 1 OFFSET 0) "

/* course_eligible() in one question, for many courses; a test holds the two together.  $3: the day. */
#define ACTIVE                                                                                               \
	"EXISTS (SELECT 1 FROM certification k WHERE k.code = c.certification "                              \
	"AND (k.effect_on IS NULL OR k.effect_on <= $3) AND (k.ends_on IS NULL OR k.ends_on >= $3) "         \
	"AND (k.inactive_on IS NULL OR k.inactive_on > $3) " EACH
#define MAY_TRAIN                                                                                            \
	"EXISTS (SELECT 1 FROM training_right t WHERE t.certification = c.certification "                    \
	"AND t.siren = o.siren AND t.may_train = 1 " EACH
#define ACCREDITED                                                                                           \
	"EXISTS (SELECT 1 FROM accreditation a WHERE a.org = c.provider AND a.action_type = "                \
	"CASE WHEN c.action_type <= 4 THEN c.action_type ELSE 1 END "                                        \
	"AND a.valid_from <= $3 AND (a.valid_to IS NULL OR a.valid_to >= $3) " EACH
#define STOPPED                                                                                              \
	"EXISTS (SELECT 1 FROM provider_standing s WHERE s.provider = c.provider AND s.ended_at IS NULL " EACH
#define ELIGIBLE                                                                                             \
	"AND c.open_from <= $4 AND (c.open_to IS NULL OR c.open_to >= $3) AND c.price <= $5 "                \
	"AND (c.certification = '' OR (" ACTIVE "AND " MAY_TRAIN ")) AND " ACCREDITED "AND NOT " STOPPED
#define HAS_TERM "AND EXISTS (SELECT 1 FROM course_term x WHERE x.term = $%zu AND x.course = d.course " EACH

#define TERMS_AT 6 /* of the values: $7, the term that is walked; then the others */

/* The statement for so many terms, by its place among them. */
static const char for_terms[SEARCH_TERMS_MAX + 1];

static void make_search(const struct db_made *made, struct buf *out)
{
	size_t terms = (size_t)((const char *)made->from - for_terms);
	const char *number = terms > 0 ? "d.course" : "c.id";

	buf_text_add(out, "SELECT " COLUMNS "FROM ");
	buf_text_add(out, terms > 0 ? "course_term d JOIN course c ON c.id = d.course " : "course c ");
	buf_format(out, "JOIN organisation o ON o.id = c.provider WHERE %s > $1 AND %s <= $2 ", number,
		   number);
	for (size_t i = 0; i < terms; i++)
		buf_format(out, i == 0 ? "AND d.term = $%zu " : HAS_TERM, TERMS_AT + 1 + i);
	buf_format(out, "%sORDER BY %s LIMIT $6", ELIGIBLE, number);
}

/* More than $4 and $5 can be. */
#define NO_DAY   ((int64_t)INT32_MAX)
#define NO_PRICE INT64_MAX

static struct stmt *ask(struct db *db, const struct course_wanted *w, const struct search *s, int64_t after,
			int64_t end, size_t max, struct err *err)
{
	struct val vals[TERMS_AT + SEARCH_TERMS_MAX] = {
		v_int(after),
		v_int(end),
		v_int(w->day),
		v_int(w->starts ? w->day : NO_DAY),
		v_int(w->price_max < 0 ? NO_PRICE : w->price_max),
		v_int((int64_t)max),
	};
	size_t n = TERMS_AT;

	if (s->terms.count > 0)
		vals[n++] = v_text(s->terms.of[s->driver]);
	for (size_t i = 0; i < s->terms.count; i++)
		if (i != s->driver)
			vals[n++] = v_text(s->terms.of[i]);
	return db_query_made(db, &(struct db_made){&for_terms[s->terms.count], for_terms, make_search}, vals,
			     n, err);
}

/* One part of the walk: fills up the page and one more, if there are so many. */
static int read_part(struct db *db, const struct course_wanted *w, const struct search *s, int64_t after,
		     int64_t end, size_t max, struct course_found *out, size_t *n, int64_t *next,
		     struct err *err)
{
	struct stmt *q = ask(db, w, s, after, end, max + 1 - *n, err);
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		if (*n == max) {
			*next = out[max - 1].course.id;
			db_done(q);
			return 0;
		}
		record_read(&course_record, q, &out[*n].course);
		col_copy(q, PROVIDER_AT, out[*n].provider, sizeof out[*n].provider);
		col_copy(q, PROVIDER_AT + 1, out[*n].provider_name, sizeof out[*n].provider_name);
		(*n)++;
	}
	return rc;
}

int course_search(struct db *db, const struct course_wanted *w, int64_t after, size_t max,
		  struct course_found *out, size_t *n, int64_t *next, struct err *err)
{
	int part = 2 * (int)max < COURSE_SCAN ? 2 * (int)max : COURSE_SCAN;
	struct search s = {.driver = 0};

	*n = 0;
	*next = 0;
	if (collect_terms(w, &s.terms, err) != 0 || (s.terms.count > 1 && choose(db, after, &s, err) != 0))
		return -1;
	/* Mostly the first part fills the page. */
	for (int looked = 0; looked < COURSE_SCAN; looked += part, part = COURSE_SCAN - looked) {
		int64_t end;

		if (end_of_part(db, &s, after, part, &end, err) != 0 ||
		    read_part(db, w, &s, after, end, max, out, n, next, err) != 0)
			return -1;
		if (*next != 0 || end == INT64_MAX)
			return 0;
		after = end;
	}
	*next = after;
	return 0;
}
