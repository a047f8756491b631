/*
 * Enumerations and members that several resources share.
 */
#ifndef ILA_API_FRAME_WORDS_H
#define ILA_API_FRAME_WORDS_H

#include <stdio.h>

#include "api/frame/action.h"
#include "ledger/book/statement.h"
#include "ledger/oversight/decision.h"
#include "ledger/oversight/metadata.h"

/*
 * DECISION_GIVES(t, m): the members of a decision of two persons (struct decision m of t), the same
 * wherever one is shown; beside them stand those of what is decided.
 */
#define DECISION_GIVES(t, m)                                                                                 \
	{"number", M_NUMBER, IN(t, m.number)},                                                               \
		{"state", M_ONE_OF, IN(t, m.state), .word = word_of_decision},                               \
		{"proposed_by", M_TEXT, IN(t, m.proposed_by)},                                               \
		{"proposed_as", M_ONE_OF, IN(t, m.proposed_role), .word = word_of_role},                     \
		{"proposed_at", M_INSTANT, IN(t, m.proposed_at)},                                            \
		{"confirmed_by", M_TEXT, IN(t, m.confirmed_by), .flags = M_NULL},                            \
		{"confirmed_as", M_ONE_OF, IN(t, m.confirmed_role), .flags = M_NULL, .word = word_of_role},  \
		{"confirmed_at", M_INSTANT, IN(t, m.confirmed_at), .flags = M_NULL},                         \
		{"effective_on", M_DAY, IN(t, m.effective_on), .flags = M_NULL},                             \
		{"ended_at", M_INSTANT, IN(t, m.ended_at), .flags = M_NULL},                                 \
	{                                                                                                    \
		"ended_by", M_TEXT, IN(t, m.ended_by), .flags = M_NULL                                       \
	}

/* REPLACES_GIVES(t, m): the proposal that a new one replaced (struct decision_replaced m of t). */
#define REPLACES_GIVES(t, m)                                                                                 \
	{"replaces", M_NUMBER, IN(t, m.number), .flags = M_OMIT},                                            \
	{                                                                                                    \
		"replaces_proposal_of", M_TEXT, IN(t, m.proposed_by), .flags = M_OMIT                        \
	}

/* decision_told(state): what is said of a decision in that state, "awaits confirmation by a second person".
 */
const char *decision_told(enum decision_state);

/* LEARNER_TAKES(t, m): the learner that a path names. */
#define LEARNER_TAKES(t, m)                                                                                  \
	{                                                                                                    \
		"id", M_CODE, IN(t, m), .flags = M_NEEDED | M_PATH | M_POSITION, .option = "LEARNER",        \
					.help = "the pseudonym", .example = "L-0001"                         \
	}

/*
 * METADATA_TAKES(t, m): what a client notes on an object for itself (struct metadata m of t); METADATA_GIVES:
 * the same as it is shown (struct metadata_told m of t).  metadata_tell(db, c, kind, subject, side, told,
 * err): what that side noted on it.  metadata_well(m, err): whether it may be taken, for the check of an
 * action.
 */
#define METADATA_TAKES(t, m)                                                                                 \
	{"external_reference",                                                                               \
	 M_CODE,                                                                                             \
	 IN(t, m.reference),                                                                                 \
	 .flags = M_SHOWN,                                                                                   \
	 .help = "a reference of your own, to find it by",                                                   \
	 .example = "ORDER-2026-17"},                                                                        \
	{                                                                                                    \
		"metadata", M_PAIRS, IN(t, m.pairs), .help = "pairs of your own; no personal data",          \
						     .example = "cohort=2026-a,site=lyon"                    \
	}
#define METADATA_GIVES(t, m)                                                                                 \
	{"external_reference", M_STRING, IN(t, m.reference), .flags = M_OMIT},                               \
	{                                                                                                    \
		"metadata", M_RAW, IN(t, m.pairs), .flags = M_OMIT                                           \
	}
struct metadata_told {
	const char *reference, *pairs; /* "" none; a JSON object, "" none */
};
int metadata_tell(struct db *, struct action_call *, enum metadata_kind, int64_t subject, enum metadata_side,
		  struct metadata_told *, struct err *);
int metadata_well(const struct metadata *, struct err *);

/* A movement of what a learner holds, as pages give them; move_tell(c, m, n, rows): n of them. */
struct move_told {
	int64_t move, seq, booked_at;
	day_t value_date;
	const char *kind;
	int64_t amount, balance;
};
extern const struct member move_gives[];
void move_tell(struct action_call *, const struct movement *, size_t n, struct move_told *rows);

/* say_replaced(out, r): "; proposal 1, by olivier, is withdrawn"; nothing without one. */
void say_replaced(FILE *, const struct decision_replaced *);

/* word_of_decision: decision_state_name() of each state. */
const char *word_of_decision(int value);

/* word_of_role: role_name() of each role, as member.h wants it. */
const char *word_of_role(int value);

#endif
