/*
 * Tickets of a draw: what has become of one, the voucher it became, whose code is
 * made from this request as that of a direct order is from its own.
 */
#include "api/actions/all.h"
#include "api/frame/page.h"
#include "api/frame/words.h"
#include "api/views/ticket_view.h"
#include "api/views/voucher_view.h"
#include "ledger/registers/learner.h"
#include "ledger/voucher/voucher.h"

struct named {
	struct uuid id;
};

static const struct member takes[] = {
	{"id", M_UUID, IN(struct named, id), .flags = M_NEEDED | M_PATH | M_POSITION,
	 .noun = "a ticket's id (a UUID)", .option = "TICKET",
	 .example = "0198c0de-0000-7000-8000-000000000001"},
	MEMBERS_END,
};

static const struct member voucher_gives[] = {
	{"", M_INLINE, .offset = 0, .size = sizeof(struct voucher_view), .of = voucher_members},
	MEMBERS_END,
};

static const struct member ticket_gives[] = {
	{"", M_INLINE, .offset = 0, .size = sizeof(struct ticket_view), .of = ticket_members},
	MEMBERS_END,
};

static int show(struct db *db, struct action_call *c, struct err *err)
{
	const struct named *in = c->args;
	struct ticket t;
	int rc = ticket_find(db, &in->id, &t, err);

	/* Unknown and not for this portal look alike. */
	if (rc == 1)
		rc = ticket_may_read(&t, &c->actor);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "Nothing has that id.");
	return rc == 1 ? ticket_view(db, &t, c, c->answer, err) : -1;
}

static void print_ticket(FILE *out, const struct action_call *c, const void *answer)
{
	(void)c;
	ticket_print(out, answer);
}

static int collect(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct named *in = c->args;
	struct voucher v;

	if (ticket_collect(tx, &in->id, ledger_master(c->ledger), &v, err) != 0)
		return -1;
	return voucher_view(tx->db, &v, c, VIEW_CODE, c->answer, err);
}

static void print_voucher(FILE *out, const struct action_call *c, const void *answer)
{
	voucher_print(out, c, answer);
}

/* --- of a learner ----------------------------------------------------------------------- */

struct list_asked {
	struct page_in page;
	char id[CODE_MAX + 1];
};

struct listed {
	struct page_out page;
};

static const struct member list_takes[] = {
	PAGE_TAKES(struct list_asked),
	LEARNER_TAKES(struct list_asked, id),
	MEMBERS_END,
};

static const struct member list_gives[] = {PAGE_GIVES(struct listed, ticket_members, struct ticket_view),
					   MEMBERS_END};

static int list(struct db *db, struct action_call *c, struct err *err)
{
	const struct list_asked *in = c->args;
	struct ticket_view *rows;
	struct ticket *tickets;
	struct learner learner;
	struct page page;
	size_t n;

	if (page_open(c, &page, err) != 0 ||
	    learner_need_own(db, &c->actor, in->id, NULL, &learner, err) != 0 ||
	    (tickets = page_rows(c, &page, sizeof *tickets, err)) == NULL ||
	    (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    ticket_of_learner(db, learner.id, c->actor.org, page.after, page.limit + 1, tickets, &n, err) !=
		    0)
		return -1;
	for (size_t i = 0; i < n && i < page.limit; i++)
		if (ticket_view(db, &tickets[i], c, &rows[i], err) != 0)
			return -1;
	page_close(c, &page, rows, n, n > page.limit ? tickets[page.limit - 1].id : 0);
	return 0;
}

static void print_tickets(FILE *out, const struct action_call *c, const void *answer)
{
	const struct listed *listed = answer;
	const struct ticket_view *row = listed->page.data.at;

	for (size_t i = 0; i < listed->page.data.count; i++)
		ticket_print(out, &row[i]);
	if (listed->page.data.count == 0 && c->part == 0 && !listed->page.has_more)
		fputs("none\n", out);
}

/* --- the actions ------------------------------------------------------------------------ */

static const struct action of_learner = {
	.name = "learner tickets",
	.method = "GET",
	.path = "/v1/learners/{id}/tickets",
	.roles = BY(PORTAL),
	.takes = list_takes,
	.takes_size = sizeof(struct list_asked),
	.gives = list_gives,
	.gives_size = sizeof(struct listed),
	.read = list,
	.again = page_again,
	.print_part = print_tickets,
	.summary = "all orders of a learner that waited or wait for a draw, whose codes were shown or not",
};

static const struct action shown = {
	.name = "ticket show",
	.method = "GET",
	.path = "/v1/tickets/{id}",
	.roles = BY(PORTAL),
	.takes = takes,
	.takes_size = sizeof(struct named),
	.gives = ticket_gives,
	.gives_size = sizeof(struct ticket_view),
	.read = show,
	.print = print_ticket,
	.summary = "an order that waits for its draw: state, rank, voucher or refusal",
};

static const struct action collected = {
	.name = "ticket collect",
	.method = "POST",
	.path = "/v1/tickets/{id}/collect",
	.roles = BY(PORTAL),
	.takes = takes,
	.takes_size = sizeof(struct named),
	.gives = voucher_gives,
	.gives_size = sizeof(struct voucher_view),
	.run = collect,
	.print = print_voucher,
	.summary = "the voucher of an accepted ticket; shows the code once",
};

const struct action *const actions_of_tickets[] = {&shown, &collected, &of_learner, NULL};
