/*
 * What holds for all operations, in words; their tags.
 */
#include <string.h>

#include "api/contract/parts.h"
#include "api/contract/put.h"
#include "api/frame/version.h"

static const char description[] =
	"The funding ledger of an individual learning account scheme. This document is made by the server from the "
	"tables that it serves by.\n\n"
	"**Values.** JSON in UTF-8. Amounts are whole numbers in minor units (cents) of the ledger's `currency`. Days "
	"are `YYYY-MM-DD` in the ledger's time zone, instants RFC 3339 in UTC. A member that an operation does not "
	"take is refused; in answers, ignore members that you do not know: new ones may be added.\n\n"
	"**Keys.** `Authorization: Bearer KEY`, or an access token in its place. A key belongs to a person and carries "
	"one role; `x-roles` names those that may call an operation.\n\n"
	"**Retries.** Every POST that writes takes an `Idempotency-Key` of your own making. Send the same request again under the "
	"same key after a lost answer: you get the first answer, marked `Idempotent-Replayed: true`. Answers, and "
	"refusals by rule, are kept for 400 days.\n\n"
	"**Lists** answer `data`, `has_more` and `next`; send `next` back as `after`. A cursor is good for its list, "
	"filter and role only.\n\n"
	"**What two persons decide.** The first call stores a proposal (202, or `awaiting` in the voucher); a second "
	"person confirms it by sending the same body.\n\n"
	"**Work in parts.** Where an answer says `finished: false`, send the request again with its `after`, each time "
	"under a new Idempotency-Key.\n\n"
	"**Bulk.** What is posted as `application/x-ndjson` is answered with a result for each line, in their order. Each "
	"line carries an `idempotency_key` of its own and is done, refused and kept for a retry by itself; a batch that "
	"was cut off is sent again as it is. A batch with more than 1,000 lines, or with one key twice, is refused as a "
	"whole.\n\n"
	"**Refusals** are problems of RFC 9457: `type` leads to a page about its `code`, `detail` has the figures, "
	"`cure` says what to do, `retryable` whether the same request may succeed later.";

void parts_info(struct buf *out)
{
	put_open(out, "info", '{');
	put_text(out, "title", "ila: a funding ledger");
	put_text(out, "version", ILA_VERSION);
	put_text(out, "description", description);
	put_raw(out, "license",
		"{\"name\":\"Terms of the operator of this ledger\",\"identifier\":\"LicenseRef-operator-terms\"}");
	put_close(out, '}');
}

/* What a tag, which is a segment of the path, stands for. */
static const struct {
	const char *tag, *is;
} words[] = {
	{"vouchers", "Vouchers: ordered, taken step by step to their payment, looked at."},
	{"requests", "Requests for a course, which its provider answers."},
	{"redemptions", "Codes handed over by learners: the training has begun."},
	{"bulk",
	 "Many redemptions, or steps of vouchers, in one request: NDJSON, each line done or refused by itself."},
	{"tickets", "Orders that wait for a draw by lot."},
	{"draws", "Draws by lot, for everybody to recompute."},
	{"samples", "Declarations drawn for control, for everybody to recompute."},
	{"learners", "Accounts of learners: rights, freezes, mandates, own money."},
	{"funds", "Funds: balances, movements, budgets, refunds."},
	{"contributions", "Money in."},
	{"reversals", "Records that were made by mistake, taken back."},
	{"topups", "Entitlement out of cash-backed funds."},
	{"courses", "The catalogue."},
	{"providers", "Providers and their standing."},
	{"organisations", "Bank accounts of organisations."},
	{"bank-lines", "Lines of bank statements, and what they are."},
	{"conflicts", "Conflicts of interest."},
	{"alerts", "What to look at."},
	{"programmes", "Programmes and their close-down."},
	{"payments", "Payments: ordered, confirmed, rejected."},
	{"credit-notes", "Learners' own money, paid back."},
	{"payment-files", "Files of payments for the bank."},
	{"accruals", "The yearly right."},
	{"imports", "Files taken in."},
	{"year-ends", "The end of a budget year."},
	{"periods", "Accounting periods."},
	{"keys", "API keys."},
	{"reports", "Reports as CSV."},
	{"journal", "The journal, entry by entry."},
	{"ledger", "The ledger's currency, zone and clock."},
	{"sandbox", "The clock of a sandbox."},
	{"clock", "The computer's clock."},
	{"timers", "What is due."},
	{"persons", "Who acts in the ledger."},
	{"roles", "Roles of persons."},
	{"openapi", "This document."},
	{"events", "What happened, in order: what webhooks are told of."},
	{"webhooks", "Addresses that are told what happens, and what they are sent."},
	{"mandates", "Mandates that learners gave to unions."},
	{"decisions", "What two persons decide, and what of it waits for the second."},
	{"work", "What waits for whoever asks, by day, with the action that does it."},
	{"quotes", "What an order would cost and draw; nothing is ordered."},
	{"server", "The server itself, and its pages for people."},
};

/* Has an earlier operation that tag? */
static int is_told(size_t before, const char *tag)
{
	for (size_t i = 0; i < before; i++)
		if (strcmp(operation_at(i)->tag, tag) == 0)
			return 1;
	return 0;
}

static void put_tag(const char *tag, struct buf *out)
{
	size_t i = 0;

	while (i < sizeof words / sizeof words[0] && strcmp(words[i].tag, tag) != 0)
		i++;
	put_item(out);
	buf_char(out, '{');
	put_text(out, "name", tag);
	if (i < sizeof words / sizeof words[0])
		put_text(out, "description", words[i].is);
	buf_char(out, '}');
}

void parts_tags(struct buf *out)
{
	const struct operation *o;

	put_open(out, "tags", '[');
	for (size_t i = 0; (o = operation_at(i)) != NULL; i++)
		if (!is_told(i, o->tag))
			put_tag(o->tag, out);
	put_close(out, ']');
}
