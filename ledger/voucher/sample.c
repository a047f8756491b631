#include "ledger/voucher/sample.h"

#include <string.h>

int sample_picks(const unsigned char seed[SAMPLE_SEED_BYTES], const struct uuid *voucher, int pct)
{
	unsigned char text[SAMPLE_SEED_BYTES + UUID_BYTES], hash[SHA256_BYTES];
	uint64_t number = 0;

	memcpy(text, seed, SAMPLE_SEED_BYTES);
	memcpy(text + SAMPLE_SEED_BYTES, voucher->bytes, UUID_BYTES);
	sha256(text, sizeof text, hash);
	for (int i = 0; i < 8; i++)
		number = number << 8 | hash[i];
	return (int)(number % 100) < pct;
}

int sample_find(struct db *db, int month, struct sample *s, struct err *err)
{
	struct stmt *q =
		db_query(db, "SELECT seed, seed_hash FROM sample WHERE month = $1", VALS(v_int(month)), err);
	int rc = db_step(q, err);
	const void *bytes;
	size_t n;

	if (rc != 1)
		return rc;
	s->month = month;
	bytes = col_blob(q, 0, &n);
	memcpy(s->seed, bytes, n < sizeof s->seed ? n : sizeof s->seed);
	bytes = col_blob(q, 1, &n);
	memcpy(s->seed_hash, bytes, n < sizeof s->seed_hash ? n : sizeof s->seed_hash);
	db_done(q);
	return 1;
}

static int draw_seed(struct tx *tx, int month, struct sample *s, struct err *err)
{
	s->month = month;
	if (tx->env->random(tx->env, s->seed, sizeof s->seed) != 0)
		return err_set(err, ERR_STORAGE, NULL, "The system's random number generator failed.");
	sha256(s->seed, sizeof s->seed, s->seed_hash);
	return db_run(tx->db, "INSERT INTO sample (month, seed, seed_hash) VALUES ($1, $2, $3)",
		      VALS(v_int(month), v_blob(s->seed, sizeof s->seed),
			   v_blob(s->seed_hash, sizeof s->seed_hash)),
		      err);
}

int sample_take(struct tx *tx, const struct rule *rule, const struct voucher *v, struct err *err)
{
	struct civil today = day_to_civil(tx->today);
	int month = today.year * 100 + today.month;
	struct sample s = {0};
	int rc;

	if (rule->sample_pct == 0)
		return 0;
	rc = sample_find(tx->db, month, &s, err);
	if (rc < 0 || (rc == 0 && draw_seed(tx, month, &s, err) != 0))
		return -1;
	return sample_picks(s.seed, &v->uuid, rule->sample_pct);
}
