#include "ledger/voucher/voucher.h"

#include <stdio.h>
#include <string.h>

#include "ledger/oversight/metadata.h"
#include "ledger/voucher/capacity.h"

/* By name, as they are sealed at every step: content_write() finds them in order. */
static const struct record_column columns[] = {
	{"accepted_on", RECORD_DAY, offsetof(struct voucher, accepted_on), 0, 0},
	{"action_type", RECORD_INT, offsetof(struct voucher, action_type), 0, RECORD_FIXED},
	{"advance_payment", RECORD_ID, offsetof(struct voucher, advance_payment), 0, 0},
	{"billed_on", RECORD_DAY, offsetof(struct voucher, billed_on), 0, 0},
	{"billing", RECORD_INT, offsetof(struct voucher, billing), 0, 0},
	{"cause", RECORD_OPTIONAL, RECORD_ARRAY(struct voucher, cause), 0},
	{"certification", RECORD_TEXT, RECORD_ARRAY(struct voucher, certification), RECORD_FIXED},
	{"closed_on", RECORD_DAY, offsetof(struct voucher, closed_on), 0, RECORD_RARE},
	{"code_hash", RECORD_BYTES, RECORD_ARRAY(struct voucher, code_hash), 0},
	{"completion", RECORD_KNOWN, offsetof(struct voucher, completion), 0, 0},
	{"contested", RECORD_INT, offsetof(struct voucher, contested), 0, 0},
	{"control", RECORD_INT, offsetof(struct voucher, control), 0, 0},
	{"copay", RECORD_INT64, offsetof(struct voucher, copay), 0, 0},
	{"copay_reference", RECORD_OPTIONAL, RECORD_ARRAY(struct voucher, copay_reference), RECORD_RARE},
	{"course", RECORD_INT64, offsetof(struct voucher, course), 0, RECORD_FIXED},
	{"declared_at", RECORD_ID, offsetof(struct voucher, declared_at), 0, 0},
	{"due_on", RECORD_DAY, offsetof(struct voucher, due_on), 0, 0},
	{"exited_on", RECORD_DAY, offsetof(struct voucher, exited_on), 0, 0},
	{"head", RECORD_INT64, offsetof(struct voucher, head), 0, RECORD_SEALED},
	{"hours", RECORD_INT, offsetof(struct voucher, hours), 0, RECORD_FIXED},
	{"id", RECORD_INT64, offsetof(struct voucher, id), 0, RECORD_KEY},
	{"invoice", RECORD_OPTIONAL, RECORD_ARRAY(struct voucher, invoice), 0},
	{"kept_back", RECORD_INT64, offsetof(struct voucher, kept_back), 0, 0},
	{"learner", RECORD_INT64, offsetof(struct voucher, learner), 0, RECORD_FIXED},
	{"missed_hours", RECORD_KNOWN, offsetof(struct voucher, missed_hours), 0, 0},
	{"ordered_by", RECORD_OPTIONAL, RECORD_ARRAY(struct voucher, ordered_by), 0},
	{"paid_by", RECORD_OPTIONAL, RECORD_ARRAY(struct voucher, paid_by), 0},
	{"payable", RECORD_KNOWN64, offsetof(struct voucher, payable), 0, 0},
	{"payment", RECORD_ID, offsetof(struct voucher, payment), 0, 0},
	{"price", RECORD_INT64, offsetof(struct voucher, price), 0, 0},
	{"provider", RECORD_INT64, offsetof(struct voucher, provider), 0, RECORD_FIXED},
	{"provider_new", RECORD_INT, offsetof(struct voucher, provider_new), 0, 0},
	{"requested_on", RECORD_DAY, offsetof(struct voucher, requested_on), 0, RECORD_FIXED},
	{"rule", RECORD_INT64, offsetof(struct voucher, rule), 0, RECORD_RARE},
	{"session_end", RECORD_DAY, offsetof(struct voucher, session_end), 0, RECORD_RARE},
	{"session_start", RECORD_DAY, offsetof(struct voucher, session_start), 0, RECORD_RARE},
	{"started_on", RECORD_DAY, offsetof(struct voucher, started_on), 0, 0},
	{"state", RECORD_INT, offsetof(struct voucher, state), 0, 0},
	{"uuid", RECORD_BYTES, RECORD_ARRAY(struct voucher, uuid), RECORD_FIXED},
	{"validated_at", RECORD_ID, offsetof(struct voucher, validated_at), 0, 0},
	{"validated_by", RECORD_OPTIONAL, RECORD_ARRAY(struct voucher, validated_by), 0},
};
const struct record voucher_record = {"voucher", RECORD_COLUMNS(columns)};

/* The columns of a share's stages, in the order of enum stage. */
#define STAGE_COLUMNS "card, advance, reserved, committed, in_training, payable, frozen, ordered, paid"
#define STAGE_VALUES(s)                                                                                      \
	v_int((s)->at[STAGE_CARD]), v_int((s)->at[STAGE_ADVANCE]), v_int((s)->at[STAGE_RESERVED]),           \
		v_int((s)->at[STAGE_COMMITTED]), v_int((s)->at[STAGE_IN_TRAINING]),                          \
		v_int((s)->at[STAGE_PAYABLE]), v_int((s)->at[STAGE_FROZEN]), v_int((s)->at[STAGE_ORDERED]),  \
		v_int((s)->at[STAGE_PAID])

/* They are few, and said to be, so that a reader of a server needs no cursor for them. */
static const char shares_sql[] =
	"SELECT id, fund, lot, credit_note, amount, " STAGE_COLUMNS
	" FROM share WHERE id >= $1 AND id < $2 ORDER BY id LIMIT " IN_SQL(SHARE_ID_STEP);
#define SHARES_OF(voucher) VALS(v_int((voucher)*SHARE_ID_STEP), v_int(((voucher) + 1) * SHARE_ID_STEP))

static int read_shares(struct db *db, struct voucher *v, struct err *err)
{
	struct stmt *q = db_query(db, shares_sql, SHARES_OF(v->id), err);
	int rc;

	while ((rc = db_step(q, err)) == 1 && v->shares < SHARES_MAX) {
		struct share *s = &v->share[v->shares++];

		s->place = (int)(col_int(q, 0) % SHARE_ID_STEP);
		s->fund = col_int(q, 1);
		s->lot = col_int(q, 2);
		s->credit_note = col_int(q, 3);
		s->amount = col_int(q, 4);
		for (int k = 0; k < STAGE__MAX; k++)
			s->at[k] = col_int(q, 5 + k); /* in the order of enum stage */
	}
	db_done(q);
	v->exposed = capacity_exposed(v);
	return rc < 0 ? -1 : 0;
}

static int find_where(struct db *db, const char *tail, struct val key, struct voucher *v, struct err *err)
{
	int rc;

	memset(v, 0, sizeof *v);
	rc = record_find(db, &voucher_record, tail, &key, 1, v, err);
	if (rc != 1)
		return rc;
	v->was.state = v->state;
	v->was.billing = v->billing;
	v->was.control = v->control;
	return read_shares(db, v, err) == 0 ? 1 : -1;
}

static const char by_uuid[] = "WHERE uuid = $1";
static const char by_number[] = "WHERE id = $1";

int voucher_find(struct db *db, const struct uuid *uuid, struct voucher *v, struct err *err)
{
	return find_where(db, by_uuid, v_blob(uuid->bytes, sizeof uuid->bytes), v, err);
}

int voucher_find_number(struct db *db, int64_t number, struct voucher *v, struct err *err)
{
	return find_where(db, by_number, v_int(number), v, err);
}

void voucher_ahead_number(struct db *db, int64_t number)
{
	record_ahead(db, &voucher_record, by_number, VALS(v_int(number)));
	db_ahead(db, shares_sql, SHARES_OF(number));
}

/* Its row gives the number by which its shares are found. */
void voucher_ahead(struct db *db, const struct uuid *uuid, int round)
{
	struct val key = v_blob(uuid->bytes, sizeof uuid->bytes);
	struct err ignored = {0};
	struct voucher v = {0};

	if (round == 0)
		record_ahead(db, &voucher_record, by_uuid, &key, 1);
	if (round == 1 && record_find(db, &voucher_record, by_uuid, &key, 1, &v, &ignored) == 1) {
		db_ahead(db, shares_sql, SHARES_OF(v.id));
		metadata_ahead(db, METADATA_VOUCHER, v.id);
	}
}

int voucher_need(struct db *db, const struct uuid *uuid, const char *field, struct voucher *v,
		 struct err *err)
{
	int rc = voucher_find(db, uuid, v, err);

	if (rc == 0)
		return err_missing(err, field, "There is no such voucher.");
	return rc < 0 ? -1 : 0;
}

int voucher_get(struct db *db, int64_t id, struct voucher *v, struct err *err)
{
	int rc = voucher_find_number(db, id, v, err);

	if (rc == 0)
		return err_bug(err, "a voucher that is named is missing");
	return rc < 0 ? -1 : 0;
}

int voucher_name(struct db *db, int64_t id, struct uuid *uuid, struct err *err)
{
	struct stmt *q = db_query(db, "SELECT uuid FROM voucher WHERE id = $1", VALS(v_int(id)), err);
	int rc = db_step(q, err);
	size_t n = 0;
	const void *bytes = rc == 1 ? col_blob(q, 0, &n) : NULL;

	if (n == sizeof uuid->bytes)
		memcpy(uuid->bytes, bytes, n);
	db_done(q);
	if (rc < 0)
		return -1;
	return n == sizeof uuid->bytes ? 0 : err_bug(err, "a voucher that is named is missing");
}

static int insert_share(struct tx *tx, const struct voucher *v, const struct share *s, struct err *err)
{
	return db_run(tx->db,
		      "INSERT INTO share (id, fund, lot, credit_note, amount, " STAGE_COLUMNS ") "
		      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
		      VALS(v_int(v->id * SHARE_ID_STEP + s->place), v_int(s->fund), v_id(s->lot),
			   v_id(s->credit_note), v_int(s->amount), STAGE_VALUES(s)),
		      err);
}

static int insert_shares(struct tx *tx, const struct voucher *v, struct err *err)
{
	for (size_t i = 0; i < v->shares; i++)
		if (insert_share(tx, v, &v->share[i], err) != 0)
			return -1;
	return 0;
}

/* The writing connection knows the newest one: it makes them. */
static const char last_tag;

struct last {
	int64_t number;
	struct uuid uuid;
};

int voucher_last(struct db *db, int64_t *number, struct uuid *uuid, struct err *err)
{
	const struct last *known = db_cache_get(db, &last_tag, 0);
	struct last last = {0};
	struct stmt *q;
	int rc = 0;

	if (known == NULL) {
		q = db_query(db, "SELECT id, uuid FROM voucher ORDER BY id DESC LIMIT 1", NO_VALS, err);
		rc = db_step(q, err);
	}
	if (rc == 1) {
		size_t n = 0;
		const void *p = col_blob(q, 1, &n);

		last.number = col_int(q, 0);
		if (n == sizeof last.uuid.bytes)
			memcpy(last.uuid.bytes, p, n);
		db_done(q);
	}
	if (known != NULL)
		last = *known;
	*number = last.number;
	*uuid = last.uuid;
	return rc < 0 ? -1 : 0;
}

int voucher_insert(struct tx *tx, struct voucher *v, struct err *err)
{
	struct last last = {.number = v->id};

	memcpy(last.uuid.bytes, v->uuid.bytes, sizeof last.uuid.bytes);
	if (record_insert(tx->db, &voucher_record, v, err) != 0 || insert_shares(tx, v, err) != 0)
		return -1;
	db_cache_put_own(tx->db, &last_tag, 0, &last, sizeof last);
	return capacity_follow(tx, v, err);
}

int voucher_update_order(struct tx *tx, struct voucher *v, struct err *err)
{
	if (record_update_whole(tx->db, &voucher_record, v, err) != 0 || insert_shares(tx, v, err) != 0)
		return -1;
	return capacity_follow(tx, v, err);
}

static int update_share(struct tx *tx, const struct voucher *v, const struct share *s, struct err *err)
{
	return db_run(
		tx->db,
		"UPDATE share SET card = $2, advance = $3, reserved = $4, committed = $5, in_training = $6, "
		"payable = $7, frozen = $8, ordered = $9, paid = $10 WHERE id = $1",
		VALS(v_int(v->id * SHARE_ID_STEP + s->place), STAGE_VALUES(s)), err);
}

int voucher_update(struct tx *tx, struct voucher *v, struct err *err)
{
	/* The day on which it closed stays; before, its indexes are left alone. */
	if ((v->closed_on != DAY_NONE ? record_update_whole : record_update)(tx->db, &voucher_record, v,
									     err) != 0)
		return -1;
	for (size_t i = 0; i < v->shares; i++)
		if (update_share(tx, v, &v->share[i], err) != 0)
			return -1;
	return capacity_follow(tx, v, err);
}

#define ON_ITS_WAY                                                                                           \
	(STATE_BIT(VOUCHER_REQUESTED) | STATE_BIT(VOUCHER_PROPOSED) | STATE_BIT(VOUCHER_COFUND_WAIT) |       \
	 STATE_BIT(VOUCHER_ACCEPTED) | STATE_BIT(VOUCHER_ENTERED) | STATE_BIT(VOUCHER_EXITED) |              \
	 STATE_BIT(VOUCHER_DECLARED))

/* Its state has no way on and no money is on the way. */
int voucher_is_closed(const struct voucher *v)
{
	return (STATE_BIT(v->state) & ON_ITS_WAY) == 0 &&
	       (v->billing == BILLING_NONE || v->billing >= BILLING_PAID) && v->advance_payment == 0;
}

/* The share's money: all that is on its way or paid. */
static int64_t worth(const struct share *s)
{
	int64_t sum = 0;

	for (int k = STAGE_RESERVED; k < STAGE__MAX; k++)
		sum += s->at[k];
	return sum;
}

static int is_settled(const struct share *s)
{
	return worth(s) == s->at[STAGE_PAID] && s->at[STAGE_ADVANCE] == 0;
}

int voucher_check(const struct voucher *v, struct err *err)
{
	int64_t sum = 0;

	for (size_t i = 0; i < v->shares; i++) {
		const struct share *s = &v->share[i];
		int below = s->amount <= 0;

		for (int k = 0; k < STAGE__MAX; k++)
			below |= s->at[k] < 0;
		if (below)
			return err_bug(err, "a share below zero");
		if (worth(s) > s->amount + s->at[STAGE_ADVANCE])
			return err_bug(err, "a share worth more than it was");
		if (voucher_is_closed(v) && !is_settled(s))
			return err_bug(err, "a closed voucher with money on its way");
		sum += s->amount;
	}
	/* A plan is drawn with the money. */
	return v->shares == 0 || sum == v->price ? 0 : err_bug(err, "shares that do not sum to the price");
}
