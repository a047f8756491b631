/*
 * A ledger as simple as it can be: arrays in memory, no SQL, nothing of the rooms
 * that know double entry or the scheme.  Written from ledger/field.md and from the
 * programme documents; it takes the lines of tests/tables and says what must come
 * of them.
 *
 * Amounts are cents, days are day_t.  Numbers of lots, vouchers, payments and calls count
 * from 1 in the order in which they are made, as in the ledger, so that accounts can be
 * told apart by their holders.  Everything lies in one struct: a refused line is undone by
 * putting the copy from before back.
 */
#ifndef ILA_TESTS_MODEL_H
#define ILA_TESTS_MODEL_H

#include <stdint.h>

#include "ledger/base/date.h"
#include "tests/lib/verb.h"

#define M_FUNDS     16
#define M_ACCOUNTS  1024
#define M_LEARNERS  9
#define M_LOTS      160
#define M_VOUCHERS  96
#define M_SHARES    12
#define M_PAYMENTS  160
#define M_REFUNDS   24
#define M_MONEY     160 /* contributions, and as many top-ups */
#define M_ACCRUALS  64
#define M_DEBTS     160
#define M_TIMERS    256
#define M_CONSENTS  8
#define M_RULES     4
#define M_GRANTS    4
#define M_WORDS     12
#define M_CODE      32
#define M_ORGS      6
#define M_STANDINGS 48
#define M_CONFLICTS 32
#define M_TICKETS   64
#define M_TICKS     1000000 /* of a day: midnight is 0, the clock stands at M_EIGHT */
#define M_EIGHT     400000

enum m_nature { M_NOTIONAL, M_CASH, M_COPAY };
enum m_role {
	M_NOBODY,
	M_PORTAL,
	M_PROVIDER,
	M_FUNDER,
	M_CONTROLLER,
	M_AUTHORISER,
	M_ACCOUNTANT,
	M_OPERATOR,
	M_AUDITOR,
	M_ROLES
};
enum m_state {
	M_NONE,
	M_REQUESTED,
	M_PROPOSED,
	M_COFUND_WAIT,
	M_ACCEPTED,
	M_ENTERED,
	M_EXITED,
	M_DECLARED,
	M_VALIDATED,
	M_CANCELLED_LEARNER,
	M_CANCELLED_PROVIDER,
	M_CANCELLED_FUNDER,
	M_NO_SHOW,
	M_LAPSED,
	M_REFUSED_PROVIDER,
	M_REFUSED_LEARNER,
	M_REFUSED_FUNDER,
	M_STATES
};
enum m_billing {
	M_NOT_BILLABLE,
	M_TO_BILL,
	M_BILLED,
	M_ORDERED,
	M_PAID,
	M_IN_RECOVERY,
	M_OPPOSED,
	M_BILLINGS
};
enum m_timer {
	M_VALIDATE = 1,
	M_EXPIRE = 2,
	M_DRAW = 3,
	M_LAPSE = 4,
	M_ABSENT = 5,
	M_RELEASE = 6,
	M_UNFREEZE = 7,
	M_THAW = 8,
	M_STANDING = 9,
	M_STANDING_END = 10,
	M_BANK = 12,
	M_NOTE = 14,
	M_NOTICE = 16,
	M_UNENTERED = 17
};

struct m_fund {
	char code[M_CODE], class_[M_CODE], funder[M_CODE], programme[M_CODE], bank[M_CODE];
	enum m_nature nature;
	int to_funder, budgeted, stops, carries;
};

struct m_account {
	int fund, kind;
	int64_t holder, balance; /* credits less debits */
};

struct m_rule {
	char programme[M_CODE], account[M_CODE], preset[M_CODE], accrual_fund[M_CODE], copay_fund[M_CODE];
	char class_[16][M_CODE], exempt[8][M_CODE], exempt_status[8][M_CODE], first_class[M_CODE];
	int classes, exempts, exempt_statuses;
	day_t from, to;
	day_t intake_from, intake_to; /* DAY_NONE: orders are always taken */
	int lottery;
	unsigned char seed[32]; /* of its draw: the ledger's */
	int french;             /* holidays */
	int64_t annual, cap, annual_low, cap_low, copay_flat;
	int threshold, valid_months, copay_pct;
	int first_year, in_advance; /* of accruals */
	int withdraw, cancel_free, entry_declare, validate_auto, iban_quiet, start_within;
	int requests, reply, accept, cofund_reply, parallel;
	int charges, late_fee, absence_fee, absence_after, contest;
	int controls, control_max, freeze_max;
	int free, notice, late_entry, exit_agreed, hours_a_day;
	int recovers, demand, oppose;
	int curve_from[8], curve_pay[8], curve;
	int advance_pct, advance_days;
	int own_days, own_years; /* own money: until it is paid back, until it is prescribed */
};

/* What an agreement grants by rule. */
struct m_grant {
	char code[M_CODE], fund[M_CODE];
	int rule, yearly;
	int64_t envelope, max;
	day_t from, to;
	char status[4][M_CODE], certification[4][M_CODE], course[4][M_CODE];
	int statuses, certifications, courses;
};

struct m_learner {
	day_t closed;
	day_t frozen_until; /* DAY_NONE: is not frozen */
	char status[M_CODE];
};

struct m_lot {
	int learner, fund; /* learner from 1 */
	char earmark[M_CODE];
	day_t expires, credited;
	int retained_for; /* the order whose debt was retained from it last */
	int of_grant;     /* grants by rule pass through it: nothing stays there */
};

struct m_share {
	int fund, lot; /* lot 0: none */
	int note;      /* the order whose own money pays it, 0: none */
	int64_t amount, card, advance, reserved, committed, training, payable, frozen, ordered, paid;
	int64_t claimed; /* from the provider, and not written off, or from the learner, and not dropped */
};

struct m_recovery_part {
	int fund, lot, share;
	int64_t left;
};

struct m_recovery {
	int open, restores;
	day_t order_on, opposed_on;
	struct m_recovery_part part[M_SHARES];
	int parts;
};

struct m_consent {
	char step[M_CODE], who[M_CODE], reason[M_CODE];
	enum m_role role;
	int64_t amount;
	day_t on, until;
	int restores;
};

struct m_voucher {
	char name[16];
	int learner, course, rule;
	enum m_state state;
	enum m_billing billing;
	int control; /* 0 none, 1 in control, 2 released */
	int64_t price, payable;
	day_t start, end, accepted, started, exited, due, closed;
	int contested, completion;
	int was_held; /* its declaration was withdrawn while it was in control */
	char cause[M_CODE], validated_by[M_CODE];
	int payment, advance_payment;
	day_t control_until, freeze_until, validate_on;
	int frozen_by; /* the standing that froze it, 0: two persons */
	struct m_share share[M_SHARES];
	int shares;
	struct m_recovery recovery;
	int uses; /* recoveries on its learner so far: T31 */
	struct m_consent consent[M_CONSENTS];
	int consents;
	char invoice[M_CODE];
	int grant, grant_lot, grant_year; /* by rule, from 1, 0: none; year 0: of the whole period */
	int64_t granted;                  /* and not returned */
	char card[M_CODE];                /* the movement by which the learner paid, "": none */
	int own;                          /* own money that came back pays first */
	int64_t called_off;               /* of the card, while it cleared, and has not come all the same */
	/* What came back of its co-payment. */
	struct {
		int fund;
		int64_t balance;
		day_t pay_on, ends_on;
		char proposed_by[M_CODE]; /* "": nobody */
	} note;
	int entry; /* number of the line that last drew on a lot for it: which order drew last */
};

/* An order that waits for its draw. */
struct m_ticket {
	char name[16];
	int learner, course, rule; /* rule -1: an order that does not wait */
	day_t first, last;         /* last DAY_NONE: by the course's length */
	int64_t paid;
	int confirmed, own;
	char card[M_CODE];
	unsigned char id[16]; /* the ledger's: its place in the draw follows from it */
	int rank;             /* 0: not served */
	int voucher;          /* 0: none */
	int collected;
	char refusal[M_CODE];
};

struct m_payment {
	int voucher, fund;  /* one of them: fund -1 for vouchers; both: own money that goes home */
	int advance, state; /* state 0 ordered, 1 paid, 2 rejected */
	int64_t amount;
	int year;
	char ordered_by[M_CODE], name[M_CODE];
};

/* What two persons decide beside the steps of a voucher: one word, and whose; agreed on, it waits for its
 * day. */
struct m_decision {
	int open, agreed;
	char said[96], who[M_CODE];
	enum m_role role;
	day_t from;
};

struct m_org {
	char code[M_CODE], iban[M_CODE];
	day_t since; /* that it is paid there */
	struct m_decision bank, standing;
};

/* A provider's standing that is not good. */
struct m_standing {
	int org, kind, ended;
	int waits; /* its effect on the vouchers, or its end's, is due */
	day_t until;
};

struct m_conflict {
	int learner, ended;
	char person[M_CODE], team[M_CODE];
};

struct m_money {
	char reference[M_CODE], kind[M_CODE];
	int fund, learner, lot, call, reversed;
	char earmark[M_CODE];
	int64_t amount;
	day_t on, expires;
};

struct m_accrual {
	int learner, fund, period, lot, rule, granted_once;
	int64_t expected, credited, held, after;
};

struct m_debt {
	int fund, learner, voucher, lot, recovery; /* recovery 0: of a correction, G5 */
	int64_t amount;
};

struct m_due {
	int64_t at;
	enum m_timer kind;
	int subject;
};

struct model {
	int64_t now; /* day * M_TICKS + tick */
	day_t begun;
	char programme[M_CODE];
	struct m_rule rule[M_RULES * 2];
	int rules;
	struct m_grant grant[M_GRANTS];
	int grants;
	struct m_fund fund[M_FUNDS];
	int funds;
	struct m_account account[M_ACCOUNTS];
	int accounts;
	struct m_learner learner[M_LEARNERS + 1];
	struct m_lot lot[M_LOTS + 1];
	int lots;
	struct m_voucher voucher[M_VOUCHERS + 1];
	int vouchers;
	struct m_ticket ticket[M_TICKETS + 1];
	int tickets;
	struct m_payment payment[M_PAYMENTS + 1];
	int payments;
	struct m_money in[M_MONEY + 1], topup[M_MONEY + 1];
	int ins, topups;
	struct m_accrual accrual[M_ACCRUALS];
	int accruals;
	struct m_debt debt[M_DEBTS];
	int debts;
	struct m_due due[M_TIMERS];
	int dues;
	struct m_org paid_to[M_ORGS];
	struct m_conflict conflict[M_CONFLICTS + 1];
	int conflicts;
	struct m_standing standing[M_STANDINGS + 1];
	int standings;
	int ended[M_FUNDS][16]; /* by year from 2020: 1 the fund's year was ended, 2 and carried */
	int budget[M_FUNDS]
		  [16]; /* a vote for the year: its AE and CP, and what is proposed for one of them */
	int64_t voted_ae[M_FUNDS][16], voted_cp[M_FUNDS][16];
	struct m_decision amending[M_FUNDS];
	int64_t drawn;   /* lines that drew on a lot so far */
	int64_t missing; /* of the last refusal for want of money from the learner: what would do */
	/* the line under way */
	const struct verb *verb;
	char text[256];
	char *word[M_WORDS];
	int words;
	enum m_role role;
	char who[M_CODE], org[M_CODE];
};

/*
 * model_open(m, programme document): a ledger on the day of the fixture with that
 * programme and the two that top it up.  model_try(m, line): what must come of a
 * line of tests/tables: "" done, else the code of the refusal, and m is as before.
 */
void model_open(struct model *, day_t begun, const char *sample);
const char *model_try(struct model *, const char *line);
int model_over(const struct model *); /* little happens any more, or one more line may not fit */

/* model_draw(seed, m, line): the next line of a walk; the seed goes on. */
#define MODEL_LINE 256
uint64_t model_random(uint64_t *seed);
void model_draw(uint64_t *seed, const struct model *, char line[MODEL_LINE]);

day_t model_today(const struct model *);
int64_t model_balance(const struct model *, int fund, int kind, int64_t holder);
int model_fund(const struct model *, const char *code); /* -1: none */
const char *model_state_name(enum m_state);
const char *model_billing_name(enum m_billing);

/* --- between the files of the model ---------------------------------------- */

#define CODE_DONE ""

const char *m_word(const struct model *, int i);
int64_t m_amount(const char *text);
day_t m_day(const char *text);
void m_days(const char *text, day_t *first, day_t *last); /* "FIRST" or "FIRST..LAST" */
int m_is(const char *a, const char *b);
void m_copy(char *out, const char *text);
int m_year(const struct model *);
int m_voucher_named(const struct model *, const char *name);

/* Dr debit, Cr credit of one fund. */
void m_move(struct model *, int fund, int debit, int64_t debit_holder, int credit, int64_t credit_holder,
	    int64_t amount);
int64_t m_free_cash(const struct model *, int fund); /* 110 less what is owed to other funds */
int m_short(const struct model *);                   /* an account that may not is below zero */

/* Largest remainder, ties in order. */
void m_split(int64_t total, const int64_t *weights, int n, int64_t *parts);

day_t m_working(int french, day_t from, int n);          /* the n-th working day after */
int m_working_between(int french, day_t from, day_t to); /* in (from, to] */
int64_t m_midnight(day_t last);                          /* the moment when that day is over */
void m_due_add(struct model *, int64_t at, enum m_timer, int subject);
void m_due_drop(struct model *, enum m_timer, int subject);

const struct m_rule *m_rule_on(const struct model *, const char *programme, day_t);
void m_rules_read(struct model *, const char *sample);

day_t m_rules_end(const struct model *);       /* the last day of cpf, DAY_NONE: there is no cpf */
int64_t m_frozen_of(const struct m_voucher *); /* cents on 261 */

/* The office: bank accounts, conflicts of interest. */
void m_office_open(struct model *);
const struct m_org *m_org_of(const struct model *, const char *code); /* NULL: none of those known */
const char *m_payable_to(const struct model *, const char *org, int quiet_days); /* "" or why not yet */
void m_bank_due(struct model *, int org);
int m_standing_of(const struct model *, const char *provider); /* its number, 0: good */
int m_stops_payment(const struct model *, const char *provider);
int m_is_removed(const struct model *, const char *provider); /* what is accepted there is cancelled */
const char *m_standing_name(int kind);
void m_standing_work(struct model *, int org);
void m_standing_end(struct model *, int org);
void m_freeze_until(struct model *, int voucher, day_t until, int by);
void m_cancel_removed(struct model *, int voucher);
int m_has_conflict(const struct model *, int learner); /* whoever acts, with that learner */

int m_open_lot(struct model *, const struct m_lot *,
	       int anew); /* its number; anew: even if there is one like it */
void m_retain(struct model *, int lot);
void m_note_debt(struct model *, const struct m_debt *);
void m_thaw(struct model *, int learner);
int m_lost_kind(const struct m_fund *);

/* Orders. */
const char *m_plan(struct model *, struct m_voucher *, int64_t paid, int cofund);
const char *m_take(struct model *, struct m_voucher *, int to);
const char *m_authority(struct model *, struct m_voucher *);
const char *m_session(const struct model *, const struct m_rule *, struct m_voucher *, day_t first,
		      day_t last);
const char *m_overlaps(const struct model *, const struct m_voucher *, int confirmed);
const char *m_orderable(const struct model *, const struct m_voucher *);
void m_request_over(struct model *, int v);
void m_watch_entry(struct model *, int v);

/* Learners' own money: into and out of the note of that order. */
void m_note_add(struct model *, int voucher, int fund, int64_t amount, int at_once);
void m_note_take(struct model *, int voucher, int64_t amount);
void m_note_due(struct model *, int voucher);
const char *m_settle_back(struct model *, int payment, int paid);
/* What may pay before the card: up to four, the oldest first; how many. */
#define M_NOTES 4
int m_notes_of(const struct model *, const struct m_voucher *, int fund, int out[M_NOTES], int64_t *held);
void m_close_if_over(struct model *, struct m_voucher *);
const char *m_serve(struct model *, const struct m_ticket *); /* its order, on the day of the draw */
const char *m_take_ticket(struct model *, const struct m_ticket *);
void m_draw(struct model *, int rule);
int m_ticket_named(const struct model *, const char *name); /* 0: none */
int64_t m_course_price(int course);
const char *m_course_code(int course);
const char *m_course_title(int course); /* its certification */
const char *m_course_provider(int course);
/* A grant by rule of what the order lacks: noted in v when there is one; "" too when there is none. */
const char *m_grant_find(struct model *, struct m_voucher *, int64_t need);

/* Of a word [own|CARD]; the movement that an order has when a line names none; out. */
void m_how(const char *word, int *own, int *confirmed, char card[M_CODE]);
char *m_card_of(const char *name, char out[M_CODE]);

/* What a line asks for. */
struct m_wish {
	int64_t amount, paid;
	int completion, restores, other, fund, confirmed;
	day_t on, until, first, last;
	int own;
	char card[M_CODE];
	char reason[M_CODE], invoice[M_CODE];
};

const struct m_rule *m_rule_of(const struct model *, const struct m_voucher *);
const char *m_check_hold(const struct model *, const struct m_wish *, int max);
int m_has_credit(const struct model *, const struct m_voucher *, const int64_t *parts);
int m_add_payment(struct model *, int voucher, int64_t amount, int advance);
void m_credit(struct model *, const struct m_share *, int from, int to, int year, int64_t amount);

/* T22 to T31: the step of that name, by its letter in the table of steps. */
typedef const char *m_step_fn(struct model *, int v, const struct m_wish *);
m_step_fn m_bill, m_order, m_pay, m_reject, m_freeze, m_unfreeze, m_recover, m_oppose, m_uphold, m_collect,
	m_offset, m_write_off, m_drop_recovery, m_recover_use, m_drop_use_recovery;

/* Steps that time takes too: "" or the refusal. */
const char *m_take_step(struct model *, int v, const char *step);

#endif
