/*
 * A programme's rule: every number of a scheme, as data with dates.
 *
 * A rule version is a JSON document, imported once and never changed; its form
 * is described in ledger/rules/samples/README.md.  Two versions of one programme
 * never overlap (registers/programme.h).
 */
#ifndef ILA_RULES_RULE_H
#define ILA_RULES_RULE_H

#include "ledger/base/calendar.h"
#include "ledger/base/err.h"
#include "ledger/base/limits.h"
#include "ledger/base/zone.h"
#include "ledger/rules/words.h"

/*
 * When orders are taken, and who comes first when there is not enough for all (ledger/field.md#the-peak).
 */
enum intake {
	INTAKE_ALWAYS,  /* while the rule is in force, in the order of arrival */
	INTAKE_ARRIVAL, /* inside a window, in the order of arrival */
	INTAKE_LOTTERY  /* inside a window each order is a ticket; they are served by lot when it has closed:
			   draw.h */
};

/* The keys lots are ranked by, in the order of the preset (ledger/field.md#drawing-on-funds). */
enum rank_key { RANK_CLASS, RANK_RESTRICTED, RANK_EXPIRY, RANK_GRANTED, RANK_LOT, RANK__MAX };

struct curve_step {
	int from; /* completion in percent from which the step holds */
	int pay;  /* percent of the price; -1: the completion itself */
};

/* What one order may take at most. */
struct rule_cap {
	char repertoire[8];              /* "RS", "RNCP"; "" any */
	char action[REASON_MAX + 1];     /* action type; "" any */
	char except[CAP_EXCEPT_MAX][16]; /* certifications it does not hold for */
	size_t excepts;
	int64_t max;
	char class_[CLASSES_MAX][REASON_MAX + 1]; /* of funds it holds for; none: all */
	size_t classes;

	/* Conditions of such an order; 0 none. */
	int hours_min;           /* of the course */
	int once_in_years;       /* between two of that action type by one learner, paid by funds */
	int64_t third_party_min; /* paid by funds of other classes, unless the learner has one of these */
	char third_party_exempt[CLASSES_MAX][REASON_MAX + 1]; /* statuses */
	size_t third_party_exempts;
};

struct rule;

/* rule_cap_of(rule, certification, action): the first cap that matches; NULL none. */
const struct rule_cap *rule_cap_of(const struct rule *, const char *certification, const char *action);

struct rule_codes {
	char code[GRANT_CODES_MAX][CODE_MAX + 1];
	size_t count;
};

/* What an agreement gives by itself when an order is short (grant.h). */
struct rule_grant {
	char grant[CODE_MAX + 1];
	char fund[CODE_MAX + 1];
	int64_t envelope; /* of each calendar year, or of the whole period */
	int yearly;
	int64_t max; /* of one grant */
	day_t from, to;
	struct rule_codes status, age_band, qualification, region; /* of learners; none: all */
	int low_qualified;                                         /* 1: only to them */
	char certification[GRANT_TITLES_MAX][16];
	size_t certifications;
	struct rule_codes courses;
};

struct rule {
	int64_t id;
	char programme[CODE_MAX + 1];
	char version[CODE_MAX + 1];
	char account[CODE_MAX + 1]; /* programme whose accounts it feeds: itself, or the one it tops up */
	day_t valid_from, valid_to;
	char time_zone[ZONE_NAME_MAX +
		       1]; /* as the document says it: the ledger's, by which days are counted */
	struct calendar calendar;
	char currency[4];

	/* accrual (C1); granted to nobody when accrual_fund is "" */
	char accrual_fund[CODE_MAX + 1];
	int64_t accrual_annual, accrual_cap;
	int64_t accrual_annual_low, accrual_cap_low;               /* the higher ones, */
	int accrual_raises_low_qualified, accrual_raises_disabled; /* 1: for them */
	int accrual_valid_months; /* from the grant to the expiry of its lot; 0: never */
	int64_t days_basis;       /* days that are a full year where time is counted in days; 0 twelve months
				     of reference */
	char absence[CLASSES_MAX][REASON_MAX + 1];       /* codes of absences that count as worked */
	char absence_other[CLASSES_MAX][REASON_MAX + 1]; /* of absences that are known and do not */
	size_t absences, absences_other;
	int accrual_first_year;    /* the first that is rewarded; 0: that of the programme's first version */
	int accrual_in_advance;    /* 1: a year is granted while it runs */
	int accrual_threshold_pct; /* working time from which the amount is whole */
	char accrual_clause[CODE_MAX + 1]; /* of the law or agreement that grants it; "" not said */
	int accrual_due; /* month * 100 + day of the next year by which it is posted; 0 not said */
	char accrual_employer[EMPLOYERS_NAMED_MAX][10]; /* SIREN of those whose payroll counts; none: all */
	size_t accrual_employers;

	/* co-payment */
	char copay_fund[CODE_MAX + 1]; /* "" none */
	int64_t copay_flat;
	int copay_pct; /* of the price, the learner's part rounded up; in the place of copay_flat */
	char copay_exempt_status[CLASSES_MAX][REASON_MAX + 1];
	char copay_exempt_class[CLASSES_MAX][REASON_MAX + 1];
	size_t copay_exempt_statuses, copay_exempt_classes;

	/* learners' own money that came back (ledger/field.md#learners-own-money) */
	int own_pay_back_days;    /* until it is proposed to be paid back */
	int own_prescribed_years; /* until it is the public treasury's; 0: never */

	struct rule_cap cap[CAPS_MAX]; /* the first that matches an order holds */
	size_t caps;
	int untitled[ACTION__MAX]; /* 1: such an action needs no certification of a register */

	struct rule_grant grant[GRANTS_PER_RULE_MAX];
	size_t grants;

	/* draw-down (ledger/field.md#drawing-on-funds) */
	char preset[CODE_MAX + 1];
	enum rank_key rank[RANK__MAX];
	size_t ranks;
	char class_order[CLASSES_MAX][REASON_MAX + 1];
	size_t classes;

	/* deadlines, in days; working days where the name says so */
	int withdraw_days;            /* calendar days after acceptance, while not started */
	int cancel_free_working_days; /* free when more than this many before the start */
	int entry_declare_working_days;
	int exit_declare_working_days;
	int validate_auto_working_days;
	int pay_days;          /* calendar, from validation and invoice */
	int iban_quiet_days;   /* an IBAN must be unchanged this long before an order */
	int start_within_days; /* a session may start at most this long after acceptance; 0 no limit */

	/* intake window: its first and last day; DAY_NONE when there is none */
	enum intake intake;
	day_t intake_from, intake_to;

	/* requests; without the member requests nobody may ask, orders are by catalogue */
	int takes_requests;
	int provider_reply_working_days; /* from the request to the proposal */
	int learner_accept_working_days; /* from the proposal to its acceptance */
	int cofund_reply_days; /* calendar, from the request for co-funding to the funder's answer */
	int requests_max;      /* open requests of one learner for one course's certification */

	/* cancellation; without the member a late cancellation and an absence are not offered */
	int charges_late;
	int late_fee_pct; /* of the price, to the provider */
	int no_show_fee_pct;
	int no_show_after_working_days; /* after the session start, without an entry */
	int contest_days;               /* calendar, after the report of an absence */

	/* attendance; 0: the rule asks for nothing */
	int free_working_days;        /* after the session's start an order that nobody entered is freed, */
	int free_notice_working_days; /* after a notice so many before */
	int late_entry_working_days;  /* after the start a controller may accept an entry */
	int exit_agreed; /* 1: an exit before the session's end needs the learner's or a controller's word */
	int hours_a_day_max;      /* a declaration of more is an alert, and in control */
	int64_t unreferenced_max; /* so is an order of more by a learner of whom neither payroll nor
				     identity is known; 0 any */

	/* control and freezing of payables (ledger/field.md#holds); without the member the rule offers
	 * neither */
	int controls;
	int control_max_days, freeze_max_days;
	int sample_pct, sample_days; /* of declarations, randomly selected for control */

	/* recovery of undue payments; without the member nothing is claimed back */
	int recovers;
	int recovery_demand_days;                  /* from the notice until the recovery is enforceable */
	int recovery_oppose_days;                  /* from then on */
	char recovery_first_class[REASON_MAX + 1]; /* class of funds that is served first, "" none */

	/* orders accepted under this version; 0 no limit */
	int places_per_course, places_per_provider;

	/* providers; 0: no such limit */
	int provider_new_days;                  /* new for so long after it was first accredited */
	int64_t provider_new_ceiling;           /* most that may be open with a new one */
	int provider_new_validate_working_days; /* in the place of validate_auto_working_days, where longer */
	int64_t provider_exposure_max;          /* most that may be open with any */

	/* alerts; 0 none */
	int alert_rush_orders;     /* more orders of one course */
	int alert_rush_days;       /* in so many days */
	int alert_share_pct;       /* one provider has more of what was ordered under this version, */
	int64_t alert_share_from;  /* once so much was ordered */
	int alert_growth_pct;      /* a provider's month exceeds the one before by more, */
	int64_t alert_growth_from; /* once it is so much */

	/* completion */
	struct curve_step curve[CURVE_MAX];
	size_t curve_steps;

	/* funds whose unused AE and CP are added to the next year's (G10); the others' are cancelled */
	char carry_fund[FUNDS_PER_RULE_MAX][CODE_MAX + 1];
	size_t carry_funds;

	/* advance */
	int advance_pct; /* 0 none */
	int advance_min_days;
};

/* rule_parse(text, len, rule, err): the document without the ledger, id = 0. */
int rule_parse(const char *text, size_t len, struct rule *, struct err *);

/* rule_carries(rule, fund): 1 when the fund of that code carries what is left of a year to the next. */
int rule_carries(const struct rule *, const char *fund);

/* rule_pay(rule, price, completion, exact): the amount owed for that percentage of completion; exact: pay
 * the rate itself (force majeure). */
int64_t rule_pay(const struct rule *, int64_t price, int completion, int exact);

#endif
