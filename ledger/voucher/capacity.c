#include "ledger/voucher/capacity.h"

#include <assert.h>

#include "ledger/base/money.h"

enum place { PLACE_COURSE = 1, PLACE_PROVIDER = 2, PLACE__MAX };

/* The rule's limit of places of that kind, 0 none; *subject is v's course or provider. */
static int64_t limit_of(const struct rule *rule, enum place kind, const struct voucher *v, int64_t *subject)
{
	assert(kind == PLACE_COURSE || kind == PLACE_PROVIDER);
	*subject = kind == PLACE_COURSE ? v->course : v->provider;
	return kind == PLACE_COURSE ? rule->places_per_course : rule->places_per_provider;
}

static int check_place(struct tx *tx, const struct rule *rule, enum place kind, const struct voucher *v,
		       struct err *err)
{
	int64_t subject, taken = 0;
	int64_t limit = limit_of(rule, kind, v, &subject);

	if (limit == 0)
		return 0;
	if (db_int(tx->db, "SELECT taken FROM place_taken WHERE rule = $1 AND kind = $2 AND subject = $3",
		   VALS(v_int(rule->id), v_int(kind), v_int(subject)), &taken, err) < 0)
		return -1;
	if (taken < limit)
		return 0;
	return err_set(err, ERR_CAP_REACHED, "course",
		       "Programme %s version %s takes at most %lld orders for one %s, and has that many.",
		       rule->programme, rule->version, (long long)limit,
		       kind == PLACE_COURSE ? "course" : "provider");
}

/* First day of the accreditation the order rests on. */
static int accredited_since(struct tx *tx, const struct voucher *v, day_t *since, struct err *err)
{
	int64_t day = 0;
	int rc = db_int(
		tx->db,
		"SELECT min(valid_from) FROM accreditation WHERE org = $1 AND action_type = $2 "
		"AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $3)",
		VALS(v_int(v->provider), v_int(action_accreditation(v->action_type)), v_int(tx->today)), &day,
		err);

	*since = (day_t)day;
	return rc == 1 ? 0 : rc < 0 ? -1 : err_bug(err, "an order with a provider that is not accredited");
}

/* Every step of a voucher may move it: the writing connection, which alone does, knows it. */
static const char exposure_tag;

static int exposure_of(struct db *db, int64_t provider, int64_t *exposure, struct err *err)
{
	const int64_t *known = db_cache_get(db, &exposure_tag, provider);

	*exposure = 0;
	if (known != NULL)
		*exposure = *known;
	else if (db_int(db, "SELECT exposure FROM provider_exposure WHERE provider = $1",
			VALS(v_int(provider)), exposure, err) < 0)
		return -1;
	db_cache_put_own(db, &exposure_tag, provider, exposure, sizeof *exposure);
	return 0;
}

static int check_exposure(struct tx *tx, const struct rule *rule, const struct voucher *v, struct err *err)
{
	int64_t limit = rule->provider_exposure_max, exposure;
	char most[MONEY_TEXT], is[MONEY_TEXT];

	if (v->provider_new && rule->provider_new_ceiling > 0 &&
	    (limit == 0 || rule->provider_new_ceiling < limit))
		limit = rule->provider_new_ceiling;
	if (limit == 0)
		return 0;
	if (exposure_of(tx->db, v->provider, &exposure, err) != 0)
		return -1;
	if (exposure <= limit && v->price <= limit - exposure)
		return 0;
	err_set(err, ERR_PROVIDER_EXPOSURE, "course",
		"Orders worth %s are open with this provider. This order would exceed %s, the most for %s "
		"provider.",
		money_format(exposure, tx->env->exponent, is), money_format(limit, tx->env->exponent, most),
		v->provider_new ? "a new" : "one");
	err->missing = exposure + v->price - limit;
	return -1;
}

int capacity_check(struct tx *tx, const struct rule *rule, struct voucher *v, struct err *err)
{
	day_t since;

	v->provider_new = 0;
	if (rule->provider_new_days > 0) {
		if (accredited_since(tx, v, &since, err) != 0)
			return -1;
		v->provider_new = tx->today < since + rule->provider_new_days;
	}
	for (enum place kind = PLACE_COURSE; kind < PLACE__MAX; kind++)
		if (check_place(tx, rule, kind, v, err) != 0)
			return -1;
	return check_exposure(tx, rule, v, err);
}

int capacity_take(struct tx *tx, const struct rule *rule, const struct voucher *v, struct err *err)
{
	for (enum place kind = PLACE_COURSE; kind < PLACE__MAX; kind++) {
		int64_t subject;

		if (limit_of(rule, kind, v, &subject) > 0 &&
		    db_run(tx->db,
			   "INSERT INTO place_taken (rule, kind, subject, taken) VALUES ($1, $2, $3, 1) "
			   "ON CONFLICT (rule, kind, subject) DO UPDATE SET taken = place_taken.taken + 1",
			   VALS(v_int(rule->id), v_int(kind), v_int(subject)), err) != 0)
			return -1;
	}
	return 0;
}

int capacity_give_back(struct tx *tx, const struct voucher *v, struct err *err)
{
	const struct rule *rule;

	if (rule_get(tx->db, v->rule, &rule, err) != 0)
		return -1;
	for (enum place kind = PLACE_COURSE; kind < PLACE__MAX; kind++) {
		int64_t subject;

		if (limit_of(rule, kind, v, &subject) > 0 &&
		    db_run(tx->db,
			   "UPDATE place_taken SET taken = taken - 1 "
			   "WHERE rule = $1 AND kind = $2 AND subject = $3",
			   VALS(v_int(rule->id), v_int(kind), v_int(subject)), err) != 0)
			return -1;
	}
	return 0;
}

int64_t capacity_exposed(const struct voucher *v)
{
	int64_t sum = 0;

	for (size_t i = 0; i < v->shares; i++) {
		const struct share *s = &v->share[i];

		sum += s->at[STAGE_COMMITTED] + s->at[STAGE_IN_TRAINING] + s->at[STAGE_PAYABLE] +
		       s->at[STAGE_FROZEN] + s->at[STAGE_ADVANCE];
	}
	return sum;
}

int capacity_follow(struct tx *tx, struct voucher *v, struct err *err)
{
	int64_t by = capacity_exposed(v) - v->exposed, exposure;

	if (by == 0)
		return 0;
	if (exposure_of(tx->db, v->provider, &exposure, err) != 0)
		return -1;
	v->exposed += by;
	exposure += by;
	assert(v->exposed == capacity_exposed(v));
	if (db_run(tx->db,
		   "INSERT INTO provider_exposure (provider, exposure) VALUES ($1, $2) "
		   "ON CONFLICT (provider) DO UPDATE SET exposure = $2",
		   VALS(v_int(v->provider), v_int(exposure)), err) != 0)
		return -1;
	db_cache_put_own(tx->db, &exposure_tag, v->provider, &exposure, sizeof exposure);
	return 0;
}
