/*
 * The table of types.  The first row that fits an entry is its type; an entry that none fits is no event: it
 * seals what another entry of the same step tells, or concerns nobody outside.
 */
#include <string.h>

#include "ledger/events/event.h"
#include "ledger/events/event_type.h"

#define OF_VOUCHER(name, kind)                                                                               \
	{                                                                                                    \
		"voucher." name, kind, NULL, NULL, EVENT_OF_VOUCHER, EVENT_ALWAYS                            \
	}
#define OF_LOT(name, kind, sealed)                                                                           \
	{                                                                                                    \
		"right." name, kind, sealed, NULL, EVENT_OF_LOT, EVENT_ALWAYS                                \
	}
#define OF_FUND(name, kind, sealed)                                                                          \
	{                                                                                                    \
		"fund." name, kind, sealed, NULL, EVENT_OF_FUND, EVENT_ALWAYS                                \
	}
#define OF_PAYMENT(name, kind, when)                                                                         \
	{                                                                                                    \
		"payment." name, kind, "payment", NULL, EVENT_OF_PAYMENT, when                               \
	}
#define OF_DECISION(name, kind, what)                                                                        \
	{                                                                                                    \
		name, kind, "decision", what, EVENT_OF_DECISION, EVENT_ALWAYS                                \
	}
#define OF_STAFF(name, kind, sealed)                                                                         \
	{                                                                                                    \
		name, kind, sealed, NULL, EVENT_OF_STAFF, EVENT_ALWAYS                                       \
	}

static const struct event_type types[] = {
	OF_VOUCHER("requested", "request"),
	OF_VOUCHER("refused_provider", "refuse_provider"),
	OF_VOUCHER("proposed", "propose"),
	OF_VOUCHER("refused_learner", "refuse_learner"),
	OF_VOUCHER("lapsed", "lapse"),
	OF_VOUCHER("accepted", "accept"),
	OF_VOUCHER("cofunding_requested", "request_cofunding"),
	OF_VOUCHER("cofunding_approved", "approve_cofunding"),
	OF_VOUCHER("refused_funder", "refuse_funder"),
	OF_VOUCHER("cancelled", "cancel"),
	OF_VOUCHER("cancelled_late", "cancel_late"),
	OF_VOUCHER("cancelled_provider", "cancel_provider"),
	OF_VOUCHER("cancelled_funder", "cancel_funder"),
	OF_VOUCHER("no_show_reported", "report_no_show"),
	OF_VOUCHER("no_show_contested", "contest"),
	OF_VOUCHER("no_show", "no_show"),
	OF_VOUCHER("unentered", "notice_unentered"),
	OF_VOUCHER("lapsed_unentered", "lapse_unentered"),
	OF_VOUCHER("code_collected", "collect_code"),
	OF_VOUCHER("entered", "enter"),
	OF_VOUCHER("exited", "exit"),
	OF_VOUCHER("declared", "declare"),
	OF_VOUCHER("declaration_withdrawn", "withdraw_declaration"),
	OF_VOUCHER("in_control", "control"),
	OF_VOUCHER("validated", "validate"),
	OF_VOUCHER("reduced", "reduce"),
	OF_VOUCHER("billed", "bill"),
	OF_VOUCHER("forfeited", "forfeit"),
	OF_VOUCHER("payment_ordered", "order"),
	OF_VOUCHER("paid", "pay"),
	OF_VOUCHER("payment_rejected", "reject"),
	OF_VOUCHER("frozen", "freeze"),
	OF_VOUCHER("unfrozen", "unfreeze"),
	OF_VOUCHER("recovery_opened", "recover"),
	OF_VOUCHER("recovery_opposed", "oppose"),
	OF_VOUCHER("recovery_upheld", "uphold"),
	OF_VOUCHER("recovery_collected", "collect"),
	OF_VOUCHER("recovery_offset", "offset"),
	OF_VOUCHER("kept_back", "keep_back"),
	OF_VOUCHER("recovery_written_off", "write_off"),
	OF_VOUCHER("use_recovered", "recover_use"),
	OF_VOUCHER("use_recovery_dropped", "drop_use_recovery"),
	OF_VOUCHER("copayment_settled", "copay_settlement"),

	OF_PAYMENT("proposed", "payment", EVENT_PROPOSED),
	OF_PAYMENT("ordered", "payment", EVENT_ORDERED),
	OF_PAYMENT("settled", "payment", EVENT_SETTLED),
	OF_PAYMENT("ordered", "refund_order", EVENT_ALWAYS),
	OF_PAYMENT("settled", "refund_pay", EVENT_ALWAYS),
	OF_PAYMENT("settled", "refund_reject", EVENT_ALWAYS),
	OF_PAYMENT("ordered", "pay_back_order", EVENT_ALWAYS),
	OF_PAYMENT("settled", "pay_back", EVENT_ALWAYS),
	OF_PAYMENT("settled", "pay_back_reject", EVENT_ALWAYS),

	OF_LOT("accrued", "accrue", "accrual"),
	OF_LOT("topped_up", "topup", "topup"),
	OF_LOT("granted", "grant_made", "grant_made"),
	OF_LOT("expired", "expire", NULL),
	OF_LOT("corrected", "correct", "accrual"),
	OF_LOT("corrected", "correct", NULL),
	OF_LOT("corrected", "reverse", NULL),
	OF_LOT("corrected", "reverse", "accrual"),
	{"account.frozen", "account_freeze", "account_freeze", NULL, EVENT_OF_LEARNER, EVENT_ALWAYS},
	{"account.unfrozen", "account_unfreeze", "account_freeze", NULL, EVENT_OF_LEARNER, EVENT_ALWAYS},
	{"account.closed", "account_close", "account_closing", NULL, EVENT_OF_LEARNER, EVENT_ALWAYS},

	OF_FUND("called", "fund_call", "contribution"),
	OF_FUND("received", "fund_receipt", "contribution"),
	OF_FUND("paid_in", "fund_payment", "contribution"),
	OF_FUND("budget_voted", "vote", NULL),
	OF_FUND("budget_amended", "budget_amendment", "budget_amendment"),
	OF_FUND("year_ended", "year_end", "year_end"),
	OF_FUND("reserve_used", "reserve_use", NULL),
	OF_FUND("charged", "bank_charge", NULL),
	OF_FUND("interest_received", "bank_interest", NULL),

	OF_DECISION("bank_details.proposed", "decision_proposed", "bank_account"),
	OF_DECISION("bank_details.agreed", "decision_confirmed", "bank_account"),
	OF_DECISION("bank_details.changed", "decision_in_force", "bank_account"),
	OF_DECISION("bank_details.withdrawn", "decision_withdrawn", "bank_account"),
	OF_DECISION("decision.wanted", "decision_proposed", NULL),
	OF_DECISION("decision.agreed", "decision_confirmed", NULL),
	OF_DECISION("decision.in_force", "decision_in_force", NULL),
	OF_DECISION("decision.withdrawn", "decision_withdrawn", NULL),

	{"provider.standing_changed", "standing", "provider_standing", NULL, EVENT_OF_ORGANISATION,
	 EVENT_ALWAYS},
	{"provider.standing_ended", "end_standing", "provider_standing", NULL, EVENT_OF_ORGANISATION,
	 EVENT_ALWAYS},
	{"organisation.recorded", "organisation", "organisation", NULL, EVENT_OF_ORGANISATION, EVENT_ALWAYS},

	OF_STAFF("course.recorded", "course", "course"),
	OF_STAFF("rule.recorded", "rule", "rule"),
	OF_STAFF("period.closed", "close_period", "period"),
	OF_STAFF("payment_file.made", "payment_file", "payment_file"),
	OF_STAFF("person.recorded", "person", "person"),
	OF_STAFF("person.ended", "person_ended", "person"),
	OF_STAFF("role.granted", "role_granted", "role_grant"),
	OF_STAFF("role.ended", "role_ended", "role_grant"),
	OF_STAFF("key.created", "key", "api_key"),
	OF_STAFF("key.rotated", "rotate_key", "api_key"),
	OF_STAFF("key.revoked", "revoke_key", "api_key"),
	OF_STAFF("key.pinned", "pin_key", "api_key"),
	OF_STAFF("key.unpinned", "unpin_key", "api_key"),
};

const struct event_type *event_type_at(size_t i)
{
	return i < sizeof types / sizeof types[0] ? &types[i] : NULL;
}

static int fits(const struct event_type *t, const struct event_head *h, const char *decision)
{
	const char *sealed = t->subject_kind != NULL ? t->subject_kind : "";

	if (strcmp(t->kind, h->kind) != 0 || strcmp(sealed, h->subject_kind) != 0)
		return 0;
	if (t->decision != NULL && strcmp(t->decision, decision) != 0)
		return 0;
	return t->about != EVENT_OF_VOUCHER || h->voucher != 0;
}

const struct event_type *event_type_of(const struct event_head *h, const char *decision)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (fits(&types[i], h, decision))
			return &types[i];
	return NULL;
}

const struct event_type *event_type_when(const struct event_type *t, enum event_when when)
{
	const struct event_type *end = types + sizeof types / sizeof types[0];

	for (const struct event_type *at = t; at < end; at++)
		if (at->when == when && strcmp(at->kind, t->kind) == 0)
			return at;
	return NULL;
}

/* --- the types that somebody wants --------------------------------------------- */

/* Whether the word, of that length, is this type or, with "*" at its end, one of its kin. */
static int covers(const char *word, size_t len, const char *name)
{
	if (len > 2 && word[len - 1] == '*' && word[len - 2] == '.')
		return strncmp(word, name, len - 1) == 0;
	return strlen(name) == len && memcmp(word, name, len) == 0;
}

int event_wanted(const char *wanted, const char *name)
{
	if (wanted[0] == '\0')
		return 1;
	for (const char *at = wanted; *at != '\0';) {
		size_t len = strcspn(at, " ");

		if (covers(at, len, name))
			return 1;
		at += len;
		at += strspn(at, " ");
	}
	return 0;
}

int event_types_check(const char *wanted, const char *field, struct err *err)
{
	for (const char *at = wanted; *at != '\0';) {
		size_t len = strcspn(at, " "), i = 0;

		while (i < sizeof types / sizeof types[0] && !covers(at, len, types[i].name))
			i++;
		if (i == sizeof types / sizeof types[0])
			return err_set(
				err, ERR_FIELD_INVALID, field,
				"'%.*s' is no type of event; types stand with a blank between them, and "
				"voucher.* is all of vouchers.",
				(int)(len < EVENT_TYPE_MAX ? len : EVENT_TYPE_MAX), at);
		at += len;
		at += strspn(at, " ");
	}
	return 0;
}
