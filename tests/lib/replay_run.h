/*
 * Replays real monthly volumes: every single entry of a file of training entries
 * goes through contribution, accrual, voucher, redemption, exit, declaration,
 * validation, invoice, order and payment in a sandbox ledger whose clock follows
 * the months; then all reports are written and compared with the input.
 */
#ifndef ILA_TESTS_REPLAY_RUN_H
#define ILA_TESTS_REPLAY_RUN_H

#include <stdint.h>

#include "ledger/base/err.h"

struct replay_result {
	int64_t rows; /* of the input, summed by month, code and SIRET */
	int64_t months;
	int64_t entries;   /* trainings entered */
	int64_t journal;   /* entries in the journal */
	int64_t paid;      /* cents paid to providers */
	int64_t unpaid;    /* entries whose voucher did not get to its payment */
	int64_t faults;    /* of the audit */
	int64_t own_kept;  /* cents of learners' own money that lie in the fund of co-payments: 270 and 210 */
	int64_t own_home;  /* went back to their cards */
	int64_t own_away;  /* ordered back, and the bank has not answered */
	int64_t different; /* keys whose count in public-entries.csv differs from the input */
};

/*
 * replay_run(data, out, result, err): data is a CSV with the columns annee_mois,
 * code_rncp, intitule_certification, siret_of_contractant, entrees_formation; out
 * a folder, made if it is not there, that holds no ledger yet.  0 when the run
 * went through, whatever the comparison says; progress goes to stderr.
 */
int replay_run(const char *data, const char *out, struct replay_result *, struct err *);

/*
 * replay_compare(data, report, different, err): hold a public-entries.csv against
 * the input, both ways: keys whose entries differ, are missing, come twice or were
 * never asked for.  The first ones are named on stderr.
 */
int replay_compare(const char *data, const char *report, int64_t *different, struct err *);

#endif
