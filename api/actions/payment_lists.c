/*
 * Payments in pages, and what one of them pays: what a provider reconciles, and an accountant looks for.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "api/frame/say.h"
#include "ledger/lists/payment_list.h"
#include "ledger/oversight/bank_change.h"
#include "ledger/treasury/bank_transfer.h"

/* --- a payment --------------------------------------------------------------------- */

struct row {
	struct uuid id;
	const char *state, *kind, *provider, *provider_name, *fund, *learner, *reference, *iban, *end_to_end,
		*bank_reference, *ordered_by, *noted, *returned;
	int64_t amount, vouchers;
	day_t ordered_on, settled_on;
	int proposed;
	struct list lines; /* of one that is shown */
};

struct line {
	struct uuid voucher;
	const char *course, *invoice;
	int64_t amount;
};

static const char *state_word(int value)
{
	return value > PAYMENT_REJECTED ? NULL
	       : value == 0             ? ""
					: payment_state_name((enum payment_state)value);
}

static const char *kind_word(int value)
{
	static const char *const names[] = {[PAYMENT_FINAL] = "final",
					    [PAYMENT_ADVANCE] = "advance",
					    [PAYMENT_REFUND] = "refund",
					    [PAYMENT_BACK] = "own_money"};

	return value > PAYMENT_BACK ? NULL : value < PAYMENT_FINAL ? "" : names[value];
}

static const struct member line_gives[] = {
	{"voucher", M_UUID, IN(struct line, voucher)},
	{"course", M_STRING, IN(struct line, course)},
	{"invoice", M_STRING, IN(struct line, invoice), .flags = M_OMIT},
	{"amount", M_AMOUNT, IN(struct line, amount)},
	MEMBERS_END,
};

#define ROW_GIVES(t, m)                                                                                      \
	{"id", M_UUID, IN(t, m id)}, {"state", M_STRING, IN(t, m state), .flags = M_BARE},                   \
		{"kind", M_STRING, IN(t, m kind), .flags = M_BARE},                                          \
		{"proposed", M_FLAG, IN(t, m proposed), .flags = M_OMIT},                                    \
		{"provider", M_STRING, IN(t, m provider), .flags = M_OMIT},                                  \
		{"provider_name", M_STRING, IN(t, m provider_name), .flags = M_OMIT},                        \
		{"fund", M_STRING, IN(t, m fund), .flags = M_OMIT},                                          \
		{"learner", M_STRING, IN(t, m learner), .flags = M_OMIT},                                    \
		{"reference", M_STRING, IN(t, m reference), .flags = M_OMIT},                                \
		{"amount", M_AMOUNT, IN(t, m amount)}, CURRENCY, {"vouchers", M_NUMBER, IN(t, m vouchers)},  \
		{"iban", M_STRING, IN(t, m iban), .flags = M_OMIT},                                          \
		{"end_to_end", M_STRING, IN(t, m end_to_end)},                                               \
		{"bank_reference", M_STRING, IN(t, m bank_reference), .flags = M_OMIT},                      \
		{"returned", M_STRING, IN(t, m returned), .flags = M_OMIT},                                  \
		{"ordered_on", M_DAY, IN(t, m ordered_on)},                                                  \
		{"ordered_by", M_STRING, IN(t, m ordered_by), .flags = M_OMIT},                              \
		{"external_reference", M_STRING, IN(t, m noted), .flags = M_OMIT},                           \
	{                                                                                                    \
		"settled_on", M_DAY, IN(t, m settled_on), .flags = M_NULL                                    \
	}

/* Who is paid is not told who of the authority ordered it, nor under which reference. */
static void fill(struct action_call *c, const struct payment_row *from, struct row *to)
{
	int is_staff = c->actor.role != ROLE_PROVIDER && c->actor.role != ROLE_FUNDER;
	int is_back = from->p.kind == PAYMENT_BACK;
	char end_to_end[END_TO_END_TEXT], masked[BANK_MASKED];

	*to = (struct row){
		.id = from->p.uuid,
		.state = payment_state_name(from->p.state),
		.kind = kind_word((int)from->p.kind),
		.provider = is_back ? "" : call_keep(c, from->payee),
		.provider_name = is_back ? "" : call_keep(c, from->payee_name),
		.fund = call_keep(c, from->fund),
		.learner = call_keep(c, from->learner),
		.reference = call_keep(c, from->reference),
		.iban = from->p.iban[0] != '\0' ? call_keep(c, bank_change_mask(from->p.iban, masked)) : "",
		.end_to_end = call_keep(c, payment_end_to_end(&from->p, end_to_end)),
		.bank_reference = call_keep(c, from->p.bank_reference),
		.returned = "",
		.noted = is_staff ? call_keep(c, from->noted) : "",
		.ordered_by = is_staff ? call_keep(c, from->p.ordered_by) : "",
		.amount = from->p.amount,
		.vouchers = from->vouchers,
		.ordered_on = from->p.ordered_on,
		.settled_on = from->p.settled_on,
		.proposed = payment_is_proposed(&from->p)};
}

/* Of one that the bank sent back, why: by an ISO code, where a line of its statement said so. */
static int tell_returned(struct db *db, struct action_call *c, const struct payment *p, struct row *to,
			 struct err *err)
{
	char code[BANK_RETURNED_TEXT];
	int rc = p->state == PAYMENT_REJECTED ? bank_transfer_returned(db, p, code, err) : 0;

	if (rc == 1)
		to->returned = call_keep(c, code);
	return rc < 0 ? -1 : 0;
}

/* --- list ------------------------------------------------------------------------------ */

struct asked {
	struct page_in page;
	unsigned states, kinds;
	char provider[CODE_MAX + 1], reference[CODE_MAX + 1];
	int64_t changed_since;
};

struct listed {
	struct page_out page;
};

static const struct member list_takes[] = {
	PAGE_TAKES(struct asked),
	{"state", M_SET, IN(struct asked, states), .flags = M_QUERY, .word = state_word,
	 .help = "one of these, with commas between", .example = "ordered"},
	{"kind", M_SET, IN(struct asked, kinds), .flags = M_QUERY, .word = kind_word,
	 .help = "one of these: own_money goes back to a learner", .example = "final"},
	{"provider", M_CODE, IN(struct asked, provider), .flags = M_QUERY, .help = "who is paid",
	 .example = "00010022200017"},
	{"changed_since", M_INSTANT, IN(struct asked, changed_since), .flags = M_QUERY,
	 .help = "ordered or settled from that instant on", .example = "2026-01-05T00:00:00Z"},
	{"external_reference", M_CODE, IN(struct asked, reference), .flags = M_QUERY,
	 .help = "what the authority noted on it", .example = "RUN-2026-03"},
	MEMBERS_END,
};

static const struct member row_gives[] = {ROW_GIVES(struct row, ), MEMBERS_END};
static const struct member list_gives[] = {PAGE_GIVES(struct listed, row_gives, struct row), MEMBERS_END};

/* What an organisation is paid in that role. */
static unsigned own_kinds(const struct action_call *c)
{
	if (c->actor.role == ROLE_PROVIDER)
		return STATE_BIT(PAYMENT_FINAL) | STATE_BIT(PAYMENT_ADVANCE);
	return c->actor.role == ROLE_FUNDER ? STATE_BIT(PAYMENT_REFUND) : 0;
}

#define NOBODY (-1)

static int take_filter(struct db *db, const struct action_call *c, struct payment_filter *f, struct err *err)
{
	const struct asked *in = c->args;
	unsigned own = own_kinds(c);
	struct org payee;

	*f = (struct payment_filter){
		.states = in->states, .kinds = in->kinds, .since_known = in->changed_since != 0};
	memcpy(f->reference, in->reference, sizeof f->reference);
	if (own != 0 && in->reference[0] != '\0')
		return err_set(err, ERR_FORBIDDEN, "external_reference",
			       "A key of role %s finds no payments by external_reference.",
			       role_name((enum role)c->actor.role));
	if (in->provider[0] != '\0' && org_need(db, in->provider, "provider", &payee, err) != 0)
		return -1;
	if (in->provider[0] != '\0')
		f->payee = payee.id;
	if (own != 0) {
		f->payee = f->payee == 0 || f->payee == c->actor.org ? c->actor.org : NOBODY;
		f->kinds = f->kinds == 0 ? own : f->kinds & own;
		if (f->kinds == 0)
			f->payee = NOBODY;
	}
	return f->since_known ? voucher_since(db, in->changed_since, &f->since, err) : 0;
}

struct filling {
	struct db *db;
	struct action_call *call;
	struct row *rows;
	size_t count;
};

static int add_row(void *arg, const struct payment_row *row, struct err *err)
{
	struct filling *f = arg;
	struct row *to = &f->rows[f->count++];

	fill(f->call, row, to);
	return tell_returned(f->db, f->call, &row->p, to, err);
}

static int list(struct db *db, struct action_call *c, struct err *err)
{
	struct filling filling = {.db = db, .call = c};
	struct payment_filter filter;
	struct list_page part;
	struct page page;

	if (page_open(c, &page, err) != 0 || take_filter(db, c, &filter, err) != 0 ||
	    (filling.rows = page_rows(c, &page, sizeof *filling.rows, err)) == NULL)
		return -1;
	part = (struct list_page){.after = page.after, .max = page.limit};
	if (payment_list(db, &filter, &part, add_row, &filling, err) != 0)
		return -1;
	page_give(c, &page, filling.rows, filling.count, part.has_more, part.next);
	return 0;
}

/* --- show ---------------------------------------------------------------------------------- */

struct named {
	struct uuid id;
};

struct shown {
	struct row row;
};

static const struct member show_takes[] = {
	{"id", M_UUID, IN(struct named, id), .flags = M_NEEDED | M_PATH | M_POSITION, .option = "PAYMENT",
	 .noun = "a payment's id (a UUID)", .example = "0198c0de-0000-7000-8000-000000000001"},
	MEMBERS_END,
};

static const struct member show_gives[] = {
	ROW_GIVES(struct shown, row.),
	{"lines", M_LIST, IN(struct shown, row.lines), .of = line_gives, .item = sizeof(struct line)},
	LIVEMODE,
	MEMBERS_END,
};

static int fill_lines(struct db *db, struct action_call *c, int64_t payment, struct list *to, struct err *err)
{
	struct payment_line_row from[PAYMENT_LINES_MAX];
	struct line *line;
	size_t n;

	if (payment_lines(db, payment, from, &n, err) != 0 ||
	    list_make(to, c->arena, n, sizeof *line, err) != 0)
		return -1;
	line = to->at;
	for (size_t i = 0; i < n; i++)
		line[i] = (struct line){from[i].voucher, call_keep(c, from[i].course),
					call_keep(c, from[i].invoice), from[i].amount};
	return 0;
}

static int show(struct db *db, struct action_call *c, struct err *err)
{
	const struct named *in = c->args;
	struct shown *out = c->answer;
	unsigned own = own_kinds(c);
	struct payment_row p;
	int rc = payment_find_row(db, &in->id, &p, err);

	/* Unknown and not for this reader look alike. */
	if (rc == 1 && own != 0 && (p.p.provider != c->actor.org || (own & STATE_BIT(p.p.kind)) == 0))
		rc = 0;
	if (rc != 1)
		return rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, NULL, "Nothing has that id.");
	fill(c, &p, &out->row);
	c->version = p.p.seq;
	if (tell_returned(db, c, &p.p, &out->row, err) != 0)
		return -1;
	return fill_lines(db, c, p.p.id, &out->row.lines, err);
}

/* --- the actions ------------------------------------------------------------------------------ */

#define WHO                                                                                                  \
	(BY(PROVIDER) | BY(FUNDER) | BY(OPERATOR) | BY(CONTROLLER) | BY(AUTHORISER) | BY(ACCOUNTANT) |       \
	 BY(AUDITOR))

static const struct action listing = {
	.name = "payment list",
	.method = "GET",
	.path = "/v1/payments",
	.roles = WHO,
	.takes = list_takes,
	.takes_size = sizeof(struct asked),
	.gives = list_gives,
	.gives_size = sizeof(struct listed),
	.read = list,
	.again = page_again,
	.print_part = print_answer,
	.summary = "payments, newest first: proposed, at the bank, paid, rejected; one's own",
};

static const struct action showing = {
	.name = "payment show",
	.method = "GET",
	.path = "/v1/payments/{id}",
	.roles = WHO,
	.takes = show_takes,
	.takes_size = sizeof(struct named),
	.gives = show_gives,
	.gives_size = sizeof(struct shown),
	.read = show,
	.print = print_answer,
	.summary = "a payment with the vouchers that it pays, and their invoices",
};

const struct action *const actions_of_payment_lists[] = {&listing, &showing, NULL};
