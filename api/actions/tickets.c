/*
 * Tickets of a draw: what has become of one, the voucher it became, whose code is
 * made from this request as that of a direct order is from its own.
 */
#include "api/actions/all.h"
#include "api/views/ticket_view.h"
#include "api/views/voucher_view.h"
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

const struct action *const actions_of_tickets[] = {&shown, &collected, NULL};
