/*
 * GET /v1/samples/{month}: what anybody needs to derive again which declarations
 * of a month were picked for control (ledger/voucher/sample.h).
 */
#include <stdio.h>

#include "api/routes/args.h"
#include "ledger/voucher/sample.h"

/* "2026-01"; 0 where it is none. */
static int month_of(const char *text, day_t *first)
{
	char day[DATE_TEXT + 8];

	snprintf(day, sizeof day, "%.12s-01", text);
	return day_parse(day, first) == 0;
}

int samples_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	const char *month = request_path(r, "month");
	struct buf *out = &reply->body;
	char hex[SHA256_HEX], seed[SHA256_HEX] = "";
	struct sample s = {0};
	struct civil c = {0};
	day_t first = 0;
	int rc = 0;

	if (month_of(month, &first)) {
		c = day_to_civil(first);
		rc = sample_find(db, c.year * 100 + c.month, &s, err);
	}
	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(
			err, ERR_NOT_FOUND, NULL,
			"Nothing was declared in that month, written 2026-01, under a rule that samples.");
	if (ledger_today(r->ledger) >=
	    (c.month == 12 ? day_from_civil(c.year + 1, 1, 1) : day_from_civil(c.year, c.month + 1, 1)))
		sha256_hex(s.seed, seed);
	buf_char(out, '{');
	out_text(out, "month", month);
	out_text(out, "seed_hash", sha256_hex(s.seed_hash, hex));
	out_optional(out, "seed", seed);
	buf_char(out, '}');
	return 0;
}
