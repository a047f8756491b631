#include "ledger/audit/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit_chart.h"
#include "ledger/base/check.h"

/* Where a finding belongs: those that name no entry come last. */
static int later(const struct audit_finding *f, int64_t seq)
{
	if (f->seq == 0 || seq == 0)
		return f->seq == 0 && seq != 0;
	return f->seq > seq;
}

/* text holds what the rows hold, and these may be damaged: nothing of it reaches a terminal raw. */
static void found(struct audit *a, int warning, int64_t seq, const char *text)
{
	struct audit_result *r = a->result;
	size_t at = r->listed;

	if (warning)
		r->warnings++;
	else
		r->faults++;
	while (at > 0 && later(&r->finding[at - 1], seq))
		at--;
	if (at == AUDIT_LISTED_MAX)
		return;
	if (r->listed < AUDIT_LISTED_MAX)
		r->listed++;
	memmove(&r->finding[at + 1], &r->finding[at], (r->listed - 1 - at) * sizeof r->finding[0]);
	r->finding[at].seq = seq;
	r->finding[at].warning = warning;
	check_show(text, r->finding[at].text, sizeof r->finding[at].text);
}

void audit_fault(struct audit *a, int64_t seq, const char *fmt, ...)
{
	char text[AUDIT_SENTENCE_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	found(a, 0, seq, text);
}

void audit_warn(struct audit *a, int64_t seq, const char *fmt, ...)
{
	char text[AUDIT_SENTENCE_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	found(a, 1, seq, text);
}

void audit_looked(struct audit *a, int64_t n)
{
	a->result->looked += n;
}

int audit_state(size_t size, void **state, struct err *err)
{
	*state = calloc(1, size);
	return *state ? 0 : err_set(err, ERR_STORAGE, NULL, "Out of memory.");
}

char *audit_money(const struct audit *a, int64_t cents, char out[MONEY_TEXT])
{
	return money_format(cents, a->exponent, out);
}

int64_t audit_sum(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

int64_t audit_less(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a - (uint64_t)b);
}

int64_t audit_apart(int64_t a, int64_t b)
{
	uint64_t distance = a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;

	return distance > INT64_MAX ? INT64_MAX : (int64_t)distance;
}

static int fund_by_id(const void *key, const void *fund)
{
	int64_t id = *(const int64_t *)key;
	const struct audit_fund *f = fund;

	return id < f->id ? -1 : id > f->id;
}

const struct audit_fund *audit_fund_find(const struct audit *a, int64_t id)
{
	if (a->funds == 0)
		return NULL;
	return bsearch(&id, a->fund, a->funds, sizeof *a->fund, fund_by_id);
}

char *audit_fund_code(const struct audit *a, int64_t id, char out[AUDIT_FUND_TEXT])
{
	struct err ignored = {0};
	struct stmt *q = db_query(a->db, "SELECT code FROM fund WHERE id = $1", VALS(v_int(id)), &ignored);

	snprintf(out, AUDIT_FUND_TEXT, "number %" PRId64, id);
	if (db_step(q, &ignored) == 1)
		col_copy(q, 0, out, AUDIT_FUND_TEXT);
	db_done(q);
	return out;
}

char *audit_entry_text(int64_t seq, char out[AUDIT_ENTRY_TEXT])
{
	if (seq == 0)
		snprintf(out, AUDIT_ENTRY_TEXT, "none");
	else
		snprintf(out, AUDIT_ENTRY_TEXT, "entry %" PRId64, seq);
	return out;
}

char *audit_account_text(const struct audit *a, int64_t fund, int64_t kind, int64_t holder,
			 char out[AUDIT_ACCOUNT_TEXT])
{
	const struct audit_kind *k = audit_kind(kind);
	char code[AUDIT_FUND_TEXT];

	audit_fund_code(a, fund, code);
	if (holder == 0)
		snprintf(out, AUDIT_ACCOUNT_TEXT, "account %" PRId64 " of fund %s", kind, code);
	else
		snprintf(out, AUDIT_ACCOUNT_TEXT, "account %" PRId64 " (%s %" PRId64 ") of fund %s", kind,
			 k && k->holder ? k->holder : "holder", holder, code);
	return out;
}
