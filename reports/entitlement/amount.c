#include "reports/entitlement/amount.h"

__extension__ typedef unsigned __int128 wide_t;

/* times * (sum of the parts): a whole number, and whether anything is left above it. */
static int64_t multiple(int64_t times, const struct year_part *parts, size_t n, int *more)
{
	wide_t rest = 0, common = 1;
	int64_t whole = 0;

	for (size_t i = 0; i < n; i++)
		common *= (wide_t)(uint64_t)parts[i].whole;
	for (size_t i = 0; i < n; i++) {
		wide_t product = (wide_t)(uint64_t)times * (wide_t)(uint64_t)parts[i].part;
		wide_t of = (wide_t)(uint64_t)parts[i].whole;

		whole += (int64_t)(product / of);
		rest += product % of * (common / of);
	}
	*more = rest % common != 0;
	return whole + (int64_t)(rest / common);
}

int64_t amount_of(int64_t annual, int threshold, const struct year_part *parts, size_t n)
{
	int64_t amount;
	int more;

	if (multiple(100, parts, n, &more) >= threshold)
		return annual;
	amount = multiple(annual, parts, n, &more);
	return amount + more;
}
