#include "ledger/voucher/voucher.h"

#include <stdio.h>
#include <string.h>

#include "ledger/voucher/room.h"

#define VOUCHER_COLUMNS                                                                                               \
	"id, uuid, learner, provider, course, certification, action_type, rule, state, billing, price, copay, "       \
	"copay_reference, hours, session_start, session_end, accepted_on, started_on, exited_on, completion, cause, " \
	"missed_hours, declared_at, validated_at, payable, billed_on, closed_on, validated_by, ordered_by, paid_by, " \
	"payment, advance_payment, code_hash, head, control, requested_on, due_on, contested, provider_new"

/* The columns of a share's stages, in the order of enum stage. */
#define STAGE_COLUMNS "card, advance, reserved, committed, in_training, payable, frozen, ordered, paid"
#define STAGE_VALUES(s)                                                                                      \
	v_int((s)->at[STAGE_CARD]), v_int((s)->at[STAGE_ADVANCE]), v_int((s)->at[STAGE_RESERVED]),           \
		v_int((s)->at[STAGE_COMMITTED]), v_int((s)->at[STAGE_IN_TRAINING]),                          \
		v_int((s)->at[STAGE_PAYABLE]), v_int((s)->at[STAGE_FROZEN]), v_int((s)->at[STAGE_ORDERED]),  \
		v_int((s)->at[STAGE_PAID])

/* Numbers that may be unknown: NULL in SQL, -1 here. */
static int64_t known(struct stmt *q, int col)
{
	return col_null(q, col) ? -1 : col_int(q, col);
}

static struct val v_known(int64_t i)
{
	return i < 0 ? v_null() : v_int(i);
}

static void read_course_side(struct stmt *q, struct voucher *v)
{
	v->learner = col_int(q, 2);
	v->provider = col_int(q, 3);
	v->course = col_int(q, 4);
	col_copy(q, 5, v->certification, sizeof v->certification);
	v->action_type = (enum action_type)col_int(q, 6);
	v->rule = col_int(q, 7);
	v->state = (enum voucher_state)col_int(q, 8);
	v->billing = (enum billing_state)col_int(q, 9);
	v->price = col_int(q, 10);
	v->copay = col_int(q, 11);
	col_copy(q, 12, v->copay_reference, sizeof v->copay_reference);
	v->hours = (int)col_int(q, 13);
	v->session_start = col_day(q, 14);
	v->session_end = col_day(q, 15);
	v->accepted_on = col_day(q, 16);
}

static void read_progress(struct stmt *q, struct voucher *v)
{
	v->started_on = col_day(q, 17);
	v->exited_on = col_day(q, 18);
	v->completion = (int)known(q, 19);
	col_copy(q, 20, v->cause, sizeof v->cause);
	v->missed_hours = (int)known(q, 21);
	v->declared_at = col_int(q, 22);
	v->validated_at = col_int(q, 23);
	v->payable = known(q, 24);
	v->billed_on = col_day(q, 25);
	v->closed_on = col_day(q, 26);
	col_copy(q, 27, v->validated_by, sizeof v->validated_by);
	col_copy(q, 28, v->ordered_by, sizeof v->ordered_by);
	col_copy(q, 29, v->paid_by, sizeof v->paid_by);
	v->payment = col_int(q, 30);
	v->advance_payment = col_int(q, 31);
}

static void read_voucher(struct stmt *q, struct voucher *v)
{
	size_t n = 0;
	const void *p;

	memset(v, 0, sizeof *v);
	v->id = col_int(q, 0);
	p = col_blob(q, 1, &n);
	if (n == sizeof v->uuid.bytes)
		memcpy(v->uuid.bytes, p, n);
	read_course_side(q, v);
	read_progress(q, v);
	p = col_blob(q, 32, &n);
	if (n == sizeof v->code_hash)
		memcpy(v->code_hash, p, n);
	v->head = col_int(q, 33);
	v->control = (enum control_state)col_int(q, 34);
	v->requested_on = col_day(q, 35);
	v->due_on = col_day(q, 36);
	v->contested = (int)col_int(q, 37);
	v->provider_new = (int)col_int(q, 38);
	v->was.state = v->state;
	v->was.billing = v->billing;
	v->was.control = v->control;
}

static int read_shares(struct db *db, struct voucher *v, struct err *err)
{
	struct stmt *q =
		db_query(db,
			 "SELECT id, fund, lot, amount, " STAGE_COLUMNS
			 " FROM share WHERE id >= $1 AND id < $2 ORDER BY id",
			 VALS(v_int(v->id * SHARE_ID_STEP), v_int((v->id + 1) * SHARE_ID_STEP)), err);
	int rc;

	while ((rc = db_step(q, err)) == 1 && v->shares < SHARES_MAX) {
		struct share *s = &v->share[v->shares++];

		s->place = (int)(col_int(q, 0) % SHARE_ID_STEP);
		s->fund = col_int(q, 1);
		s->lot = col_int(q, 2);
		s->amount = col_int(q, 3);
		for (int k = 0; k < STAGE__MAX; k++)
			s->at[k] = col_int(q, 4 + k); /* in the order of enum stage */
	}
	db_done(q);
	v->exposed = room_exposed(v);
	return rc < 0 ? -1 : 0;
}

static int read_one(struct db *db, struct stmt *q, struct voucher *v, struct err *err)
{
	int rc = db_step(q, err);

	if (rc != 1)
		return rc;
	read_voucher(q, v);
	db_done(q);
	return read_shares(db, v, err) == 0 ? 1 : -1;
}

int voucher_find(struct db *db, const struct uuid *uuid, struct voucher *v, struct err *err)
{
	return read_one(db,
			db_query(db, "SELECT " VOUCHER_COLUMNS " FROM voucher WHERE uuid = $1",
				 VALS(v_blob(uuid->bytes, sizeof uuid->bytes)), err),
			v, err);
}

int voucher_get(struct db *db, int64_t id, struct voucher *v, struct err *err)
{
	return read_one(
		db,
		db_query(db, "SELECT " VOUCHER_COLUMNS " FROM voucher WHERE id = $1", VALS(v_int(id)), err),
		v, err);
}

static int insert_share(struct tx *tx, const struct voucher *v, const struct share *s, struct err *err)
{
	return db_run(tx->db,
		      "INSERT INTO share (id, fund, lot, amount, " STAGE_COLUMNS ") "
		      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
		      VALS(v_int(v->id * SHARE_ID_STEP + s->place), v_int(s->fund), v_id(s->lot),
			   v_int(s->amount), STAGE_VALUES(s)),
		      err);
}

static int insert_shares(struct tx *tx, const struct voucher *v, struct err *err)
{
	for (size_t i = 0; i < v->shares; i++)
		if (insert_share(tx, v, &v->share[i], err) != 0)
			return -1;
	return 0;
}

/* A code that was not made yet is no hash of anything. */
static struct val code_hash(const struct voucher *v)
{
	static const unsigned char none[SHA256_BYTES];

	return memcmp(v->code_hash, none, sizeof none) == 0 ? v_null()
							    : v_blob(v->code_hash, sizeof v->code_hash);
}

int voucher_insert(struct tx *tx, struct voucher *v, struct err *err)
{
	if (db_run(tx->db,
		   "INSERT INTO voucher (id, uuid, learner, provider, course, certification, action_type, rule, state, "
		   "billing, price, copay, copay_reference, hours, session_start, session_end, accepted_on, code_hash, "
		   "head, requested_on, due_on, provider_new) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
		   "$13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
		   VALS(v_int(v->id), v_blob(v->uuid.bytes, sizeof v->uuid.bytes), v_int(v->learner),
			v_int(v->provider), v_int(v->course), v_text(v->certification), v_int(v->action_type),
			v_int(v->rule), v_int(v->state), v_int(v->billing), v_int(v->price), v_int(v->copay),
			v_optional(v->copay_reference), v_int(v->hours), v_int(v->session_start),
			v_int(v->session_end), v_day(v->accepted_on), code_hash(v), v_int(v->head),
			v_int(v->requested_on), v_day(v->due_on), v_int(v->provider_new)),
		   err) != 0)
		return -1;
	return insert_shares(tx, v, err) == 0 ? room_follow(tx, v, err) : -1;
}

int voucher_update_order(struct tx *tx, struct voucher *v, struct err *err)
{
	if (db_run(tx->db,
		   "UPDATE voucher SET rule = $2, state = $3, price = $4, copay = $5, copay_reference = $6, "
		   "session_start = $7, session_end = $8, accepted_on = $9, code_hash = $10, head = $11, due_on = $12, "
		   "provider_new = $13 WHERE id = $1",
		   VALS(v_int(v->id), v_int(v->rule), v_int(v->state), v_int(v->price), v_int(v->copay),
			v_optional(v->copay_reference), v_int(v->session_start), v_int(v->session_end),
			v_day(v->accepted_on), code_hash(v), v_int(v->head), v_day(v->due_on),
			v_int(v->provider_new)),
		   err) != 0)
		return -1;
	return insert_shares(tx, v, err) == 0 ? room_follow(tx, v, err) : -1;
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
	if (db_run(tx->db,
		   "UPDATE voucher SET state = $2, billing = $3, started_on = $4, exited_on = $5, completion = $6, "
		   "cause = $7, missed_hours = $8, declared_at = $9, validated_at = $10, payable = $11, billed_on = $12, "
		   "closed_on = $13, validated_by = $14, ordered_by = $15, paid_by = $16, payment = $17, "
		   "advance_payment = $18, head = $19, control = $20, due_on = $21, accepted_on = $22, contested = $23, "
		   "provider_new = $24 WHERE id = $1",
		   VALS(v_int(v->id), v_int(v->state), v_int(v->billing), v_day(v->started_on),
			v_day(v->exited_on), v_known(v->completion), v_optional(v->cause),
			v_known(v->missed_hours), v_id(v->declared_at), v_id(v->validated_at),
			v_known(v->payable), v_day(v->billed_on), v_day(v->closed_on),
			v_optional(v->validated_by), v_optional(v->ordered_by), v_optional(v->paid_by),
			v_id(v->payment), v_id(v->advance_payment), v_int(v->head), v_int(v->control),
			v_day(v->due_on), v_day(v->accepted_on), v_int(v->contested), v_int(v->provider_new)),
		   err) != 0)
		return -1;
	for (size_t i = 0; i < v->shares; i++)
		if (update_share(tx, v, &v->share[i], err) != 0)
			return -1;
	return room_follow(tx, v, err);
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

/* What stands for the share: all that is on its way or paid. */
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
