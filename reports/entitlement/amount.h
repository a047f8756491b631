/*
 * A part of a year's amount, exact to the cent: a sum of fractions that is never
 * rounded before its end.
 */
#ifndef ILA_REPORTS_ENTITLEMENT_AMOUNT_H
#define ILA_REPORTS_ENTITLEMENT_AMOUNT_H

#include <stddef.h>
#include <stdint.h>

#define PARTS_MAX 5 /* employers of a year, and their absences */

struct year_part {
	int64_t part, whole; /* 0 <= part, 0 < whole < 2^24 */
};

/* amount_of(annual, threshold, parts, n): annual when the parts come to threshold percent, else its part of
 * them, rounded up. */
int64_t amount_of(int64_t annual, int threshold, const struct year_part *, size_t n);

#endif
