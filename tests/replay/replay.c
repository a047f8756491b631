/*
 * make replay DATA=FILE.csv OUT=DIR
 */
#include <stdio.h>

#include "ledger/base/env.h"
#include "ledger/base/money.h"
#include "tests/lib/replay_run.h"

int main(int argc, char **argv)
{
	struct replay_result r;
	struct err err = {0};
	char paid[MONEY_TEXT], away[MONEY_TEXT], kept[MONEY_TEXT];
	int64_t start = env_ticks();
	double seconds;

	if (argc != 3) {
		fprintf(stderr, "usage: replay FILE.csv DIR\n");
		return 2;
	}
	if (replay_run(argv[1], argv[2], &r, &err) != 0) {
		fprintf(stderr, "replay: %s\n", err.text);
		return 1;
	}
	seconds = (double)(env_ticks() - start) / 1e6;
	printf("%lld entries of %lld keys (month, code, SIRET) in %lld months replayed in %.1f s (%.0f a second)\n",
	       (long long)r.entries, (long long)r.rows, (long long)r.months, seconds,
	       (double)r.entries / seconds);
	printf("%lld entries in the journal; %lld vouchers paid, %s EUR in all; %lld not paid\n",
	       (long long)r.journal, (long long)(r.entries - r.unpaid), money_format(r.paid, 2, paid),
	       (long long)r.unpaid);
	printf("learners' own money: %s EUR went home, %s EUR is on its way, %s EUR lies in the fund\n",
	       money_format(r.own_home, 2, paid), money_format(r.own_away, 2, away),
	       money_format(r.own_kept, 2, kept));
	printf("public-entries.csv differs from the input in %lld keys; verify found %lld faults\n",
	       (long long)r.different, (long long)r.faults);
	printf("Look at:\n"
	       "  %s/public-entries.csv   beside %s\n"
	       "  %s/fc-quarterly.csv     what the funder reports\n"
	       "  %s/remittance.csv       what the providers were paid\n"
	       "  %s/trial-balance.csv    what all of it adds up to\n"
	       "  %s/ledger.db            the ledger itself\n",
	       argv[2], argv[1], argv[2], argv[2], argv[2], argv[2]);
	return r.unpaid != 0 || r.different != 0 || r.faults != 0 || r.own_kept != 0;
}
