/*
 * Vouchers and their shares.  Every step of a voucher's life is one function
 * here, one row of the transition table, one entry of the journal
 * (ledger/rules/lifecycle.md).
 *
 * All steps refuse with STATE (naming the state it is in), FORBIDDEN (not this
 * role, not this party), what its gates refuse (gates.h) and the codes named below.  On -1 nothing has
 * been written.
 */
#ifndef ILA_VOUCHER_VOUCHER_H
#define ILA_VOUCHER_VOUCHER_H

#include "ledger/base/crypto.h"
#include "ledger/base/id.h"
#include "ledger/book/journal.h"
#include "ledger/registers/course.h"
#include "ledger/rights/drawdown.h"
#include "ledger/registers/learner.h"
#include "ledger/rules/transition.h"
#include "ledger/store/record.h"

/* Where the money of a share stands: each stage but the last is an account of the chart. */
enum stage {
	STAGE_CARD,        /* 140: the co-payment is clearing */
	STAGE_ADVANCE,     /* 150 */
	STAGE_RESERVED,    /* 230 */
	STAGE_COMMITTED,   /* 240 */
	STAGE_IN_TRAINING, /* 250 */
	STAGE_PAYABLE,     /* 260 */
	STAGE_FROZEN,      /* 261 */
	STAGE_ORDERED,     /* 265 */
	STAGE_PAID,        /* has left for the provider */
	STAGE__MAX
};

struct share {
	int place; /* in the plan, from 0 */
	int64_t fund;
	int64_t lot;         /* 0: the co-payment, or what a co-funder adds to the order from its fund */
	int64_t credit_note; /* that pays it, named by the order it came back of; 0: none */
	int64_t amount;
	int64_t noted;          /* of this step: into its credit note, below 0 out of it */
	int64_t at[STAGE__MAX]; /* cents of it at each stage */
};

struct voucher {
	int64_t id;
	struct uuid uuid;
	int64_t learner, provider, course;
	char certification[16];
	enum action_type action_type;
	int64_t rule;
	enum voucher_state state;
	enum billing_state billing;
	enum control_state control;
	int64_t price, copay;
	char copay_reference[CODE_MAX + 1];
	int hours;
	day_t session_start, session_end, requested_on, accepted_on, started_on, exited_on;
	day_t due_on;   /* last day for the step that is awaited, where a timer watches it */
	int contested;  /* 1: the learner contests an absence: a controller decides */
	int completion; /* -1 not declared */
	char cause[REASON_MAX + 1];
	int missed_hours;
	int64_t declared_at, validated_at; /* 0 not yet */
	int64_t payable;                   /* -1 not validated */
	day_t billed_on, closed_on;
	char invoice[CODE_MAX + 1]; /* by which it was billed */
	char validated_by[PRINCIPAL_MAX], ordered_by[PRINCIPAL_MAX], paid_by[PRINCIPAL_MAX];
	int64_t kept_back;                     /* of its payable, for what was claimed of other vouchers */
	int64_t payment;                       /* its last final payment, 0 none */
	int64_t advance_payment;               /* its advance while the bank has not answered, 0 none */
	unsigned char code_hash[SHA256_BYTES]; /* zero before there is a code */
	int64_t head;
	struct share share[SHARES_MAX];
	size_t shares;
	/* As it is stored: what a step began with. */
	struct {
		enum voucher_state state;
		enum billing_state billing;
		enum control_state control;
	} was;
	int provider_new; /* 1: its provider was new at the acceptance (capacity.h) */
	int64_t exposed;  /* cents that the exposure of its provider holds for it, as stored */
};

extern const struct record voucher_record; /* its row; the shares have their own */

/*
 * Reading.  voucher_find, and by the number in a code voucher_find_number: 1, 0, -1.  voucher_need(db, uuid,
 * field, v, err): when there is none -1 (err_missing).  voucher_get(db, id, v, err): one that the ledger
 * itself names; BUG when there is none.
 */
int voucher_find(struct db *, const struct uuid *, struct voucher *, struct err *);
int voucher_find_number(struct db *, int64_t number, struct voucher *, struct err *);
void voucher_ahead(struct db *, const struct uuid *uuid, int round); /* as command.h's ahead */
void voucher_ahead_number(struct db *, int64_t number);
/* voucher_last(db, number, uuid, err): of the newest one; 0 and zeros when there is none. */
int voucher_last(struct db *, int64_t *number, struct uuid *uuid, struct err *err);
int voucher_need(struct db *, const struct uuid *, const char *field, struct voucher *, struct err *);
int voucher_get(struct db *, int64_t id, struct voucher *, struct err *);

/* voucher_name(db, id, uuid, err): the name outside of one that the ledger itself names, nothing else of it.
 */
int voucher_name(struct db *, int64_t id, struct uuid *, struct err *);

/* Writing back (used by the steps); the exposure of the provider follows. */
int voucher_insert(struct tx *, struct voucher *, struct err *);
int voucher_update(struct tx *, struct voucher *, struct err *);
/* voucher_update_order: what a proposal and an acceptance settle, and the shares, which are new. */
int voucher_update_order(struct tx *, struct voucher *, struct err *);
/* The invariants of a voucher after a step: shares sum to the price, stages to nothing once closed.  BUG when
 * broken. */
int voucher_check(const struct voucher *, struct err *);
int voucher_is_closed(const struct voucher *);
int64_t voucher_at(const struct voucher *, enum stage); /* cents of all its shares there */

/* How much of each part a step moves, share by share. */
struct amounts {
	int64_t of[SHARES_MAX][PART__MAX];
	int year; /* of payment credit; 0 this one */
};

/* voucher_begin(tx, id, v, reason, e): the entry of a step, chained to the one before; id is its row. */
void voucher_begin(const struct tx *, enum transition_id, const struct voucher *, const char *reason,
		   struct entry *);

/* voucher_move(tx, id, v, amounts, e, err): the postings of the row: each adds a transfer to e and moves the
 * figures of its share along. */
int voucher_move(struct tx *, enum transition_id, struct voucher *, const struct amounts *, struct entry *,
		 struct err *);

/*
 * voucher_finish(tx, id, v, e, err): a step is done: state, billing and control
 * become what the row says (where it leaves a choice the step has set it), the
 * voucher is closed when nothing is left open, its invariants hold, the entry is
 * posted and the voucher written back.  BUG for an outcome that the row does not
 * name.  voucher_conclude: the same for a voucher that its caller stores.
 * voucher_note(tx, v, e, err): an entry that changes nothing of it.
 */
int voucher_finish(struct tx *, enum transition_id, struct voucher *, struct entry *, struct err *);
int voucher_conclude(struct tx *, enum transition_id, struct voucher *, struct entry *, struct err *);
int voucher_note(struct tx *, struct voucher *, struct entry *, struct err *);

/* voucher_follow_notes(tx, v, entry, at_once, err): what that entry, which was posted, moved into credit
 * notes and out of them; at_once: what came back is proposed to go home now. */
int voucher_follow_notes(struct tx *, struct voucher *, int64_t entry, int at_once, struct err *);

/*
 * share_move(tx, v, i, debit, credit, amount, year, e, err): one posting on share i of v; debit and credit
 * may be of enum acct.  The only place where a share's figures change.
 */
int share_move(struct tx *, struct voucher *, size_t i, int debit, int credit, int64_t amount, int year,
	       struct entry *, struct err *);

/* voucher_validate_by(rule, zone, v): the last day before its declaration validates itself. */
day_t voucher_validate_by(const struct rule *, int zone, const struct voucher *);

/*
 * The code: VOUCHER_SECRET_BYTES of HMAC(master, "voucher code" | number | salt),
 * where salt is the Idempotency-Key of the request.  It is not stored: the ledger
 * keeps HMAC(master, "voucher hash" | code | learner | provider | course | amount).
 */
void voucher_code(const unsigned char *master, int64_t number, const char *salt, char out[VOUCHER_CODE_TEXT]);
void voucher_hash(const unsigned char *master, const struct voucher *, const char *code,
		  unsigned char out[SHA256_BYTES]);

/* voucher_issue_code(tx, master, v): v->code_hash for the code of this request; sets tx->secret_for. */
void voucher_issue_code(struct tx *, const unsigned char *master, struct voucher *);

/* The text in stored answers at the place of the code; as long as a code. */
#define VOUCHER_CODE_BLANK "*****-*****-*****-*****-*****"

/* What an order would be refused for, where all of it is asked for. */
#define REFUSALS_MAX 8
struct refusals {
	struct err at[REFUSALS_MAX];
	size_t count;
};

struct accept {
	const unsigned char *master; /* NULL: the voucher gets its code later, by voucher_issue_code() */
	int64_t draw; /* the rule whose draw serves the order; 0: it comes directly, under the rule of today
		       */
	char learner[CODE_MAX + 1];
	char course[CODE_MAX + 1];
	day_t session_start;
	day_t session_end;                  /* DAY_NONE: from the course's length */
	int64_t learner_pays;               /* cents captured by card or bank */
	char copay_reference[CODE_MAX + 1]; /* of that movement; needed when learner_pays > 0 */
	int overlap_confirmed; /* the learner wants this order beside one whose session overlaps */
	int from_notes; /* the learner agrees that own money that came back pays first (credit_note.h) */
	struct refusals *refusals; /* of a quote: they are noted and the checks go on; NULL: the first one
				      ends it */
};

/*
 * T6 in two halves.  voucher_prepare checks the order and makes its plan, and
 * writes nothing: NOT_FOUND (learner or course), NOT_ELIGIBLE, NO_RULE,
 * INTAKE_CLOSED, SESSION_OVERLAPS, and drawdown_plan()'s.  voucher_commit makes the voucher:
 * BUDGET_EXHAUSTED; sets tx->secret_for when it has a code.  Both cost the same
 * however many orders came before (ledger/field.md#the-peak).  voucher_accept is
 * the one and the other; an order under a rule that draws lots comes to it from its
 * draw only.
 */
struct order; /* order.h */
int voucher_prepare(struct tx *, const struct accept *, struct order *, struct err *);
int voucher_commit(struct tx *, const struct accept *, const struct order *, struct voucher *, struct err *);
/* What voucher_accept() will read, as command.h's ahead. */
void voucher_accept_ahead(struct db *, const struct accept *, int round);
int voucher_accept(struct tx *, const struct accept *, struct voucher *, struct err *);

struct enter {
	const unsigned char *master;
	char code[CODE_MAX + 1];
	char course[CODE_MAX + 1];
	day_t started_on;
};

/*
 * T1.  As T6, without money: LIMIT when the learner has as many open requests for
 * that certification as the rule allows; NO_RULE when the rule takes none.
 */
int voucher_request(struct tx *, const struct accept *, struct voucher *, struct err *);

/* voucher_request_over(tx, v, err): the request has ended: remove its timer and its place among the open
 * requests. */
int voucher_request_over(struct tx *, struct voucher *, struct err *);

/* What voucher_enter() will read, as command.h's ahead. */
void voucher_enter_ahead(struct db *, const char *code, const struct actor *, int round);
/* voucher_opened_by(tx, in): the number of the voucher that the code would open now, 0 none: nothing is told
 * of it, and nothing done. */
int64_t voucher_opened_by(struct tx *, const struct enter *);
/* T15.  VOUCHER_REFUSED, in one wording, for unknown, spent and foreign codes (ledger/field.md#codes). */
int voucher_enter(struct tx *, const struct enter *, struct voucher *, struct err *);

/* The other steps load the voucher by its name outside and answer it as it is after. */
struct step {
	struct uuid voucher;
	day_t on;                   /* exit, enter_late: the day */
	int completion;             /* declare */
	char cause[REASON_MAX + 1]; /* declare, refusals, cancellations, holds: reason code or legal ground */
	int missed_hours;           /* declare */
	char invoice[CODE_MAX + 1]; /* bill */
	int64_t amount;             /* bill, pay, propose (the price), reduce (what is owed) */
	char bank_reference[CODE_MAX + 1]; /* pay, reject */
	day_t bank_date;                   /* pay, reject, collect: DAY_NONE today */
	day_t until;                       /* control, freeze: last day */
	day_t session_start, session_end;  /* propose; DAY_NONE: as requested */
	char fund[CODE_MAX + 1];           /* ask: the fund that is asked */
	int64_t learner_pays;              /* accept, ask: as in struct accept, with the next two */
	char copay_reference[CODE_MAX + 1];
	int overlap_confirmed;       /* accept, ask: likewise */
	int from_notes;              /* likewise */
	const unsigned char *master; /* accept, ask: for the code */
	int restores;                /* recover: what comes back is the learner's again */
	int64_t standing;  /* freeze: the number of the provider's standing that does it; 0 a decision
			      of its own */
	struct uuid other; /* offset: the voucher whose payable is kept back */
};

int voucher_refuse_provider(struct tx *, const struct step *, struct voucher *, struct err *);      /* T2 */
int voucher_propose(struct tx *, const struct step *, struct voucher *, struct err *);              /* T3 */
int voucher_lapse(struct tx *, const struct step *, struct voucher *, struct err *);                /* T4 */
int voucher_refuse_learner(struct tx *, const struct step *, struct voucher *, struct err *);       /* T5 */
int voucher_accept_proposal(struct tx *, const struct step *, struct voucher *, struct err *);      /* T6 */
int voucher_request_cofunding(struct tx *, const struct step *, struct voucher *, struct err *);    /* T7 */
int voucher_approve_cofunding(struct tx *, const struct step *, struct voucher *, struct err *);    /* T8 */
int voucher_refuse_funder(struct tx *, const struct step *, struct voucher *, struct err *);        /* T9 */
int voucher_lapse_cofunding(struct tx *, const struct step *, struct voucher *, struct err *);      /* T9 */
int voucher_cancel(struct tx *, const struct step *, struct voucher *, struct err *);               /* T10 */
int voucher_cancel_late(struct tx *, const struct step *, struct voucher *, struct err *);          /* T11 */
int voucher_cancel_provider(struct tx *, const struct step *, struct voucher *, struct err *);      /* T12 */
int voucher_cancel_funder(struct tx *, const struct step *, struct voucher *, struct err *);        /* T13 */
int voucher_no_show_report(struct tx *, const struct step *, struct voucher *, struct err *);       /* T14 */
int voucher_no_show_contest(struct tx *, const struct step *, struct voucher *, struct err *);      /* T14 */
int voucher_no_show(struct tx *, const struct step *, struct voucher *, struct err *);              /* T14 */
int voucher_notice_unentered(struct tx *, const struct step *, struct voucher *, struct err *);     /* T14 */
int voucher_lapse_unentered(struct tx *, const struct step *, struct voucher *, struct err *);      /* T14 */
int voucher_enter_late(struct tx *, const struct step *, struct voucher *, struct err *);           /* T15 */
int voucher_exit(struct tx *, const struct step *, struct voucher *, struct err *);                 /* T16 */
int voucher_exit_early(struct tx *, const struct step *, struct voucher *, struct err *);           /* T16 */
int voucher_declare(struct tx *, const struct step *, struct voucher *, struct err *);              /* T17 */
int voucher_withdraw_declaration(struct tx *, const struct step *, struct voucher *, struct err *); /* T17 */
int voucher_validate(struct tx *, const struct step *, struct voucher *, struct err *);             /* T18 */
int voucher_close_undeclared(struct tx *, const struct step *, struct voucher *, struct err *);     /* T18 */
int voucher_control(struct tx *, const struct step *, struct voucher *, struct err *);              /* T19 */
int voucher_release(struct tx *, const struct step *, struct voucher *, struct err *);              /* T20 */
int voucher_reduce(struct tx *, const struct step *, struct voucher *, struct err *);               /* T21 */
int voucher_bill(struct tx *, const struct step *, struct voucher *, struct err *);                 /* T22 */
int voucher_forfeit(struct tx *, const struct step *, struct voucher *, struct err *);              /* T22 */
int voucher_freeze(struct tx *, const struct step *, struct voucher *, struct err *);               /* T26 */
int voucher_unfreeze(struct tx *, const struct step *, struct voucher *, struct err *);             /* T26 */
int voucher_recover(struct tx *, const struct step *, struct voucher *, struct err *);              /* T27 */
int voucher_oppose(struct tx *, const struct step *, struct voucher *, struct err *);               /* T28 */
int voucher_uphold(struct tx *, const struct step *, struct voucher *, struct err *);               /* T28 */
int voucher_collect(struct tx *, const struct step *, struct voucher *, struct err *);              /* T29 */
int voucher_offset(struct tx *, const struct step *, struct voucher *, struct err *);               /* T29 */
int voucher_write_off(struct tx *, const struct step *, struct voucher *, struct err *);            /* T30 */
int voucher_drop_recovery(struct tx *, const struct step *, struct voucher *, struct err *);        /* T30 */
int voucher_recover_use(struct tx *, const struct step *, struct voucher *, struct err *);          /* T31 */
int voucher_drop_use_recovery(struct tx *, const struct step *, struct voucher *, struct err *);    /* T31 */

/*
 * What T15 enter_late and T16 exit_early ask of their day, also before the first of the two persons is heard:
 * TOO_EARLY, FIELD_INVALID, DEADLINE, NO_RULE (the step that one person takes is still possible, or the rule
 * asks for nothing).  voucher_warn_exit_early: the alert of an exit that somebody proposed.
 */
int voucher_check_enter_late(struct tx *, const struct step *, struct voucher *, struct err *);
int voucher_check_exit_early(struct tx *, const struct step *, struct voucher *, struct err *);
int voucher_warn_exit_early(struct tx *, const struct step *, struct voucher *, struct err *);

/*
 * When an order that nobody entered is freed, T14: voucher_watch_entry(tx, rule, v, err): it was accepted, or
 * its absence was contested: set the timer of the notice, where the rule asks for one. voucher_entry_over(tx,
 * rule, v, outcome, err): it was entered or has ended: the alert is closed.
 */
int voucher_watch_entry(struct tx *, const struct rule *, const struct voucher *, struct err *);
int voucher_entry_over(struct tx *, const struct rule *, const struct voucher *, const char *outcome,
		       struct err *);

/*
 * voucher_step(tx, t, step, v, err): the function of row t, permission checked.
 * Where the row asks for a second person, the first call records what was
 * decided (an entry "consent", nothing moves) and the second, by another person
 * of the other role with the same decision, carries it out (consent.h).
 */
int voucher_step(struct tx *, const struct transition *, const struct step *, struct voucher *, struct err *);

/*
 * voucher_permit(tx, t, v, err): may this actor take step t of this voucher now?
 * Role (FORBIDDEN), party (a provider's own vouchers only: NOT_FOUND), state (STATE).
 */
int voucher_permit(const struct tx *, const struct transition *, const struct voucher *, struct err *);

/* voucher_may_read(db, v, actor, err): 1 when the actor may read it (its provider, portal, funders' keys,
 * controller and up). */
int voucher_may_read(struct db *, const struct voucher *, const struct actor *, struct err *);

/* voucher_history(db, v, max, out, n, err): its entries, newest first, by their chain. */
int voucher_history(struct db *, const struct voucher *, size_t max, struct entry *out, size_t *n,
		    struct err *);

#endif
