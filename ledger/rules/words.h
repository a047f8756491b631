/*
 * The words that rules, registers and files share.  The numbers are stored: add at the end.
 */
#ifndef ILA_RULES_WORDS_H
#define ILA_RULES_WORDS_H

/* What a fund is made of: a right given by law, cash, learners' own payments. */
enum nature { NATURE_NOTIONAL = 1, NATURE_CASH = 2, NATURE_COPAY = 3 };
/* What its budget does: it has none; nothing is committed or paid beyond the vote; alerts only. */
enum over_budget { BUDGET_NONE, BUDGET_STOPS, BUDGET_ALERTS };
/* Whose money a lost right of a cash fund is again: the pool, the funder. */
enum unspent { UNSPENT_POOL = 1, UNSPENT_FUNDER = 2 };

/* What a course is, in the law's terms. */
enum action_type {
	ACTION_TRAINING = 1,
	ACTION_ASSESSMENT,
	ACTION_VAE,
	ACTION_APPRENTICESHIP,
	ACTION_LIGHT_LICENCE, /* a driving licence for light vehicles, or for heavy ones */
	ACTION_HEAVY_LICENCE,
	ACTION__MAX
};

#define ACTION_ACCREDITED__MAX (ACTION_APPRENTICESHIP + 1) /* those that providers are accredited for */

/* "training", "skills_assessment", "vae", "apprenticeship", "light_vehicle_licence", "heavy_vehicle_licence"
 */
const char *action_type_name(enum action_type);
int action_type_find(const char *, enum action_type *);

/* action_accreditation(action): the type a provider is accredited for to give it: a licence is a training. */
enum action_type action_accreditation(enum action_type);

/* action_untitled(action): it may lead to no certification of a register. */
int action_untitled(enum action_type);

#endif
