/*
 * Reversals: what was recorded by mistake is taken back.
 */
#include <inttypes.h>
#include <string.h>

#include "api/actions/all.h"
#include "ledger/treasury/reversal.h"

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

static const char *kind_word(int kind)
{
	static const char *const words[] = {
		[REVERSAL_CONTRIBUTION] = "contribution", [REVERSAL_TOPUP] = "topup"};

	return (size_t)kind < sizeof words / sizeof words[0] ? words[kind] : NULL;
}

static const struct member takes[] = {
	{"kind", M_ONE_OF, IN(struct reverse, kind), .flags = M_NEEDED | M_POSITION, .word = kind_word,
	 .absent = -1, .example = "contribution"},
	{"reference", M_CODE, IN(struct reverse, reference), .flags = M_NEEDED | M_POSITION,
	 .example = "PAY-2026-1"},
	{"reason", M_WORD, IN(struct reverse, reason), .flags = M_NEEDED, .help = "why, in a word",
	 .example = "wrong_amount"},
	MEMBERS_END,
};

static const struct member gives[] = {
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

static void print(FILE *out, const struct action_call *c, const void *answer)
{
	const struct reversed *done = answer;

	(void)c;
	fprintf(out, "%s is taken back by entry %" PRId64 "\n", done->reference, done->seq);
}

static const struct action reversals = {
	.name = "reverse",
	.method = "POST",
	.path = "/v1/reversals",
	.roles = BY(OPERATOR) | BY(ACCOUNTANT),
	.takes = takes,
	.takes_size = sizeof(struct reverse),
	.gives = gives,
	.gives_size = sizeof(struct reversed),
	.run = reverse,
	.print = print,
	.summary = "take back a contribution or a topup that was recorded by mistake",
	.help = "Posts the entry that reverses it and names it; refused when the money has moved on.\n",
};

const struct action *const actions_of_reversals[] = {&reversals, NULL};
