#include "ledger/queues/queue.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "ledger/oversight/decision.h"
#include "ledger/registers/fund.h"
#include "ledger/registers/person.h"
#include "ledger/rules/transition.h"
#include "ledger/seasons/ticket.h"
#include "ledger/voucher/hold.h"
#include "ledger/voucher/payment.h"
#include "ledger/voucher/voucher.h"

/*
 * An index that holds what waits is found by the words it was made with, so these numbers
 * stand in the statements and are not bound.
 */
#define ACCEPTED      1
#define ENTERED       2
#define EXITED        3
#define DECLARED      4
#define REQUESTED     8
#define PROPOSED      9
#define COFUND_WAIT   10
#define TO_BILL       1
#define BILLED        2
#define CLAIMED_BACK  5
#define OPPOSED       6
#define DRAWN         2
#define OF_COPAYMENTS 3
#define IN_CONTROL    1
#define FREEZE        2
#define ADVANCE       2
#define BACK          4
#define ORDERED       1
#define FIRST_WORD    1
#define MICROSECONDS  86400000000 /* of a day */
#define YEAR_PLACES   10000       /* a year in a number behind another one */

_Static_assert(ACCEPTED == VOUCHER_ACCEPTED && ENTERED == VOUCHER_ENTERED && EXITED == VOUCHER_EXITED &&
		       DECLARED == VOUCHER_DECLARED && REQUESTED == VOUCHER_REQUESTED &&
		       PROPOSED == VOUCHER_PROPOSED && COFUND_WAIT == VOUCHER_COFUND_WAIT,
	       "states as they are stored");
_Static_assert(TO_BILL == BILLING_TO_BILL && BILLED == BILLING_BILLED && CLAIMED_BACK == BILLING_RECOVERY &&
		       OPPOSED == BILLING_OPPOSED,
	       "states as they are stored");
_Static_assert(DRAWN == TICKET_ACCEPTED && OF_COPAYMENTS == NATURE_COPAY && IN_CONTROL == HOLD_CONTROL &&
		       IN_CONTROL == CONTROL_IN && FREEZE == HOLD_FREEZE,
	       "kinds as they are stored");
_Static_assert(ADVANCE == PAYMENT_ADVANCE && BACK == PAYMENT_BACK && ORDERED == PAYMENT_ORDERED,
	       "payments as they are stored");
_Static_assert(FIRST_WORD == DECISION_PROPOSED, "states as they are stored");
_Static_assert(MICROSECONDS == US_PER_DAY, "of a day");

#define BY(role)   ROLE_BIT(ROLE_##role)
#define EVERY_ROLE (ROLE_BIT(ROLE__MAX) - ROLE_BIT(ROLE_OPERATOR))

#define COURSE          "(SELECT c.code FROM course c WHERE c.id = v.course)"
#define PAYEE           "(SELECT o.code FROM organisation o WHERE o.id = p.provider)"
#define TELLS(amount)   "v.uuid, " COURSE ", " amount
#define STATE(n)        "v.state = " IN_SQL(n)
#define BILLING(n)      "v.billing = " IN_SQL(n)
#define DAY(instant)    instant " / " IN_SQL(MICROSECONDS)
#define WITH_YEAR(n, y) n " * " IN_SQL(YEAR_PLACES) " + " y
#define AWAITED(n)      "voucher v WHERE v.due_on IS NOT NULL AND v.state + 0 = " IN_SQL(n)
#define HELD(n)                                                                                              \
	"hold h JOIN voucher v ON v.id = h.voucher WHERE h.closed_at IS NULL AND h.kind + 0 = " IN_SQL(n)
/* Written so that a planner expects most to be so, as most are, and walks their days instead of reading all:
 * that it is n, and that somebody else has done it. */
#define MOSTLY(column, n)        "CASE " column " WHEN " IN_SQL(n) " THEN 1 ELSE 0 END <> 0"
#define BY_OTHERS(column, place) "CASE " column " WHEN " place " THEN 1 ELSE 0 END <> 1"
/* By the recovery: one that was opposed and upheld bears the day of its opposition still. */
#define RECOVERY(billing)                                                                                    \
	"recovery r JOIN voucher v ON v.id = r.voucher WHERE r.closed_on IS NULL AND " MOSTLY("v.billing",   \
											      billing)
#define PAYMENT      "payment p WHERE p.settled_on IS NULL AND p.ordered_by <> '" PAYMENT_BY_LEDGER "' "
#define NOT_REPLACED " AND NOT EXISTS (SELECT n.id FROM api_key n WHERE n.replaces = k.id)"
/* The staff has no conflict of interest. */
#define NO_CONFLICT(of)                                                                                      \
	" AND NOT EXISTS (SELECT x.id FROM conflict x WHERE x.learner = " of                                 \
	".learner AND x.ended_at IS NULL AND (x.principal = $4 OR x.org = $5))"

/* What is the caller's: the portal acts for the learner; a share without a lot that is no co-payment is asked
 * of its fund; a ticket's order still waits for its code; a payment is in a file for the bank. */
#define OF_LEARNER "(SELECT l.portal FROM learner l WHERE l.id = v.learner) IN (0, $4)"
#define ASKED_OF_FUND                                                                                                         \
	"(SELECT count(*) FROM share s JOIN fund f ON f.id = s.fund WHERE s.id >= v.id * " IN_SQL(                            \
		SHARE_ID_STEP) " AND s.id < (v.id + 1) * " IN_SQL(SHARE_ID_STEP) " AND s.lot IS NULL "                        \
										 "AND f.funder = $4 AND f.nature <> " IN_SQL( \
											 OF_COPAYMENTS) ") > 0"
#define OF_ACCEPTED "(SELECT v.state FROM voucher v WHERE v.id = t.voucher) = " IN_SQL(ACCEPTED)
#define IN_FILES    "(SELECT count(*) FROM payment_transfer t WHERE t.payment = p.id)"

const struct work_queue work_queues[] = {
	/* providers */
	{"answer_request", BY(PROVIDER), "v.due_on", "v.id", TELLS("v.price"),
	 "voucher v WHERE v.provider = $4 AND " STATE(REQUESTED), NULL, "o", "voucher step", "propose",
	 "refuse", 1, NULL, "A learner asks for a course: propose it, or refuse.", NULL},
	{"enter", BY(PROVIDER), "v.session_start", "v.id", TELLS("v.price"),
	 "voucher v WHERE v.provider = $4 AND v.due_on IS NULL AND v.contested = 0 "
	 "AND " STATE(ACCEPTED),
	 NULL, "ot", "voucher enter", "enter", "no_show", 1, "$5",
	 "The session has begun and nobody has entered: redeem the learner's code, or report the absence.",
	 NULL},
	{"exit", BY(PROVIDER), "v.session_end", "v.id", TELLS("v.price"),
	 "voucher v WHERE v.provider = $4 AND " STATE(ENTERED), NULL, "ot", "voucher step", "exit", NULL, 1,
	 "$5", "The session is over: say when the learner left.", NULL},
	{"declare", BY(PROVIDER), "v.exited_on", "v.id", TELLS("v.price"),
	 "voucher v WHERE v.provider = $4 AND " STATE(EXITED), NULL, "o", "voucher step", "declare", NULL, 1,
	 NULL, "The learner has left: declare what was completed, and why it ended.", NULL},
	{"bill", BY(PROVIDER), "v.session_end", "v.id", TELLS("v.payable"),
	 "voucher v WHERE v.provider = $4 AND " BILLING(TO_BILL), NULL, "o", "voucher step", "bill", NULL, 0,
	 NULL, "What is owed can be billed.", NULL},
	{"answer_recovery", BY(PROVIDER), "r.order_on", "r.voucher", TELLS("r.amount"),
	 RECOVERY(CLAIMED_BACK) " AND r.opposed_on IS NULL", "v.provider = $4", "o", "voucher step", "oppose",
	 NULL, 0, NULL, "Money is claimed back: pay it back, or oppose the claim.", NULL},

	/* learners, by their portals */
	{"accept", BY(PORTAL), "v.due_on", "v.id", TELLS("v.price"), AWAITED(PROPOSED), OF_LEARNER, "o",
	 "voucher step", "accept", "refuse request_cofunding", 1, NULL,
	 "A provider proposes a course: accept it, ask a co-funder, or refuse.", NULL},
	{"contest", BY(PORTAL), "v.due_on", "v.id", TELLS("v.price"), AWAITED(ACCEPTED), OF_LEARNER, "o",
	 "voucher step", "contest", NULL, 1, NULL,
	 "The provider reports that the learner was absent: contest it, where that is not so.", NULL},
	{"collect_code", BY(PORTAL), "t.session_start", "t.id",
	 "t.uuid, (SELECT c.code FROM course c WHERE c.id = t.course), NULL",
	 "ticket t WHERE t.portal = $4 AND t.collected_at IS NULL AND t.state = " IN_SQL(DRAWN), OF_ACCEPTED,
	 "o", "ticket collect", NULL, NULL, 0, NULL,
	 "The draw has accepted an order: collect the voucher's code.", NULL},

	/* funders */
	{"approve_cofunding", BY(FUNDER), "v.due_on", "v.id", TELLS("v.price"), AWAITED(COFUND_WAIT),
	 ASKED_OF_FUND, "o", "voucher step", "approve_cofunding", "refuse", 1, NULL,
	 "A learner asks for money of your fund: approve it, or refuse.", NULL},

	/* control */
	{"decide_absence", BY(CONTROLLER), "v.session_start", "v.id", TELLS("v.price"),
	 "voucher v WHERE v.contested = 1 AND " STATE(ACCEPTED) NO_CONFLICT("v"), NULL, "po", "voucher step",
	 "confirm_no_show", NULL, 0, NULL,
	 "A learner contests a reported absence: confirm it, where it is so.", NULL},
	{"validate", BY(CONTROLLER), "v.exited_on", "v.id", TELLS("v.price"),
	 "voucher v WHERE v.control = 0 AND v.advance_payment IS NULL AND " STATE(DECLARED) NO_CONFLICT("v"),
	 NULL, "po", "voucher step", "validate", "control", 1, NULL,
	 "A declaration validates itself after its last day: validate it now, or take it into control.",
	 NULL},
	{"in_control", BY(CONTROLLER), "h.until", "h.voucher", TELLS("v.price"),
	 HELD(IN_CONTROL) " AND " STATE(DECLARED) " AND v.control = " IN_SQL(IN_CONTROL) NO_CONFLICT("v"),
	 NULL, "pot", "voucher step", "release", "reduce", 0, NULL,
	 "A declaration is in control: release it, or reduce it with a second controller.", "reduce"},
	{"frozen", BY(CONTROLLER) | BY(AUTHORISER), "h.until", "h.voucher", TELLS("v.payable"),
	 HELD(FREEZE) NO_CONFLICT("v"), NULL, "pot", "voucher step", "unfreeze", NULL, 0, NULL,
	 "A payable is frozen until that day: decide before it ends by itself.", "unfreeze"},
	{"account_frozen", BY(CONTROLLER), "a.until", "a.learner", "l.code, a.ground, NULL",
	 "account_freeze a JOIN learner l ON l.id = a.learner WHERE a.released_at IS NULL" NO_CONFLICT("a"),
	 NULL, "po", "learner unfreeze", NULL, NULL, 0, NULL,
	 "An account is frozen until that day: decide before it ends by itself.", NULL},
	{"alert", BY(CONTROLLER), DAY("a.raised_at"), "a.id", "a.id, a.scope, NULL",
	 "alert a WHERE a.closed_at IS NULL", NULL, "", "alert close", NULL, NULL, 0, NULL,
	 "An alert is open: look at it, and close it with its outcome.", NULL},
	{"opposed", BY(CONTROLLER) | BY(AUTHORISER), "r.opposed_on", "r.voucher", TELLS("r.amount"),
	 RECOVERY(OPPOSED) " AND r.opposed_on IS NOT NULL" NO_CONFLICT("v"), NULL, "pot", "voucher step",
	 "uphold", "drop_recovery", 0, NULL,
	 "A provider opposes a recovery: uphold it, or let it drop (drop_recovery); two persons decide.",
	 "uphold drop_recovery"},
	{"standing_ends", BY(CONTROLLER) | BY(AUTHORISER), "s.until", "s.provider", "o.code, s.ground, NULL",
	 "provider_standing s JOIN organisation o ON o.id = s.provider WHERE s.ended_at IS NULL", NULL, "at",
	 "provider decide", NULL, NULL, 0, "$4",
	 "A provider's suspension or removal ends by itself after that day: two persons may decide otherwise.",
	 "standing"},

	/* payment */
	{"order_payment", BY(AUTHORISER), "v.billed_on", "v.id", TELLS("v.payable"),
	 "voucher v WHERE (v.validated_by IS NULL OR v.validated_by <> $4) AND NOT EXISTS (SELECT h.voucher "
	 "FROM hold h WHERE h.voucher = v.id AND h.closed_at IS NULL AND h.kind = " IN_SQL(
		 FREEZE) ") AND " BILLING(BILLED) NO_CONFLICT("v"),
	 NULL, "po", "voucher step", "order", NULL, 1, NULL,
	 "A bill waits for its order (pay order does it for all of a provider's).", NULL},
	{"order_advance", BY(AUTHORISER), "p.ordered_on + 0", "p.id", TELLS("p.amount"),
	 "payment p JOIN payment_line n ON n.payment = p.id JOIN voucher v ON v.id = n.voucher "
	 "WHERE p.settled_on IS NULL AND p.ordered_by = '" PAYMENT_BY_LEDGER
	 "' AND p.kind = " IN_SQL(ADVANCE) " AND p.state = " IN_SQL(ORDERED) NO_CONFLICT("v"),
	 NULL, "po", "voucher step", "order", NULL, 0, NULL,
	 "The rule grants an advance, which waits for its order.", NULL},
	{"pay_back", BY(AUTHORISER), "n.proposed_on", "n.voucher",
	 "(SELECT v.uuid FROM voucher v WHERE v.id = n.voucher), NULL, n.balance",
	 "credit_note n WHERE " BY_OTHERS("n.proposed_by", "$4") NO_CONFLICT("n"), NULL, "po", "pay back",
	 NULL, NULL, 0, NULL, "A learner's own money is proposed to be paid back: order it.", NULL},
	{"payment_file", BY(ACCOUNTANT), "p.ordered_on", "p.id", "p.uuid, " PAYEE ", p.amount",
	 PAYMENT "AND p.kind <> " IN_SQL(BACK), IN_FILES " = 0", "", "pay file", NULL, NULL, 0, NULL,
	 "A payment is ordered and in no file for the bank yet: make the file.", NULL},
	{"payment_unanswered", BY(ACCOUNTANT), "p.ordered_on", "p.id", "p.uuid, " PAYEE ", p.amount",
	 PAYMENT "AND p.ordered_by <> $4", "p.kind = " IN_SQL(BACK) " OR " IN_FILES " > 0", "p",
	 "pay confirm", "confirm", "reject", 0, NULL,
	 "A payment is at the bank: import the statement, or record what the bank did (confirm, reject).",
	 NULL},
	{"bank_line", BY(ACCOUNTANT), "b.booked_on", "b.id", "b.id, b.reference, abs(b.waiting)",
	 "bank_line b WHERE b.waiting <> 0", NULL, "", "bank resolve", NULL, NULL, 0, NULL,
	 "A line of the bank's statement matches nothing: say what it is.", NULL},
	{"collect", BY(ACCOUNTANT), "r.order_on", "r.voucher", TELLS("r.amount"),
	 RECOVERY(CLAIMED_BACK) NO_CONFLICT("v"), NULL, "pot", "voucher step", "collect", "offset write_off",
	 0, "$6",
	 "A recovery can be enforced: enter what came, set it off, or write it off with an authoriser.",
	 NULL},
	{"year_end", BY(ACCOUNTANT), "$4", WITH_YEAR("b.fund", "b.year"),
	 "f.code, CAST(b.year AS TEXT), NULL",
	 "budget b JOIN fund f ON f.id = b.fund WHERE b.year < $5 AND NOT EXISTS (SELECT y.fund "
	 "FROM year_end y WHERE y.fund = b.fund AND y.year = b.year)",
	 NULL, "ny", "year-end", NULL, NULL, 0, NULL, "A budget year is over: end it.", NULL},

	/* the ledger's own household */
	{"confirm_key", BY(OPERATOR), DAY("k.created_at"), "k.id", "k.id, k.principal, NULL",
	 "api_key k WHERE k.rest IS NOT NULL AND +k.revoked_at IS NULL AND k.created_by <> $4", NULL, "p",
	 "key confirm", NULL, NULL, 0, NULL,
	 "A key waits for a second operator, who takes the rest of its secret, or confirms its client.",
	 NULL},
	{"key_ends", BY(OPERATOR), "k.expires_on", "k.id", "k.id, k.principal, NULL",
	 "api_key k WHERE k.revoked_at IS NULL AND k.expires_on >= $4 AND k.expires_on <= $5 "
	 "AND k.id <> $6" NOT_REPLACED,
	 NULL, "tak", "key create", NULL, NULL, 0, NULL,
	 "A key ends: its holder exchanges it (key rotate), or you make another one.", NULL},
	{"own_key_ends", EVERY_ROLE, "k.expires_on", "k.id", "k.id, k.label, NULL",
	 "api_key k WHERE k.id = $4 AND k.expires_on <= $5 AND k.token_issuer IS NULL" NOT_REPLACED, NULL,
	 "ka", "key rotate", NULL, NULL, 0, NULL, "The key that asks this ends: exchange it.", NULL},
	{"role_ends", BY(OPERATOR), "g.valid_to", "g.id", "p.code, o.code, NULL",
	 "role_grant g JOIN person p ON p.id = g.person JOIN organisation o ON o.id = g.org "
	 "WHERE g.ended_by IS NULL AND g.valid_to >= $4 AND g.valid_to <= $5 AND NOT EXISTS (SELECT n.id "
	 "FROM role_grant n WHERE n.person = g.person AND n.role = g.role AND n.org = g.org "
	 "AND (n.valid_to IS NULL OR n.valid_to > g.valid_to))",
	 NULL, "ta", "role grant", NULL, NULL, 0, NULL,
	 "A person's role ends: grant it again, where it goes on.", NULL},
	{"accrual_unfinished", BY(OPERATOR), DAY("r.begun_at"), WITH_YEAR("r.rule", "r.period"),
	 "r.programme, CAST(r.period AS TEXT), NULL", "accrual_run r WHERE r.finished_at IS NULL", NULL, "",
	 "accrue", NULL, NULL, 0, NULL, "A yearly right has not reached all learners: go on with the run.",
	 NULL},

	/* two persons */
	{"second_person",
	 BY(OPERATOR) | BY(PORTAL) | BY(PROVIDER) | BY(CONTROLLER) | BY(AUTHORISER) | BY(ACCOUNTANT),
	 DAY("d.proposed_at"), "d.seq", "d.subject, d.kind, NULL, d.proposed_by, d.proposed_role, d.content",
	 "decision d WHERE d.ended_at IS NULL AND " MOSTLY("d.state", FIRST_WORD) " AND d.proposed_by <> $4",
	 "(" PERSON_CAN("d.proposed_by", "d.proposed_role", "$5") ") = 1", "pt", NULL, NULL, NULL, 0, NULL,
	 "Somebody proposes it, and a second person is wanted: say the same, or withdraw it.", NULL},
	{0},
};

/* That nobody has proposed one of those kinds on that number who could still do it.  At most one of a kind is
 * open.  By the primary key: an index of those that have not ended would be read whole for each row. */
static void add_not_proposed(const struct work_queue *q, struct buf *out)
{
	const char *today = strchr(q->with, 't');
	int place;

	assert(today != NULL);
	place = 4 + (int)(today - q->with);
	buf_format(out,
		   "(SELECT count(*) FROM decision e WHERE e.subject = CAST(%s AS TEXT) AND e.kind IN ('",
		   q->number);
	for (const char *at = q->proposed; *at != '\0'; at++)
		if (*at == ' ')
			buf_text_add(out, "', '");
		else
			buf_char(out, *at);
	buf_format(out,
		   "') AND coalesce(e.ended_at, 0) = 0 AND e.state = " IN_SQL(
			   FIRST_WORD) " AND EXISTS (" PERSON_CAN("e.proposed_by", "e.proposed_role",
								  "$%d") ")) = 0 AND ",
		   place, place, place);
}

static void add_columns(const struct work_queue *q, struct buf *out)
{
	buf_text_add(out, "SELECT ");
	for (size_t i = 0; q->of_voucher && i < voucher_record.count; i++)
		buf_format(out, "v.%s, ", voucher_record.column[i].name);
	buf_format(out, "%s, %s, CASE WHEN ", q->day, q->number);
	if (q->proposed != NULL)
		add_not_proposed(q, out);
	buf_format(out, "(%s) THEN 1 ELSE 0 END, %s FROM %s", q->mine != NULL ? q->mine : "1 = 1", q->tells,
		   q->from);
}

/* That a day is not before its time is asked where days are looked for; a parameter must stand somewhere. */
void work_on_day(const struct db_made *made, struct buf *out)
{
	const struct work_queue *q = made->from;
	const char *until = q->until != NULL ? q->until : "$1";

	add_columns(q, out);
	buf_format(out, " AND %s = $1 AND %s > $2 AND %s = %s ORDER BY %s LIMIT $3", q->day, q->number, until,
		   until, q->number);
}

void work_later(const struct db_made *made, struct buf *out)
{
	const struct work_queue *q = made->from;

	add_columns(q, out);
	buf_format(out, " AND %s > $1 AND $2 = $2", q->day);
	if (q->until != NULL)
		buf_format(out, " AND %s <= %s", q->day, q->until);
	buf_format(out, " ORDER BY %s, %s LIMIT $3", q->day, q->number);
}
