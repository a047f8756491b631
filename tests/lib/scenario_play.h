/*
 * A scenario that is played: its ledger, the line under way, and what its names stand for; for the functions
 * that tests/lib/verb.c names.
 *
 * A function of a verb that commands runs in the ledger's own thread, where a test cannot be failed: a word
 * that makes no sense is noted (scenario_bad) and fails the test when the line is done.
 */
#ifndef ILA_TESTS_SCENARIO_PLAY_H
#define ILA_TESTS_SCENARIO_PLAY_H

#include "ledger/seasons/ticket.h"
#include "ledger/voucher/voucher.h"
#include "tests/lib/fixture.h"
#include "tests/lib/verb.h"

#define WORDS_MAX    12
#define VOUCHERS_MAX 128
#define REFUNDS_MAX  24

struct named {
	char name[16];
	char code[VOUCHER_CODE_TEXT];
	struct voucher v;
};

struct scenario {
	struct fixture f;
	char programme[CODE_MAX + 1];
	const char *path;
	int line;
	const struct verb *verb;
	char *word[WORDS_MAX];
	size_t words;
	char bad[128]; /* "" or why the line makes no sense */
	struct named voucher[VOUCHERS_MAX];
	size_t vouchers;
	struct {
		char name[16];
		struct uuid uuid;
	} refund[REFUNDS_MAX];
	size_t refunds;
	struct {
		char name[16];
		struct uuid uuid;
	} ticket[VOUCHERS_MAX];
	size_t tickets;
	size_t done;  /* lines */
	size_t *made; /* counts one more when the command under way is through, or NULL */
};

/* scenario_read(s, text, dice): the words of a line, in text, and how the dice fall.  scenario_actor(s):
 * whose line it is; "as ..." is cut off it. */
void scenario_read(struct scenario *, char *text, uint64_t dice);
struct actor scenario_actor(struct scenario *);

/* The i-th word of the line, "" where there is none; the same as an amount, or a day. */
const char *scenario_word(const struct scenario *, size_t i);
int64_t scenario_amount(struct scenario *, size_t i);
day_t scenario_day(struct scenario *, size_t i);

/* "START" or "START..END": the days of a session, END DAY_NONE where none is named. */
void scenario_session(struct scenario *, size_t i, day_t *start, day_t *end);

/* The voucher that the i-th word names. */
struct named *scenario_voucher(struct scenario *, size_t i);
struct named *scenario_named(struct scenario *, const char *name); /* NULL none */

/* scenario_bad(s, ...): the line makes no sense, or what it looks at is not so; 0. */
__attribute__((format(printf, 2, 3))) int scenario_bad(struct scenario *, const char *fmt, ...);

#endif
