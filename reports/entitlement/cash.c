#include "reports/entitlement/cash.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/treasury/contribution.h"
#include "reports/walk.h"

#define SIREN_DIGITS 9

/* Entries that another one reverses. */
#define TAKEN_BACK "(SELECT reverses AS seq FROM entry WHERE reverses IS NOT NULL)"

/* Nine digits by themselves that are a SIREN; 1, or 0 when there are none. */
static int find_siren(const char *reference, char out[10])
{
	for (const char *c = reference; *c != '\0';) {
		size_t digits = strspn(c, "0123456789");

		if (digits == SIREN_DIGITS) {
			memcpy(out, c, SIREN_DIGITS);
			out[SIREN_DIGITS] = '\0';
			if (check_siren(out))
				return 1;
		}
		c += digits > 0 ? digits : 1;
	}
	return 0;
}

static int add(struct cash *cash, const struct call *call, struct err *err)
{
	if (cash->count == CALLS_MAX)
		return err_set(err, ERR_LIMIT, NULL, "A fund has more than %d calls and payments in a year.",
			       CALLS_MAX);
	if (cash->count == cash->size) {
		size_t size = cash->size ? cash->size * 2 : 256;
		struct call *more = realloc(cash->call, size * sizeof *more);

		if (more == NULL)
			return err_set(err, ERR_LIMIT, NULL,
				       "There is not enough memory for the calls of a fund.");
		cash->call = more;
		cash->size = size;
	}
	cash->call[cash->count++] = *call;
	return 0;
}

static int has_come(const struct call *c)
{
	return c->received > 0 && c->received >= c->called;
}

static int by_siren(const void *a, const void *b)
{
	const struct call *x = a, *y = b;
	int order = strcmp(x->siren, y->siren);

	if (order == 0)
		order = has_come(x) - has_come(y);
	return order != 0 ? order : strcmp(x->reference, y->reference);
}

/* Calls, and payments without a call; the money of a payment has come when it is recorded. */
int cash_read(struct db *db, int64_t fund, int year, struct cash *cash, struct err *err)
{
	struct stmt *q = db_query(
		db,
		"SELECT c.reference, c.kind, c.amount, c.value_date, r.amount, r.last FROM contribution c "
		"LEFT JOIN (SELECT p.call AS call, sum(p.amount) AS amount, max(p.value_date) AS last "
		"           FROM contribution p LEFT JOIN " TAKEN_BACK " b ON b.seq = p.seq "
		"           WHERE p.fund = $1 AND p.call IS NOT NULL AND b.seq IS NULL GROUP BY p.call) r ON r.call = c.id "
		"LEFT JOIN " TAKEN_BACK " b ON b.seq = c.seq "
		"WHERE c.fund = $1 AND c.kind IN ($4, $5) AND c.value_date >= $2 AND c.value_date <= $3 AND b.seq IS NULL",
		VALS(v_int(fund), v_int(day_from_civil(year, 1, 1)), v_int(day_from_civil(year, 12, 31)),
		     v_int(CONTRIBUTION_CALL), v_int(CONTRIBUTION_PAYMENT)),
		err);
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		struct call call = {.last = DAY_NONE};

		col_copy(q, 0, call.reference, sizeof call.reference);
		if (!find_siren(call.reference, call.siren))
			continue;
		if (col_int(q, 1) == CONTRIBUTION_PAYMENT) {
			call.received = col_int(q, 2);
			call.last = col_day(q, 3);
		} else {
			call.called = col_int(q, 2);
			call.received = col_int(q, 4);
			call.last = col_day(q, 5);
		}
		if (add(cash, &call, err) != 0)
			break;
	}
	db_done(q);
	if (rc != 0)
		return -1;
	if (cash->count > 0)
		qsort(cash->call, cash->count, sizeof *cash->call, by_siren);
	return 0;
}

void cash_free(struct cash *cash)
{
	free(cash->call);
}

static int is_of(const struct cash *cash, size_t i, const char *siren)
{
	return i < cash->count && strncmp(cash->call[i].siren, siren, SIREN_DIGITS) == 0;
}

struct call *cash_find(const struct cash *cash, const char *siret)
{
	size_t low = 0, high = cash->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strncmp(cash->call[middle].siren, siret, SIREN_DIGITS) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return is_of(cash, low, siret) ? &cash->call[low] : NULL;
}

int cash_uncalled(const struct cash *cash)
{
	for (size_t i = 0; i < cash->count; i++)
		if (cash->call[i].called == 0)
			return 1;
	return 0;
}

int cash_add_due(struct cash *cash, const char *siret, int64_t cents, struct err *err)
{
	struct call *first = cash_find(cash, siret);

	return first == NULL ? 0 : walk_add(&first->due, cents, err);
}

day_t cash_received_on(const struct cash *cash, const struct call *first)
{
	int64_t called = 0, received = 0;
	day_t last = DAY_NONE;

	for (size_t i = (size_t)(first - cash->call); is_of(cash, i, first->siren); i++) {
		const struct call *c = &cash->call[i];

		called += c->called;
		received += c->received;
		if (c->last != DAY_NONE && (last == DAY_NONE || c->last > last))
			last = c->last;
	}
	return received > 0 && received >= (called > 0 ? called : first->due) ? last : DAY_NONE;
}
