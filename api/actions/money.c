/*
 * Money in: contributions to funds; entitlement out of them: top-ups; and both taken back.
 */
#include <inttypes.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "api/frame/say.h"
#include "api/frame/words.h"
#include "ledger/rights/topup.h"
#include "ledger/treasury/cash.h"
#include "ledger/treasury/reversal.h"

/* --- contributions --------------------------------------------------------------- */

static const char *kind_word(int value)
{
	if (value > CONTRIBUTION_SETTLEMENT)
		return NULL;
	return value < CONTRIBUTION_CALL ? "" : contribution_kind_name((enum contribution_kind)value);
}

struct contribute {
	struct contribution contribution;
	struct metadata noted;
};

struct contributed {
	struct contribution contribution;
	int64_t seq; /* -1: it awaits a second person */
	int is_new;
	int64_t decision; /* 0 it took one person */
	const char *state;
	struct metadata_told noted;
};

static const struct member contribute_takes[] = {
	{"reference", M_CODE, IN(struct contribute, contribution.reference), .flags = M_NEEDED | M_POSITION,
	 .help = "unique for ever", .example = "STATE-2026-1"},
	{"kind", M_ONE_OF, IN(struct contribute, contribution.kind), .flags = M_NEEDED, .word = kind_word,
	 .example = "payment"},
	{"fund", M_CODE, IN(struct contribute, contribution.fund), .flags = M_NEEDED, .example = "cpf-law"},
	{"amount", M_AMOUNT, IN(struct contribute, contribution.amount), .flags = M_NEEDED,
	 .example = "1000.00"},
	CURRENCY,
	{"value_date", M_DAY, IN(struct contribute, contribution.value_date), .flags = M_NEEDED,
	 .example = "2026-01-05"},
	{"call", M_CODE, IN(struct contribute, contribution.call),
	 .help = "receipt: the reference of its call", .example = "CALL-1"},
	{"voucher", M_UUID, IN(struct contribute, contribution.voucher),
	 .help = "settlement: whose co-payment", .example = "0198c0de-0000-7000-8000-000000000001"},
	METADATA_TAKES(struct contribute, noted),
	MEMBERS_END,
};

static const struct member contribute_gives[] = {
	{"reference", M_CODE, IN(struct contributed, contribution.reference)},
	{"kind", M_ONE_OF, IN(struct contributed, contribution.kind), .word = kind_word},
	{"fund", M_CODE, IN(struct contributed, contribution.fund)},
	{"amount", M_AMOUNT, IN(struct contributed, contribution.amount)},
	CURRENCY,
	{"value_date", M_DAY, IN(struct contributed, contribution.value_date)},
	{"seq", M_NUMBER, IN(struct contributed, seq), .flags = M_NULL},
	{"new", M_FLAG, IN(struct contributed, is_new)},
	{"decision", M_NUMBER, IN(struct contributed, decision), .flags = M_OMIT},
	{"state", M_STRING, IN(struct contributed, state)},
	METADATA_GIVES(struct contributed, noted),
	MEMBERS_END,
};

static int check_contribute(struct action_call *c, struct err *err)
{
	const struct contribute *in = c->args;

	return metadata_well(&in->noted, err);
}

static int note(struct tx *tx, struct action_call *c, struct contributed *out, struct err *err)
{
	const struct contribute *in = c->args;
	int64_t id = 0;

	if (contribution_number(tx->db, out->contribution.reference, &id, err) < 0 ||
	    metadata_put(tx, METADATA_CONTRIBUTION, id, &in->noted, err) != 0)
		return -1;
	return metadata_tell(tx->db, c, METADATA_CONTRIBUTION, id, METADATA_OF_CLIENT, &out->noted, err);
}

static int contribute(struct tx *tx, struct action_call *c, struct err *err)
{
	struct contributed *out = c->answer;
	struct contribution *in = &out->contribution;
	static const struct uuid no_voucher;
	struct cash_said said;
	int rc;

	*in = ((const struct contribute *)c->args)->contribution;
	in->has_voucher = memcmp(&in->voucher, &no_voucher, sizeof no_voucher) != 0;
	rc = fund_need_own(tx, in->fund, err) != 0 ? -1 : cash_say(tx, in, &said, err);
	if (rc < 0)
		return -1;
	out->seq = rc == 1 ? said.seq : -1;
	out->is_new = said.done == UPSERT_CREATED;
	out->decision = said.decision.number;
	out->state = rc == 1 ? "recorded" : "proposed";
	c->status = rc == 0 ? 202 : out->is_new ? 201 : 200;
	/* What is noted on it comes with the word that records it. */
	return rc == 1 ? note(tx, c, out, err) : 0;
}

static void print_contributed(FILE *out, const struct action_call *c, const void *answer)
{
	const struct contributed *done = answer;
	char money[SAY_MONEY];

	fprintf(out, "%s: %s of %s for fund %s ", done->contribution.reference,
		contribution_kind_name(done->contribution.kind),
		say_money(c->settings, done->contribution.amount, money), done->contribution.fund);
	if (done->seq < 0)
		fputs("awaits confirmation by a second person\n", out);
	else
		fprintf(out, "%s entry %" PRId64 "\n", done->is_new ? "is" : "was known already:", done->seq);
}

/* --- contributions that were recorded ----------------------------------------------- */

struct contributions_asked {
	struct page_in page;
	char reference[CODE_MAX + 1], external[CODE_MAX + 1];
};

struct contributions {
	struct page_out page;
};

struct contribution_row {
	struct contribution_listed of;
	struct metadata_told noted;
};

static const struct member contributions_take[] = {
	{"reference", M_CODE, IN(struct contributions_asked, reference), .flags = M_QUERY,
	 .example = "STATE-2026-1"},
	{"external_reference", M_CODE, IN(struct contributions_asked, external), .flags = M_QUERY,
	 .help = "that you noted on it", .example = "SAP-4711"},
	PAGE_TAKES(struct contributions_asked),
	MEMBERS_END,
};

static const struct member contribution_gives[] = {
	{"reference", M_CODE, IN(struct contribution_row, of.contribution.reference)},
	{"kind", M_ONE_OF, IN(struct contribution_row, of.contribution.kind), .word = kind_word},
	{"fund", M_CODE, IN(struct contribution_row, of.contribution.fund)},
	{"amount", M_AMOUNT, IN(struct contribution_row, of.contribution.amount)},
	CURRENCY,
	{"value_date", M_DAY, IN(struct contribution_row, of.contribution.value_date)},
	{"call", M_CODE, IN(struct contribution_row, of.contribution.call), .flags = M_NULL},
	{"seq", M_NUMBER, IN(struct contribution_row, of.seq)},
	METADATA_GIVES(struct contribution_row, noted),
	MEMBERS_END,
};

static const struct member contributions_give[] = {
	PAGE_GIVES(struct contributions, contribution_gives, struct contribution_row), MEMBERS_END};

/* Those that bear it, as far as the funder may see them; *last: the number of the last that was looked at. */
static int find_noted(struct db *db, const struct action_call *c, const struct page *page, int64_t funder,
		      struct contribution_listed *out, size_t *n, int64_t *last, struct err *err)
{
	const struct contributions_asked *in = c->args;
	int64_t ids[PAGE_MAX + 1];
	size_t found;

	*n = 0;
	*last = 0;
	if (metadata_find(db, METADATA_CONTRIBUTION, c->actor.role, in->external, page->after,
			  page->limit + 1, ids, &found, err) != 0)
		return -1;
	for (size_t i = 0; i < found && i < page->limit; i++) {
		int rc = contribution_get(db, funder, ids[i], &out[*n], err);

		if (rc < 0)
			return -1;
		if (rc == 1 &&
		    (in->reference[0] == '\0' || strcmp(in->reference, out[*n].contribution.reference) == 0))
			(*n)++;
	}
	*last = found > page->limit ? ids[page->limit - 1] : 0;
	return 0;
}

static int list_contributions(struct db *db, struct action_call *c, struct err *err)
{
	const struct contributions_asked *in = c->args;
	int64_t funder = c->actor.role == ROLE_FUNDER ? c->actor.org : 0, last = 0;
	struct contribution_listed *found;
	struct contribution_row *rows;
	struct page page;
	size_t n;
	int rc;

	if (page_open(c, &page, err) != 0 || (found = page_rows(c, &page, sizeof *found, err)) == NULL ||
	    (rows = page_rows(c, &page, sizeof *rows, err)) == NULL)
		return -1;
	if (in->external[0] != '\0')
		rc = find_noted(db, c, &page, funder, found, &n, &last, err);
	else
		rc = contribution_list(db, funder, in->reference, page.after, page.limit + 1, found, &n, err);
	if (rc != 0)
		return -1;
	if (n > page.limit)
		last = found[page.limit - 1].id;
	n = n < page.limit ? n : page.limit;
	for (size_t i = 0; i < n; i++) {
		rows[i].of = found[i];
		if (metadata_tell(db, c, METADATA_CONTRIBUTION, found[i].id, METADATA_OF_CLIENT,
				  &rows[i].noted, err) != 0)
			return -1;
	}
	page_give(c, &page, rows, n, last != 0, last);
	return 0;
}

/* --- top-ups ------------------------------------------------------------------------- */

static const char *earmark_word(int value)
{
	return value > EARMARK_REGION ? NULL : earmark_kind_name((enum earmark_kind)value);
}

struct topped_up {
	struct topup topup;
	int64_t lot, seq;
	int is_new;
};

static const struct member topup_takes[] = {
	{"reference", M_CODE, IN(struct topup, reference), .flags = M_NEEDED | M_POSITION,
	 .help = "unique for ever", .example = "TOPUP-1"},
	{"learner", M_CODE, IN(struct topup, learner), .flags = M_NEEDED, .example = "L-0001"},
	{"fund", M_CODE, IN(struct topup, fund), .flags = M_NEEDED, .example = "acme-2026"},
	{"amount", M_AMOUNT, IN(struct topup, amount), .flags = M_NEEDED, .example = "100.00"},
	CURRENCY,
	{"earmark_kind", M_ONE_OF, IN(struct topup, earmark_kind), .word = earmark_word,
	 .help = "what it is kept for", .example = "provider"},
	{"earmark", M_CODE, IN(struct topup, earmark), .help = "which one", .example = "00010022200017"},
	{"expires_on", M_DAY, IN(struct topup, expires_on), .help = "never, when absent",
	 .example = "2027-12-31"},
	MEMBERS_END,
};

static const struct member topup_gives[] = {
	{"reference", M_CODE, IN(struct topped_up, topup.reference)},
	{"learner", M_CODE, IN(struct topped_up, topup.learner)},
	{"fund", M_CODE, IN(struct topped_up, topup.fund)},
	{"amount", M_AMOUNT, IN(struct topped_up, topup.amount)},
	CURRENCY,
	{"lot", M_NUMBER, IN(struct topped_up, lot)},
	{"seq", M_NUMBER, IN(struct topped_up, seq)},
	{"new", M_FLAG, IN(struct topped_up, is_new)},
	MEMBERS_END,
};

static int top_up(struct tx *tx, struct action_call *c, struct err *err)
{
	struct topped_up *out = c->answer;
	enum upsert done;

	out->topup = *(const struct topup *)c->args;
	if (fund_need_own(tx, out->topup.fund, err) != 0 ||
	    topup_post(tx, &out->topup, &out->lot, &out->seq, &done, err) != 0)
		return -1;
	out->is_new = done == UPSERT_CREATED;
	c->status = out->is_new ? 201 : 200;
	return 0;
}

static void print_topped_up(FILE *out, const struct action_call *c, const void *answer)
{
	const struct topped_up *done = answer;
	char money[SAY_MONEY];

	fprintf(out, "%s: %s of fund %s for %s %s entry %" PRId64 ", lot %" PRId64 "\n",
		done->topup.reference, say_money(c->settings, done->topup.amount, money), done->topup.fund,
		done->topup.learner, done->is_new ? "is" : "was known already:", done->seq, done->lot);
}

/* --- reversals: what was recorded by mistake is taken back ----------------------------- */

struct reverse {
	enum reversal_kind kind;
	char reference[CODE_MAX + 1];
	char reason[REASON_MAX + 1];
};

struct reversed {
	char reference[CODE_MAX + 1];
	char reason[REASON_MAX + 1];
	int64_t seq;
};

static const char *reversal_word(int kind)
{
	static const char *const words[] = {
		[REVERSAL_CONTRIBUTION] = "contribution", [REVERSAL_TOPUP] = "topup"};

	return (size_t)kind < sizeof words / sizeof words[0] ? words[kind] : NULL;
}

static const struct member reverse_takes[] = {
	{"kind", M_ONE_OF, IN(struct reverse, kind), .flags = M_NEEDED | M_POSITION, .word = reversal_word,
	 .absent = -1, .example = "contribution"},
	{"reference", M_CODE, IN(struct reverse, reference), .flags = M_NEEDED | M_POSITION,
	 .example = "PAY-2026-1"},
	{"reason", M_WORD, IN(struct reverse, reason), .flags = M_NEEDED, .help = "why, in a word",
	 .example = "wrong_amount"},
	MEMBERS_END,
};

static const struct member reverse_gives[] = {
	{"reference", M_CODE, IN(struct reversed, reference)},
	{"reason", M_WORD, IN(struct reversed, reason)},
	{"seq", M_NUMBER, IN(struct reversed, seq)},
	MEMBERS_END,
};

static int reverse(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct reverse *in = c->args;
	struct reversed *out = c->answer;

	if (reversal_post(tx, in->kind, in->reference, in->reason, &out->seq, err) != 0)
		return -1;
	memcpy(out->reference, in->reference, sizeof out->reference);
	memcpy(out->reason, in->reason, sizeof out->reason);
	c->status = 201;
	return 0;
}

static void print_reversed(FILE *out, const struct action_call *c, const void *answer)
{
	const struct reversed *done = answer;

	(void)c;
	fprintf(out, "%s is taken back by entry %" PRId64 "\n", done->reference, done->seq);
}

/* --- the actions ------------------------------------------------------------------------ */

static const struct action contributions = {
	.name = "contribute",
	.method = "POST",
	.path = "/v1/contributions",
	.roles = BY(FUNDER) | BY(OPERATOR) | BY(ACCOUNTANT),
	.takes = contribute_takes,
	.takes_size = sizeof(struct contribute),
	.gives = contribute_gives,
	.gives_size = sizeof(struct contributed),
	.check = check_contribute,
	.run = contribute,
	.print = print_contributed,
	.summary = "money in: call, receipt, payment, settlement",
	.over_http =
		"that cash has come takes an accountant and a second person: 202, and the second sends the same",
	.help = "A funder records calls.  That cash has come (receipt, payment, settlement) is said by an\n"
		"accountant, and by an operator or another accountant who says the same.  What a line of the bank\n"
		"says is entered from that line: ila help bank match.\n",
};

static const struct action contributions_listed = {
	.name = "contribution list",
	.method = "GET",
	.path = "/v1/contributions",
	.roles = BY(FUNDER) | BY(OPERATOR) | BY(ACCOUNTANT) | BY(AUDITOR),
	.takes = contributions_take,
	.takes_size = sizeof(struct contributions_asked),
	.gives = contributions_give,
	.gives_size = sizeof(struct contributions),
	.read = list_contributions,
	.again = page_again,
	.print_part = print_answer,
	.summary = "money that came in, by its reference or yours; a funder's own",
};

static const struct action topups = {
	.name = "topup",
	.method = "POST",
	.path = "/v1/topups",
	.roles = BY(FUNDER) | BY(OPERATOR) | BY(ACCOUNTANT),
	.takes = topup_takes,
	.takes_size = sizeof(struct topup),
	.gives = topup_gives,
	.gives_size = sizeof(struct topped_up),
	.run = top_up,
	.print = print_topped_up,
	.summary = "entitlement to a learner out of a cash-backed fund",
};

static const struct action reversals = {
	.name = "reverse",
	.method = "POST",
	.path = "/v1/reversals",
	.roles = BY(OPERATOR) | BY(ACCOUNTANT),
	.takes = reverse_takes,
	.takes_size = sizeof(struct reverse),
	.gives = reverse_gives,
	.gives_size = sizeof(struct reversed),
	.run = reverse,
	.print = print_reversed,
	.summary = "take back a contribution or a topup that was recorded by mistake",
	.help = "Posts the entry that reverses it and names it; refused when the money has moved on.\n",
};

const struct action *const actions_of_money[] = {&contributions, &contributions_listed, &reversals, &topups,
						 NULL};
