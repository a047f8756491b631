/*
 * The lines of bank statements: what the ledger matches, what waits, and what a person says it is.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "api/frame/say.h"
#include "api/frame/words.h"
#include "ledger/treasury/bank_match.h"
#include "ledger/treasury/bank_resolve.h"

/* --- a line ---------------------------------------------------------------------- */

struct part {
	const char *purpose, *subject;
	int64_t amount;
	day_t entered_on;
	const char *entered_by, *reason;
};

struct row {
	int64_t id;
	const char *bank_account, *statement;
	int64_t line, amount, waiting;
	day_t booked_on, value_on;
	const char *reference, *end_to_end, *batch, *label, *returned, *why;
	struct list parts;
};

static const struct member part_gives[] = {
	{"purpose", M_STRING, IN(struct part, purpose)},
	{"subject", M_STRING, IN(struct part, subject)},
	{"amount", M_AMOUNT, IN(struct part, amount)},
	{"entered_on", M_DAY, IN(struct part, entered_on)},
	{"entered_by", M_STRING, IN(struct part, entered_by)},
	{"reason", M_STRING, IN(struct part, reason), .flags = M_OMIT},
	MEMBERS_END,
};

/* One of a list. */
struct only {
	struct row row;
};

#define LINE_GIVES(t, m)                                                                                     \
	{"id", M_NUMBER, IN(t, m.id)}, {"bank_account", M_STRING, IN(t, m.bank_account)},                    \
		{"statement", M_STRING, IN(t, m.statement)}, {"line", M_NUMBER, IN(t, m.line)},              \
		{"booked_on", M_DAY, IN(t, m.booked_on)}, {"value_on", M_DAY, IN(t, m.value_on)},            \
		{"amount", M_AMOUNT, IN(t, m.amount)}, CURRENCY, {"waiting", M_AMOUNT, IN(t, m.waiting)},    \
		{"reference", M_STRING, IN(t, m.reference), .flags = M_OMIT},                                \
		{"end_to_end", M_STRING, IN(t, m.end_to_end), .flags = M_OMIT},                              \
		{"batch", M_STRING, IN(t, m.batch), .flags = M_OMIT},                                        \
		{"label", M_STRING, IN(t, m.label), .flags = M_OMIT},                                        \
		{"returned", M_STRING, IN(t, m.returned), .flags = M_OMIT},                                  \
		{"why", M_STRING, IN(t, m.why), .flags = M_OMIT},                                            \
	{                                                                                                    \
		"parts", M_LIST, IN(t, m.parts), .of = part_gives, .item = sizeof(struct part)               \
	}

static int fill_parts(struct db *db, struct action_call *c, int64_t line, struct list *list, struct err *err)
{
	struct bank_part from[BANK_PARTS_MAX];
	struct part *to;
	size_t n;

	if (bank_part_list(db, line, BANK_PARTS_MAX, from, &n, err) != 0 ||
	    list_make(list, c->arena, n, sizeof *to, err) != 0)
		return -1;
	to = list->at;
	for (size_t i = 0; i < n; i++)
		to[i] = (struct part){bank_purpose_name(from[i].purpose),
				      call_keep(c, from[i].subject),
				      from[i].amount,
				      from[i].entered_on,
				      call_keep(c, from[i].entered_by),
				      from[i].reason[0] != '\0' ? call_keep(c, from[i].reason) : NULL};
	return 0;
}

static const char *keep(struct action_call *c, const char *text)
{
	return text[0] != '\0' ? call_keep(c, text) : NULL;
}

static int fill(struct db *db, struct action_call *c, const struct bank_line *l, struct row *row,
		struct err *err)
{
	struct bank_statement s;
	struct bank_match m = {0};

	if (bank_statement_get(db, l->statement, &s, err) != 0)
		return -1;
	if (l->waiting != 0 && bank_line_look(db, c->settings->exponent, l, &m, err) < 0)
		return -1;
	*row = (struct row){.id = l->id,
			    .bank_account = call_keep(c, s.account),
			    .statement = call_keep(c, s.reference),
			    .line = l->line,
			    .amount = l->amount,
			    .waiting = l->waiting,
			    .booked_on = l->booked_on,
			    .value_on = l->value_on,
			    .reference = keep(c, l->reference),
			    .end_to_end = keep(c, l->end_to_end),
			    .batch = keep(c, l->batch),
			    .label = keep(c, l->label),
			    .returned = keep(c, l->returned),
			    .why = keep(c, m.why.text)};
	return fill_parts(db, c, l->id, &row->parts, err);
}

/* --- list ------------------------------------------------------------------------- */

#define LOOKED_AT_MAX 500 /* by one page */

enum which { OPEN, ALL };

struct asked {
	struct page_in page;
	enum which state;
	char bank_account[CODE_MAX + 1];
	char end_to_end[END_TO_END_MAX + 1];
	day_t booked_from, booked_to;
};

struct listed {
	struct page_out page;
};

static const char *which_word(int value)
{
	return value == OPEN ? "open" : value == ALL ? "all" : NULL;
}

static const struct member row_gives[] = {LINE_GIVES(struct only, row), MEMBERS_END};

static const struct member list_takes[] = {
	PAGE_TAKES(struct asked),
	{"state", M_ONE_OF, IN(struct asked, state), .flags = M_QUERY, .word = which_word,
	 .help = "open: those that wait (the default); all", .example = "open"},
	{"bank_account", M_CODE, IN(struct asked, bank_account), .flags = M_QUERY, .example = "CDC-CPF"},
	{"end_to_end", M_TEXT, IN(struct asked, end_to_end), .flags = M_QUERY,
	 .help = "the reference of a payment or of who paid", .example = "CALL-1"},
	{"booked_from", M_DAY, IN(struct asked, booked_from), .flags = M_QUERY,
	 .help = "first day of the bank", .example = "2026-01-01"},
	{"booked_to", M_DAY, IN(struct asked, booked_to), .flags = M_QUERY, .help = "last day of the bank",
	 .example = "2026-01-31"},
	MEMBERS_END,
};

static const struct member list_gives[] = {PAGE_GIVES(struct listed, row_gives, struct row), MEMBERS_END};

/* 1 it is asked for, 0, -1.  Lines of one statement follow each other: s is the last that was read. */
static int is_asked(struct db *db, const struct asked *in, const struct bank_line *l,
		    struct bank_statement *s, struct err *err)
{
	if ((in->booked_from != DAY_NONE && l->booked_on < in->booked_from) ||
	    (in->booked_to != DAY_NONE && l->booked_on > in->booked_to))
		return 0;
	if (in->bank_account[0] == '\0')
		return 1;
	if (s->id != l->statement && bank_statement_get(db, l->statement, s, err) != 0)
		return -1;
	return strcmp(s->account, in->bank_account) == 0;
}

/* How many lines this page looks at: one more than it gives, where each is one of the list. */
static size_t looked_at(const struct asked *in, const struct page *page)
{
	int all = in->bank_account[0] == '\0' && in->booked_from == DAY_NONE && in->booked_to == DAY_NONE;

	return all ? page->limit + 1 : LOOKED_AT_MAX;
}

static int read_lines(struct db *db, const struct asked *in, const struct page *page, struct bank_line *from,
		      size_t *found, struct err *err)
{
	size_t most = looked_at(in, page);

	return in->end_to_end[0] != '\0'
		       ? bank_line_named(db, in->end_to_end, in->state == OPEN, page->after, most, from,
					 found, err)
		       : bank_line_list(db, in->state == OPEN, page->after, most, from, found, err);
}

static int list(struct db *db, struct action_call *c, struct err *err)
{
	const struct asked *in = c->args;
	struct bank_statement s = {.id = 0};
	struct bank_line *from;
	size_t found, i, n = 0;
	struct page page;
	struct row *rows;
	int rc = 0;

	if (page_open(c, &page, err) != 0 || (rows = page_rows(c, &page, sizeof *rows, err)) == NULL)
		return -1;
	from = arena_alloc(c->arena, looked_at(in, &page) * sizeof *from);
	if (from == NULL)
		return err_set(err, ERR_LIMIT, NULL, "The request is too large.");
	if (read_lines(db, in, &page, from, &found, err) != 0)
		return -1;
	for (i = 0; i < found && n < page.limit && rc >= 0; i++) {
		rc = is_asked(db, in, &from[i], &s, err);
		if (rc == 1)
			rc = fill(db, c, &from[i], &rows[n++], err);
	}
	if (rc < 0)
		return -1;
	page_give(c, &page, rows, n, i < found || found == looked_at(in, &page), i > 0 ? from[i - 1].id : 0);
	return 0;
}

/* --- match ------------------------------------------------------------------------- */

struct match {
	int64_t after;
};

struct matched {
	int64_t matched, waiting, after;
	int finished;
};

static const struct member match_takes[] = {
	{"after", M_NUMBER, IN(struct match, after), .flags = M_GO_ON,
	 .help = "go on from an earlier answer's after"},
	MEMBERS_END,
};

static const struct member match_gives[] = {
	{"matched", M_NUMBER, IN(struct matched, matched)},
	{"waiting", M_NUMBER, IN(struct matched, waiting)},
	{"after", M_NUMBER, IN(struct matched, after)},
	{"finished", M_FLAG, IN(struct matched, finished)},
	MEMBERS_END,
};

static int match(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct match *in = c->args;
	struct matched *out = c->answer;
	struct bank_match_run run = {.after = in->after};

	if (bank_match_next(tx, &run, err) != 0)
		return -1;
	*out = (struct matched){run.matched, run.waiting, run.after, run.finished};
	return 0;
}

static int match_again(struct action_call *c, void *total)
{
	struct match *in = c->args;
	const struct matched *part = c->answer;
	struct matched *all = total;

	all->matched += part->matched;
	all->waiting += part->waiting;
	in->after = part->after;
	return !part->finished;
}

static void print_matched(FILE *out, const struct action_call *c, const void *answer)
{
	const struct matched *m = answer;

	(void)c;
	fprintf(out, "%lld bank line%s matched, %lld still wait%s\n", (long long)m->matched,
		m->matched == 1 ? "" : "s", (long long)m->waiting, m->waiting == 1 ? "s" : "");
}

/* --- resolve ------------------------------------------------------------------------ */

struct resolve {
	struct bank_resolution r;
};

struct resolved {
	struct row row;
	int64_t decision; /* 0 it took one person */
	const char *decided;
};

/* The purposes that a person may say, in the order of their numbers. */
static const char *purpose_word(int value)
{
	enum bank_purpose found;

	if (value >= BANK_PURPOSE__MAX)
		return NULL;
	return value > BANK_UNKNOWN &&
			       bank_purpose_find(bank_purpose_name((enum bank_purpose)value), &found) == 0
		       ? bank_purpose_name((enum bank_purpose)value)
		       : "";
}

static const struct member resolve_takes[] = {
	{"id", M_NUMBER, IN(struct resolve, r.line), .flags = M_NEEDED | M_PATH | M_POSITION, .absent = -1,
	 .noun = "the id of a bank line", .option = "LINE", .example = "1"},
	{"purpose", M_ONE_OF, IN(struct resolve, r.purpose), .flags = M_NEEDED, .word = purpose_word,
	 .help = "what it is", .example = "payment"},
	{"subject", M_CODE, IN(struct resolve, r.subject), .flags = M_NEEDED,
	 .help = "of what: a fund, a call, the id of a payment or voucher, the number of an entry",
	 .example = "cpf-law"},
	{"amount", M_AMOUNT, IN(struct resolve, r.amount), .help = "of this part (all that waits)",
	 .example = "1000.00"},
	{"fee", M_AMOUNT, IN(struct resolve, r.fee),
	 .help = "settlement: what the card acquirer kept of the amount", .example = "1.20"},
	{"fee_fund", M_CODE, IN(struct resolve, r.fee_fund),
	 .help = "the fund that bears it (that of the co-payment)", .example = "acme-2026"},
	{"reason", M_WORD, IN(struct resolve, r.reason), .flags = M_NEEDED, .help = "why, in a word",
	 .example = "sender_confirmed"},
	{"entered_on", M_DAY, IN(struct resolve, r.on),
	 .help = "value date of the entry (the bank's day), where that period is closed",
	 .example = "2026-01-30"},
	MEMBERS_END,
};

static const struct member resolve_gives[] = {
	LINE_GIVES(struct resolved, row),
	{"decision", M_NUMBER, IN(struct resolved, decision), .flags = M_OMIT},
	{"state", M_STRING, IN(struct resolved, decided)},
	MEMBERS_END,
};

static int resolve(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct resolve *in = c->args;
	struct resolved *out = c->answer;
	struct decision d = {0};
	struct bank_line l;
	int rc = bank_line_resolve(tx, &in->r, &l, &d, err);

	if (rc < 0 || fill(tx->db, c, &l, &out->row, err) != 0)
		return -1;
	out->decision = d.number;
	out->decided = rc == 0 ? "proposed" : l.waiting != 0 ? "open" : "entered";
	c->status = rc == 0 ? 202 : 201;
	return 0;
}

static void print_resolved(FILE *out, const struct action_call *c, const void *answer)
{
	const struct resolved *r = answer;
	char amount[SAY_MONEY], waits[SAY_MONEY];

	fprintf(out, "bank line %lld of %s: ", (long long)r->row.id,
		say_money(c->settings, r->row.amount, amount));
	if (strcmp(r->decided, "proposed") == 0)
		fputs("awaits confirmation by a second person\n", out);
	else if (r->row.waiting != 0)
		fprintf(out, "%s still waits\n", say_money(c->settings, r->row.waiting, waits));
	else
		fputs("entered\n", out);
}

/* --- the actions ---------------------------------------------------------------------- */

static const struct action listing = {
	.name = "bank lines",
	.method = "GET",
	.path = "/v1/bank-lines",
	.roles = BY(ACCOUNTANT) | BY(AUTHORISER) | BY(OPERATOR) | BY(CONTROLLER) | BY(AUDITOR),
	.takes = list_takes,
	.takes_size = sizeof(struct asked),
	.gives = list_gives,
	.gives_size = sizeof(struct listed),
	.read = list,
	.again = page_again,
	.print_part = print_answer,
	.summary = "lines of bank statements: those that wait, with what speaks against a match; or all",
};

static const struct action matching = {
	.name = "bank match",
	.method = "POST",
	.path = "/v1/bank-lines/match",
	.roles = BY(ACCOUNTANT),
	.takes = match_takes,
	.takes_size = sizeof(struct match),
	.gives = match_gives,
	.gives_size = sizeof(struct matched),
	.run = match,
	.again = match_again,
	.print = print_matched,
	.summary = "enter what the lines that wait say of payments, calls and card payments",
	.over_http = "some lines a call: again with after until finished",
};

static const struct action resolving = {
	.name = "bank resolve",
	.method = "POST",
	.path = "/v1/bank-lines/{id}/resolve",
	.roles = BY(ACCOUNTANT) | BY(OPERATOR),
	.takes = resolve_takes,
	.takes_size = sizeof(struct resolve),
	.gives = resolve_gives,
	.gives_size = sizeof(struct resolved),
	.run = resolve,
	.print = print_resolved,
	.summary = "say what a line is that waits; what creates money takes a second person",
};

const struct action *const actions_of_bank_lines[] = {&listing, &matching, &resolving, NULL};
