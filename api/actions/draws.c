/*
 * Draws and samples: what anybody needs to check them (ledger/seasons/draw.h,
 * ledger/voucher/sample.h), without a word on who the learners are.
 */
#include "api/actions/all.h"
#include "api/frame/page.h"
#include "ledger/seasons/ticket.h"
#include "ledger/voucher/sample.h"

/* --- a draw ---------------------------------------------------------------------- */

struct named {
	char programme[CODE_MAX + 1];
	char version[CODE_MAX + 1];
};

struct drawn {
	const char *programme, *version, *state, *seed_hash, *seed, *list_hash;
	day_t from, to, drawn_on;
	int64_t tickets, served, accepted;
};

#define DRAW_TAKES(t, m)                                                                                     \
	{"programme", M_CODE, IN(t, m.programme), .flags = M_NEEDED | M_PATH | M_POSITION,                   \
	 .example = "cpf"},                                                                                  \
	{                                                                                                    \
		"version", M_CODE, IN(t, m.version), .flags = M_NEEDED | M_PATH | M_POSITION,                \
						     .example = "2026"                                       \
	}

struct asked {
	struct named named;
};

static const struct member draw_takes[] = {DRAW_TAKES(struct asked, named), MEMBERS_END};

static const struct member draw_gives[] = {
	{"programme", M_STRING, IN(struct drawn, programme)},
	{"version", M_STRING, IN(struct drawn, version)},
	{"state", M_STRING, IN(struct drawn, state)},
	{"from", M_DAY, IN(struct drawn, from), .flags = M_NULL},
	{"to", M_DAY, IN(struct drawn, to), .flags = M_NULL},
	{"drawn_on", M_DAY, IN(struct drawn, drawn_on), .flags = M_NULL},
	{"seed_hash", M_STRING, IN(struct drawn, seed_hash)},
	{"seed", M_STRING, IN(struct drawn, seed), .flags = M_NULL},
	{"list_hash", M_STRING, IN(struct drawn, list_hash), .flags = M_NULL},
	{"tickets", M_NUMBER, IN(struct drawn, tickets)},
	{"served", M_NUMBER, IN(struct drawn, served)},
	{"accepted", M_NUMBER, IN(struct drawn, accepted)},
	LIVEMODE,
	MEMBERS_END,
};

static int find_draw(struct db *db, const struct named *in, const struct rule **rule, struct draw *d,
		     struct err *err)
{
	int rc = rule_named(db, in->programme, in->version, rule, err);

	if (rc == 1)
		rc = draw_find(db, (*rule)->id, d, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL,
			       "No version of that name of that programme draws lots.");
	return rc == 1 ? 0 : -1;
}

static const char *state_of(const struct draw *d)
{
	if (d->closed_at == 0)
		return "open";
	return d->served < d->tickets ? "drawing" : "drawn";
}

static int show_draw(struct db *db, struct action_call *c, struct err *err)
{
	const struct asked *in = c->args;
	struct drawn *out = c->answer;
	const struct rule *rule;
	char hex[SHA256_HEX];
	struct draw d;

	if (find_draw(db, &in->named, &rule, &d, err) != 0)
		return -1;
	*out = (struct drawn){.programme = call_keep(c, rule->programme),
			      .version = call_keep(c, rule->version),
			      .state = state_of(&d),
			      .from = rule->intake_from,
			      .to = rule->intake_to,
			      .drawn_on = rule->intake_to + 1,
			      .seed_hash = call_keep(c, sha256_hex(d.seed_hash, hex)),
			      .tickets = d.tickets,
			      .served = d.served,
			      .accepted = d.accepted};
	/* The seed stays secret while a list can still grow. */
	if (d.closed_at != 0) {
		out->seed = call_keep(c, sha256_hex(d.seed, hex));
		out->list_hash = call_keep(c, sha256_hex(d.list_hash, hex));
	}
	return 0;
}

/* --- its list ----------------------------------------------------------------------- */

struct list_asked {
	struct page_in page;
	struct named named;
};

struct row {
	struct uuid ticket;
	int64_t number, rank;
	const char *state;
};

struct listed {
	struct page_out page;
};

static const struct member list_takes[] = {DRAW_TAKES(struct list_asked, named),
					   PAGE_TAKES(struct list_asked), MEMBERS_END};

static const struct member row_gives[] = {
	{"ticket", M_UUID, IN(struct row, ticket)},
	{"number", M_NUMBER, IN(struct row, number)},
	{"state", M_STRING, IN(struct row, state)},
	{"rank", M_NUMBER, IN(struct row, rank), .flags = M_NULL, .absent = -1},
	MEMBERS_END,
};

static const struct member list_gives[] = {PAGE_GIVES(struct listed, row_gives, struct row), MEMBERS_END};

static int list_tickets(struct db *db, struct action_call *c, struct err *err)
{
	const struct list_asked *in = c->args;
	const struct rule *rule;
	struct ticket *t;
	struct page page;
	struct row *rows;
	struct draw d;
	size_t n;

	if (find_draw(db, &in->named, &rule, &d, err) != 0)
		return -1;
	if (page_open(c, &page, err) != 0)
		return -1;
	if (d.closed_at == 0)
		return err_set(err, ERR_TOO_EARLY, NULL, "The list is published when the window has closed.");
	if ((t = page_rows(c, &page, sizeof *t, err)) == NULL ||
	    (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    ticket_list(db, rule->id, page.after, page.limit + 1, t, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct row){.ticket = t[i].uuid,
				       .number = ticket_number(&t[i]),
				       .state = ticket_state_name(t[i].state),
				       .rank = t[i].rank > 0 ? t[i].rank : -1};
	page_close(c, &page, rows, n, rows[page.limit - 1].number);
	return 0;
}

/* --- a sample --------------------------------------------------------------------------- */

struct month {
	char month[8];
};

struct sampled {
	char month[8];
	const char *seed_hash, *seed;
};

static const struct member sample_takes[] = {
	{"month", M_TEXT, IN(struct month, month), .flags = M_NEEDED | M_PATH | M_POSITION,
	 .example = "2026-01"},
	MEMBERS_END,
};

static const struct member sample_gives[] = {
	{"month", M_TEXT, IN(struct sampled, month)},
	{"seed_hash", M_STRING, IN(struct sampled, seed_hash)},
	{"seed", M_STRING, IN(struct sampled, seed), .flags = M_NULL},
	MEMBERS_END,
};

/* "2026-01"; 0 where it is none. */
static int month_of(const char *text, day_t *first)
{
	char day[DATE_TEXT + 8];

	snprintf(day, sizeof day, "%.12s-01", text);
	return day_parse(day, first) == 0;
}

static int show_sample(struct db *db, struct action_call *c, struct err *err)
{
	const struct month *in = c->args;
	struct sampled *out = c->answer;
	char hex[SHA256_HEX];
	struct sample s = {0};
	struct civil month = {0};
	day_t first = 0;
	int rc = 0;

	if (month_of(in->month, &first)) {
		month = day_to_civil(first);
		rc = sample_find(db, month.year * 100 + month.month, &s, err);
	}
	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(
			err, ERR_NOT_FOUND, NULL,
			"Nothing was declared in that month, written 2026-01, under a rule that samples.");
	snprintf(out->month, sizeof out->month, "%s", in->month);
	out->seed_hash = call_keep(c, sha256_hex(s.seed_hash, hex));
	if (ledger_today(c->ledger) >= (month.month == 12 ? day_from_civil(month.year + 1, 1, 1)
							  : day_from_civil(month.year, month.month + 1, 1)))
		out->seed = call_keep(c, sha256_hex(s.seed, hex));
	return 0;
}

/* --- the actions -------------------------------------------------------------------------- */

static const struct action draw = {
	.name = "draw show",
	.method = "GET",
	.path = "/v1/draws/{programme}/{version}",
	.takes = draw_takes,
	.takes_size = sizeof(struct asked),
	.gives = draw_gives,
	.gives_size = sizeof(struct drawn),
	.read = show_draw,
	.print = print_answer,
	.summary = "a draw: hash of its seed; once the window has closed the seed and the hash of the list",
};

static const struct action tickets = {
	.name = "draw tickets",
	.method = "GET",
	.path = "/v1/draws/{programme}/{version}/tickets",
	.takes = list_takes,
	.takes_size = sizeof(struct list_asked),
	.gives = list_gives,
	.gives_size = sizeof(struct listed),
	.read = list_tickets,
	.again = page_again,
	.print_part = print_answer,
	.summary = "its closed list: ids in the order of arrival, ranks",
};

static const struct action sample = {
	.name = "sample show",
	.method = "GET",
	.path = "/v1/samples/{month}",
	.takes = sample_takes,
	.takes_size = sizeof(struct month),
	.gives = sample_gives,
	.gives_size = sizeof(struct sampled),
	.read = show_sample,
	.print = print_answer,
	.summary =
		"a month's sample of declarations (2026-01): hash of its seed; once the month is over the seed",
};

const struct action *const actions_of_draws[] = {&draw, &tickets, &sample, NULL};
