/*
 * Lots: a learner's entitlement by fund, earmark and expiry
 * (ledger/README.md#entitlements-are-lots).  The money is account 220 of the fund,
 * holder = the lot's id.
 */
#ifndef ILA_RIGHTS_LOT_H
#define ILA_RIGHTS_LOT_H

#include "ledger/base/date.h"
#include "ledger/base/limits.h"
#include "ledger/store/tx.h"

enum earmark_kind {
	EARMARK_NONE,
	EARMARK_CERTIFICATION,
	EARMARK_ACTION,
	EARMARK_PROVIDER,
	EARMARK_REGION,
	EARMARK_GRANT, /* given by rule for one order (grant.h) */
	EARMARK__MAX
};

struct lot {
	int64_t id;
	int64_t learner;
	int64_t fund;
	enum earmark_kind earmark_kind;
	char earmark[CODE_MAX + 1]; /* "" when none */
	day_t expires_on;           /* DAY_NONE: never */
	day_t credited_on;
	int64_t balance; /* account 220, filled by lot_list */
	int64_t frozen;  /* account 225, filled by lot_list while the learner's account is frozen */
	int is_frozen;   /* 1: it is: nothing is drawn, whatever comes in; filled by lot_list */
};

/*
 * What is sealed of a lot.  A lot is never changed, and nothing comes into one but
 * by an accrual, a top-up or a grant: the entry of each seals the lot with its own
 * row, so that a lot needs none.  LOT_SEALED(type): of the member lot of a struct.
 */
#define LOT_SEALED(type)                                                                                     \
	{"lot_credited_on", RECORD_DAY, offsetof(type, lot.credited_on), 0, 0},                              \
		{"lot_earmark", RECORD_TEXT, RECORD_ARRAY(type, lot.earmark), 0},                            \
		{"lot_earmark_kind", RECORD_INT, offsetof(type, lot.earmark_kind), 0, 0},                    \
		{"lot_expires_on", RECORD_DAY, offsetof(type, lot.expires_on), 0, 0},                        \
		{"lot_fund", RECORD_INT64, offsetof(type, lot.fund), 0, 0},                                  \
		{"lot_id", RECORD_INT64, offsetof(type, lot.id), 0, 0},                                      \
	{                                                                                                    \
		"lot_learner", RECORD_INT64, offsetof(type, lot.learner), 0, 0                               \
	}
#define LOT_SEALED_COLUMNS 7

/* "", "certification", "action_type", "provider", "region", "grant"; the last is not found by name. */
const char *earmark_kind_name(enum earmark_kind);
int earmark_kind_find(const char *, enum earmark_kind *);

/* lot_open(tx, lot, err): the lot of that (learner, fund, earmark, expiry), made when it is new, with a timer
 * for its expiry.  Fills lot->id. */
int lot_open(struct tx *, struct lot *, struct err *);
int lot_get(struct db *, int64_t id, struct lot *, struct err *);

/* lot_add(tx, lot, held, err): makes a lot that the learner, who holds that many, does not have yet; the
 * second half of lot_open. */
int lot_add(struct tx *, struct lot *, size_t held, struct err *);

/* lot_plan(tx, lot, known, err): as lot_open, but writes nothing: a new lot gets the number that it will
 * have.  lot_keep(tx, lot, err): makes that lot, whose money was posted already. */
int lot_plan(struct tx *, struct lot *, int *known, struct err *);
int lot_keep(struct tx *, struct lot *, struct err *);

/* lot_list(db, learner, out, n, err): all lots of a learner with their balances, by id; at most LOTS_MAX.
 * lot_ahead: it will be asked, in two rounds as in desk/command.h. */
void lot_ahead(struct db *, int64_t learner, int round);
int lot_list(struct db *, int64_t learner, struct lot *out, size_t *n, struct err *);

/* lot_overdue(tx, lot, err): the lot was credited again: it expires now if its day has passed. */
int lot_overdue(struct tx *, int64_t lot, struct err *);

/* lot_expire(tx, lot, err): G6, Dr 220 Cr LOST of what is left; nothing when nothing is, or while the account
 * is frozen: the end of the freeze makes it due again. */
int lot_expire(struct tx *, int64_t lot, struct err *);

/*
 * lot_entries_of_members(db, union_org, after, until, max, out, n, err): entries of a number above after,
 * until included, that credited or changed an entitlement of a learner whose mandate lets that union see it;
 * the first max of them, in order.  What a voucher did to an entitlement is none of a union's business.
 */
int lot_entries_of_members(struct db *, int64_t union_org, int64_t after, int64_t until, size_t max,
			   int64_t *out, size_t *n, struct err *);

#endif
