/*
 * The public registers: eligible courses, accredited providers.
 */
#include "api/actions/all.h"
#include "api/frame/page.h"
#include "ledger/registers/course_search.h"
#include "ledger/registers/provider.h"
#include "ledger/registers/standing.h"

struct asked {
	struct page_in page;
};

struct listed {
	struct page_out page;
};

static const struct member takes[] = {PAGE_TAKES(struct asked), MEMBERS_END};

/* --- courses --------------------------------------------------------------------- */

struct courses_asked {
	struct page_in page;
	char words[SEARCH_TEXT_MAX + 1];
	char certification[CODE_MAX + 1], place[CODE_MAX + 1], provider[CODE_MAX + 1];
	int64_t price_max;
	day_t on;
};

static const struct member courses_take[] = {
	{"q", M_TEXT, IN(struct courses_asked, words), .flags = M_QUERY,
	 .help = "words of the title or code, all of them", .example = "tableur"},
	{"certification", M_CODE, IN(struct courses_asked, certification), .flags = M_QUERY,
	 .help = "that it leads to", .example = "RNCP35191"},
	{"place", M_CODE, IN(struct courses_asked, place), .flags = M_QUERY,
	 .help = "the region it is given in", .example = "76"},
	{"provider", M_CODE, IN(struct courses_asked, provider), .flags = M_QUERY,
	 .example = "00010022200017"},
	{"price_max", M_AMOUNT, IN(struct courses_asked, price_max), .flags = M_QUERY, .absent = -1,
	 .help = "it costs no more", .example = "500.00"},
	{"on", M_DAY, IN(struct courses_asked, on), .flags = M_QUERY,
	 .help = "eligible on that day, and a session may start then (eligible today)",
	 .example = "2026-02-02"},
	PAGE_TAKES(struct courses_asked),
	MEMBERS_END,
};

struct course_row {
	int known;
	const char *course, *title, *provider, *provider_name, *certification, *action_type;
	int64_t price;
	int hours, days;
	const char *region;
	day_t open_from, open_to;
};

static const struct member course_gives[] = {
	{"course", M_STRING, IN(struct course_row, course)},
	{"title", M_STRING, IN(struct course_row, title)},
	{"provider", M_STRING, IN(struct course_row, provider)},
	{"provider_name", M_STRING, IN(struct course_row, provider_name)},
	{"certification", M_STRING, IN(struct course_row, certification)},
	{"action_type", M_STRING, IN(struct course_row, action_type)},
	{"price", M_AMOUNT, IN(struct course_row, price)},
	CURRENCY,
	{"hours", M_NUMBER, IN(struct course_row, hours)},
	{"days", M_NUMBER, IN(struct course_row, days)},
	{"region", M_STRING, IN(struct course_row, region), .flags = M_NULL},
	{"open_from", M_DAY, IN(struct course_row, open_from), .flags = M_NULL},
	{"open_to", M_DAY, IN(struct course_row, open_to), .flags = M_NULL},
	MEMBERS_END,
};

static const struct member courses_give[] = {PAGE_GIVES(struct listed, course_gives, struct course_row),
					     MEMBERS_END};

static void fill_course(struct action_call *c, const struct course_found *found, struct course_row *row)
{
	const struct course *from = &found->course;

	*row = (struct course_row){.known = 1,
				   .course = call_keep(c, from->code),
				   .title = call_keep(c, from->title),
				   .provider = call_keep(c, found->provider),
				   .provider_name = call_keep(c, found->provider_name),
				   .certification = call_keep(c, from->certification),
				   .action_type = action_type_name(from->action_type),
				   .price = from->price,
				   .hours = from->hours,
				   .days = from->days,
				   .region = call_keep(c, from->region),
				   .open_from = from->open_from,
				   .open_to = from->open_to};
}

static int read_wanted(struct db *db, const struct action_call *c, struct course_wanted *w, struct err *err)
{
	const struct courses_asked *in = c->args;
	struct org provider = {0};

	if (in->provider[0] != '\0' && org_need(db, in->provider, "provider", &provider, err) != 0)
		return -1;
	*w = (struct course_wanted){.words = in->words,
				    .certification = in->certification,
				    .place = in->place,
				    .provider = provider.id,
				    .price_max = in->price_max,
				    .day = in->on != DAY_NONE ? in->on : ledger_today(c->ledger),
				    .starts = in->on != DAY_NONE};
	return 0;
}

static int list_courses(struct db *db, struct action_call *c, struct err *err)
{
	struct course_found *found;
	struct course_row *rows;
	struct course_wanted w;
	struct page page;
	int64_t next;
	size_t n;

	if (read_wanted(db, c, &w, err) != 0 || page_open(c, &page, err) != 0 ||
	    (found = page_rows(c, &page, sizeof *found, err)) == NULL ||
	    (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    course_search(db, &w, page.after, page.limit, found, &n, &next, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		fill_course(c, &found[i], &rows[i]);
	page_give(c, &page, rows, n, next != 0, next);
	return 0;
}

/* --- one course -------------------------------------------------------------------- */

struct course_asked {
	char id[CODE_MAX + 1];
};

struct course_shown {
	struct course_row row;
	int eligible;
	const char *why; /* it is not eligible; "" it is */
};

static const struct member course_takes[] = {
	{"id", M_CODE, IN(struct course_asked, id), .flags = M_NEEDED | M_PATH | M_POSITION,
	 .option = "COURSE", .example = "BETA-TAB"},
	MEMBERS_END,
};

static const struct member course_shows[] = {
	{"", M_INLINE, .offset = 0, .size = sizeof(struct course_row), .of = course_gives},
	{"eligible", M_FLAG, IN(struct course_shown, eligible)},
	{"why", M_STRING, IN(struct course_shown, why), .flags = M_OMIT},
	MEMBERS_END,
};

static int show_course(struct db *db, struct action_call *c, struct err *err)
{
	const struct course_asked *in = c->args;
	struct course_shown *out = c->answer;
	struct course_found found;
	struct err why = {0};
	struct org provider;
	int rc;

	if (course_need(db, in->id, NULL, &found.course, err) != 0 ||
	    org_get(db, found.course.provider, &provider, err) != 0)
		return -1;
	snprintf(found.provider, sizeof found.provider, "%s", provider.code);
	snprintf(found.provider_name, sizeof found.provider_name, "%s", provider.name);
	fill_course(c, &found, &out->row);
	rc = course_eligible(db, &found.course, ledger_today(c->ledger), &why);
	if (rc != 0 && why.code != ERR_NOT_ELIGIBLE) {
		*err = why;
		return -1;
	}
	out->eligible = rc == 0;
	out->why = rc == 0 ? "" : call_keep(c, why.text);
	return 0;
}

/* --- providers ---------------------------------------------------------------------- */

struct provider_row {
	const char *provider, *name;
	struct list accredited_for;
	const char *standing;
	day_t standing_until;
};

struct kind {
	const char *name;
};

static const struct member kind_gives[] = {{"", M_STRING, IN(struct kind, name)}, MEMBERS_END};

static const struct member provider_gives[] = {
	{"provider", M_STRING, IN(struct provider_row, provider)},
	{"name", M_STRING, IN(struct provider_row, name)},
	{"accredited_for", M_LIST, IN(struct provider_row, accredited_for), .of = kind_gives,
	 .item = sizeof(struct kind)},
	{"standing", M_STRING, IN(struct provider_row, standing)},
	{"standing_until", M_DAY, IN(struct provider_row, standing_until), .flags = M_NULL},
	MEMBERS_END,
};

static const struct member providers_give[] = {PAGE_GIVES(struct listed, provider_gives, struct provider_row),
					       MEMBERS_END};

static int fill_kinds(struct db *db, struct action_call *c, int64_t id, struct list *list, struct err *err)
{
	struct kind *k;
	int rc = list_make(list, c->arena, ACTION_ACCREDITED__MAX, sizeof *k, err);

	k = list->at;
	list->count = 0;
	for (int action = ACTION_TRAINING; rc >= 0 && action < ACTION_ACCREDITED__MAX; action++) {
		rc = provider_accredited(db, id, (enum action_type)action, ledger_today(c->ledger), err);
		if (rc == 1)
			k[list->count++].name = action_type_name((enum action_type)action);
	}
	return rc < 0 ? -1 : 0;
}

/* The public sees the word and the end of a standing, not its ground. */
static int fill_provider(struct db *db, struct action_call *c, int64_t id, struct provider_row *row,
			 struct err *err)
{
	struct standing_row standing;
	struct org org;
	int rc = standing_now(db, id, &standing, err);

	if (rc < 0 || org_get(db, id, &org, err) != 0 ||
	    fill_kinds(db, c, id, &row->accredited_for, err) != 0)
		return -1;
	row->provider = call_keep(c, org.code);
	row->name = call_keep(c, org.name);
	row->standing = standing_name(rc == 1 ? standing.standing : STANDING_GOOD);
	row->standing_until = rc == 1 ? standing.until : DAY_NONE;
	return 0;
}

static int list_providers(struct db *db, struct action_call *c, struct err *err)
{
	int64_t ids[PAGE_MAX + 1];
	struct provider_row *rows;
	struct page page;
	size_t n;

	if (page_open(c, &page, err) != 0 || (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    provider_list(db, ledger_today(c->ledger), page.after, page.limit + 1, ids, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n && i < page.limit; i++)
		if (fill_provider(db, c, ids[i], &rows[i], err) != 0)
			return -1;
	page_close(c, &page, rows, n, n > page.limit ? ids[page.limit - 1] : 0);
	return 0;
}

/* --- the actions ------------------------------------------------------------------------ */

static const struct action courses = {
	.name = "course list",
	.method = "GET",
	.path = "/v1/courses",
	.takes = courses_take,
	.takes_size = sizeof(struct courses_asked),
	.gives = courses_give,
	.gives_size = sizeof(struct listed),
	.read = list_courses,
	.again = page_again,
	.print_part = print_answer,
	.summary = "courses that are eligible, by words, certification, place, provider and price",
	.over_http =
		"price_max in cents; a page may hold fewer courses than its limit, or none, while has_more says "
		"that there may be more",
};

static const struct action one_course = {
	.name = "course show",
	.method = "GET",
	.path = "/v1/courses/{id}",
	.takes = course_takes,
	.takes_size = sizeof(struct course_asked),
	.gives = course_shows,
	.gives_size = sizeof(struct course_shown),
	.read = show_course,
	.print = print_answer,
	.summary = "one course, and whether it is eligible today, or why not",
};

static const struct action providers = {
	.name = "provider list",
	.method = "GET",
	.path = "/v1/providers",
	.takes = takes,
	.takes_size = sizeof(struct asked),
	.gives = providers_give,
	.gives_size = sizeof(struct listed),
	.read = list_providers,
	.again = page_again,
	.print_part = print_answer,
	.summary = "providers accredited today, their standing",
};

const struct action *const actions_of_registers[] = {&courses, &one_course, &providers, NULL};
