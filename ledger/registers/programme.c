/*
 * Rule versions in the ledger: import, look-up, and the cache of parsed rules.
 * The form of the document is read in programme_file.c.
 */
#include "ledger/registers/programme.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/buf.h"
#include "ledger/base/crypto.h"
#include "ledger/base/money.h"
#include "ledger/base/zone.h"
#include "ledger/book/seal.h"
#include "ledger/registers/budget.h"
#include "ledger/registers/fund.h"
#include "ledger/rules/programme_file.h"
#include "ledger/store/setting.h"

/* A version as it is written; it never changes. */
struct version {
	int64_t id;
	char programme[CODE_MAX + 1];
	char version[CODE_MAX + 1];
	day_t valid_from, valid_to;
	const char *body;
	unsigned char hash[SHA256_BYTES];
	int64_t imported_at;
	int64_t seq;
};

static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct version, id), 0, RECORD_KEY},
	{"programme", RECORD_TEXT, RECORD_ARRAY(struct version, programme), 0},
	{"version", RECORD_TEXT, RECORD_ARRAY(struct version, version), 0},
	{"valid_from", RECORD_DAY, offsetof(struct version, valid_from), 0, 0},
	{"valid_to", RECORD_DAY, offsetof(struct version, valid_to), 0, 0},
	{"body", RECORD_STRING, offsetof(struct version, body), 0, 0},
	{"hash", RECORD_BYTES, RECORD_ARRAY(struct version, hash), 0},
	{"imported_at", RECORD_INT64, offsetof(struct version, imported_at), 0, 0},
	{"seq", RECORD_INT64, offsetof(struct version, seq), 0, RECORD_SEALED},
};
static const struct record rule_record = {"rule", RECORD_COLUMNS(columns)};

#define CACHE_MAX 256 /* rule versions kept parsed; a ledger has a few per programme and year */

/* Parsed once, never freed: a pointer given out stays good.  Keyed by the hash of the document: ids repeat
 * between ledgers. */
static struct {
	pthread_mutex_t mutex;
	struct {
		unsigned char hash[SHA256_BYTES];
		struct rule *rule;
	} slot[CACHE_MAX];
	size_t count;
} cache = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static const struct rule *cached(int64_t id, const void *hash)
{
	for (size_t i = 0; i < cache.count; i++)
		if (cache.slot[i].rule->id == id && memcmp(cache.slot[i].hash, hash, SHA256_BYTES) == 0)
			return cache.slot[i].rule;
	return NULL;
}

static const struct rule *keep(int64_t id, const void *hash, const char *body, struct err *err)
{
	struct rule *rule;

	if (cache.count == CACHE_MAX) {
		err_set(err, ERR_LIMIT, NULL, "More than %d rule versions are in use.", CACHE_MAX);
		return NULL;
	}
	rule = calloc(1, sizeof *rule);
	if (rule == NULL || rule_parse(body, strlen(body), rule, err) != 0) {
		if (rule == NULL)
			err_set(err, ERR_STORAGE, NULL, "Out of memory.");
		free(rule);
		return NULL;
	}
	rule->id = id;
	memcpy(cache.slot[cache.count].hash, hash, SHA256_BYTES);
	cache.slot[cache.count++].rule = rule;
	return rule;
}

/* The rule of the current row (id, hash, body). */
static int from_row(struct stmt *q, const struct rule **out, struct err *err)
{
	size_t n = 0;
	int64_t id = col_int(q, 0);
	const void *hash = col_blob(q, 1, &n);

	if (n != SHA256_BYTES)
		return err_bug(err, "a rule without its hash");
	pthread_mutex_lock(&cache.mutex);
	*out = cached(id, hash);
	if (*out == NULL)
		*out = keep(id, hash, col_text(q, 2), err);
	pthread_mutex_unlock(&cache.mutex);
	return *out ? 0 : -1;
}

int rule_get(struct db *db, int64_t id, const struct rule **out, struct err *err)
{
	static const char tag;
	const struct rule *const *known = db_cache_get(db, &tag, id);
	struct stmt *q;
	int rc;

	if (known != NULL) {
		*out = *known;
		return 0;
	}
	q = db_query(db, "SELECT id, hash, body FROM rule WHERE id = $1", VALS(v_int(id)), err);
	rc = db_step(q, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no rule version %lld.", (long long)id);
	if (rc == 1) {
		rc = from_row(q, out, err);
		db_done(q);
		if (rc == 0)
			db_cache_put(db, &tag, id, out, sizeof *out);
	}
	return rc;
}

static int refuse_no_rule(struct db *db, const char *programme, day_t day, struct err *err)
{
	struct stmt *q = db_query(
		db, "SELECT version, valid_from, valid_to FROM rule WHERE programme = $1 ORDER BY valid_from",
		VALS(v_text(programme)), err);
	char a[DATE_TEXT], b[DATE_TEXT];
	struct buf versions;
	int rc;

	buf_init(&versions, 512);
	while ((rc = db_step(q, err)) == 1)
		buf_format(&versions, "%s%s (%s to %s)", versions.len ? ", " : "", col_text(q, 0),
			   day_format(col_day(q, 1), a), day_format(col_day(q, 2), b));
	if (rc == 0)
		err_set(err, ERR_NO_RULE, NULL, "No rule of programme %s is in force on %s. Versions: %s.",
			programme, day_format(day, a), versions.len ? buf_text(&versions) : "none");
	buf_free(&versions);
	return -1;
}

/* Versions do not overlap and are never taken back: the one that is in force on a day stays it. */
int rule_on(struct db *db, const char *programme, day_t day, const struct rule **out, struct err *err)
{
	static const char tag;
	const struct in_force {
		char code[CODE_MAX + 1];
		day_t day;
		const struct rule *rule;
	} *known = db_cache_get_text(db, &tag, programme);
	struct in_force now = {.day = day};
	struct stmt *q;
	int rc;

	if (known != NULL && known->day == day) {
		*out = known->rule;
		return 0;
	}
	q = db_query(db,
		     "SELECT id, hash, body FROM rule WHERE programme = $1 AND valid_from <= $2 "
		     "AND valid_to >= $2",
		     VALS(v_text(programme), v_int(day)), err);
	rc = db_step(q, err);
	if (rc == 0)
		return refuse_no_rule(db, programme, day, err);
	if (rc == 1) {
		rc = from_row(q, out, err);
		db_done(q);
	}
	if (rc == 0) {
		now.rule = *out;
		memcpy(now.code, (*out)->programme, sizeof now.code);
		db_cache_put_text(db, &tag, &now, sizeof now);
	}
	return rc;
}

/* Versions are never taken back: what the first of them says stays. */
int programme_account(struct db *db, const char *programme, char account[CODE_MAX + 1], struct err *err)
{
	static const char tag;
	const struct known_programme {
		char code[CODE_MAX + 1];
		char account[CODE_MAX + 1];
	} *known = db_cache_get_text(db, &tag, programme);
	struct known_programme now;
	const struct rule *rule;
	int64_t id = 0;
	int rc;

	if (known != NULL) {
		memcpy(account, known->account, sizeof known->account);
		return 1;
	}
	rc = db_int(db, "SELECT min(id) FROM rule WHERE programme = $1", VALS(v_text(programme)), &id, err);
	if (rc != 1 || rule_get(db, id, &rule, err) != 0)
		return rc == 0 ? 0 : -1;
	memcpy(now.code, rule->programme, sizeof now.code);
	memcpy(now.account, rule->account, sizeof now.account);
	memcpy(account, rule->account, sizeof rule->account);
	db_cache_put_text(db, &tag, &now, sizeof now);
	return 1;
}

int rule_last(struct db *db, const char *programme, day_t day, const struct rule **out, struct err *err)
{
	int64_t id;
	int rc = db_int(db,
			"SELECT id FROM rule WHERE programme = $1 AND valid_from <= $2 "
			"ORDER BY valid_from DESC LIMIT 1",
			VALS(v_text(programme), v_int(day)), &id, err);

	if (rc == 1)
		rc = rule_get(db, id, out, err) == 0 ? 1 : -1;
	return rc;
}

int rule_begins(struct db *db, const char *programme, day_t *first, struct err *err)
{
	int64_t day;

	if (db_int(db, "SELECT min(valid_from) FROM rule WHERE programme = $1", VALS(v_text(programme)), &day,
		   err) != 1)
		return err->code ? -1 : err_bug(err, "a programme without a rule");
	*first = (day_t)day;
	return 0;
}

int rule_named(struct db *db, const char *programme, const char *version, const struct rule **out,
	       struct err *err)
{
	struct stmt *q = db_query(db, "SELECT id, hash, body FROM rule WHERE programme = $1 AND version = $2",
				  VALS(v_text(programme), v_text(version)), err);
	int rc = db_step(q, err);

	if (rc == 1) {
		rc = from_row(q, out, err) == 0 ? 1 : -1;
		db_done(q);
	}
	return rc;
}

/* The same version: 1 with the same text, 0 none, -1 with another text or failed. */
static int recorded(struct tx *tx, const struct rule *rule, const unsigned char hash[SHA256_BYTES],
		    struct err *err)
{
	struct stmt *q = db_query(tx->db, "SELECT hash FROM rule WHERE programme = $1 AND version = $2",
				  VALS(v_text(rule->programme), v_text(rule->version)), err);
	int rc = db_step(q, err);

	if (rc == 1) {
		size_t n = 0;
		const void *stored = col_blob(q, 0, &n);

		if (n != SHA256_BYTES || memcmp(stored, hash, n) != 0)
			rc = err_set(err, ERR_VERSION_USED, "version",
				     "Version %s of programme %s was imported with another text. Rules never "
				     "change: give the new text a new version and dates.",
				     rule->version, rule->programme);
		db_done(q);
	}
	return rc;
}

static int check_overlap(struct tx *tx, const struct rule *rule, struct err *err)
{
	struct stmt *q =
		db_query(tx->db,
			 "SELECT version, valid_from, valid_to FROM rule WHERE programme = $1 "
			 "AND valid_from <= $3 AND valid_to >= $2 LIMIT 1",
			 VALS(v_text(rule->programme), v_int(rule->valid_from), v_int(rule->valid_to)), err);
	char a[DATE_TEXT], b[DATE_TEXT];
	int rc = db_step(q, err);

	if (rc == 1) {
		rc = err_set(err, ERR_RULE_OVERLAP, "valid_from",
			     "Version %s of programme %s holds from %s to %s already.", col_text(q, 0),
			     rule->programme, day_format(col_day(q, 1), a), day_format(col_day(q, 2), b));
		db_done(q);
	}
	return rc;
}

/* Orders are taken on every day from the first version on, so each begins where the last one ends. */
static int check_gap(struct tx *tx, const struct rule *rule, struct err *err)
{
	struct stmt *q = db_query(
		tx->db,
		"SELECT version, valid_to FROM rule WHERE programme = $1 ORDER BY valid_to DESC LIMIT 1",
		VALS(v_text(rule->programme)), err);
	char ends[DATE_TEXT], begins[DATE_TEXT], next[DATE_TEXT];
	int rc = db_step(q, err);

	if (rc == 1) {
		day_t last = col_day(q, 1);

		rc = 0;
		if (rule->valid_from != last + 1)
			rc = err_set(
				err, ERR_RULE_GAP, "valid_from",
				"Version %s of programme %s, its last, ends on %s; version %s would begin "
				"on %s. Let it begin on %s.",
				col_text(q, 0), rule->programme, day_format(last, ends), rule->version,
				day_format(rule->valid_from, begins), day_format(last + 1, next));
		db_done(q);
	}
	return rc;
}

static int check_currency(struct tx *tx, const struct rule *rule, struct err *err)
{
	char currency[4];

	if (setting_need(tx->db, "currency", currency, sizeof currency, err) != 0)
		return -1;
	if (strcmp(currency, rule->currency) != 0)
		return err_set(err, ERR_FIELD_INVALID, "currency",
			       "The amounts are in %s, and this ledger keeps %s.", rule->currency, currency);
	return 0;
}

/* Deadlines of all programmes lie on one agenda, and a day of one is a day of the others. */
static int check_zone(struct tx *tx, const struct rule *rule, struct err *err)
{
	const char *zone = zone_name(tx->env->zone);

	if (strcmp(zone, rule->time_zone) == 0)
		return 0;
	return err_set(
		err, ERR_FIELD_INVALID, "time_zone",
		"The programme counts its days in %s, this ledger in %s. Name the ledger's zone, or keep "
		"the programme in a ledger of its own (ila init --zone %s).",
		rule->time_zone, zone, rule->time_zone);
}

static int put_funds(struct tx *tx, const char programme[CODE_MAX + 1], const struct rule_funds *funds,
		     enum upsert *done, struct err *err)
{
	for (size_t i = 0; i < funds->count; i++) {
		const struct rule_fund *in = &funds->fund[i];
		struct fund fund = {.nature = in->nature, .unspent = in->unspent, .budgeted = in->budgeted};
		struct org funder;
		enum upsert what;
		int rc = org_find(tx->db, in->funder, &funder, err);

		char at[sizeof err->field];

		snprintf(at, sizeof at, "funds[%zu].funder", i);
		if (rc == 0)
			return err_set(
				err, ERR_UNKNOWN_REFERENCE, at,
				"There is no organisation %s, the funder of %s. Import organisations first.",
				in->funder, in->code);
		if (rc < 0)
			return -1;
		memcpy(fund.code, in->code, sizeof fund.code);
		memcpy(fund.class_, in->class_, sizeof fund.class_);
		memcpy(fund.bank_account, in->bank_account, sizeof fund.bank_account);
		memcpy(fund.programme, programme, sizeof fund.programme);
		fund.funder = funder.id;
		if (fund_upsert(tx, &fund, &what, err) != 0)
			return -1;
		for (size_t k = 0; k < in->budgets; k++) {
			enum upsert voted;

			if (budget_vote(tx, &fund, in->budget[k].year, in->budget[k].ae, in->budget[k].cp,
					&voted, err) != 0)
				return -1;
			if (voted == UPSERT_CREATED)
				*done = *done == UPSERT_UNCHANGED ? UPSERT_UPDATED : *done;
		}
	}
	return 0;
}

static int insert_version(struct tx *tx, const struct rule *rule, const char *text,
			  const unsigned char hash[SHA256_BYTES], struct err *err)
{
	struct version v = {.valid_from = rule->valid_from,
			    .valid_to = rule->valid_to,
			    .body = text,
			    .imported_at = tx->now};
	int64_t last = 0;

	if (db_int(tx->db, "SELECT max(id) FROM rule", NO_VALS, &last, err) < 0)
		return -1;
	v.id = last + 1;
	snprintf(v.programme, sizeof v.programme, "%s", rule->programme);
	snprintf(v.version, sizeof v.version, "%s", rule->version);
	memcpy(v.hash, hash, sizeof v.hash);
	return seal_insert(tx, "rule", &rule_record, &v, err);
}

int programme_import(struct tx *tx, const char *text, size_t len, const struct rule **stored,
		     enum upsert *done, struct err *err)
{
	unsigned char hash[SHA256_BYTES];
	struct rule_funds *funds = malloc(sizeof *funds);
	struct rule rule;
	int rc = -1;

	if (funds == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	*done = UPSERT_UNCHANGED;
	if (rule_file_parse(text, len, &rule, funds, err) != 0)
		goto out;
	sha256(text, len, hash);
	rc = recorded(tx, &rule, hash, err);
	if (rc != 0) {
		rc = rc < 0 ? -1 : 0;
		goto out;
	}
	*done = UPSERT_CREATED;
	rc = -1;
	if (check_currency(tx, &rule, err) != 0 || check_zone(tx, &rule, err) != 0 ||
	    check_overlap(tx, &rule, err) != 0 || check_gap(tx, &rule, err) != 0 ||
	    put_funds(tx, rule.programme, funds, done, err) != 0)
		goto out;
	rc = insert_version(tx, &rule, text, hash, err);
out:
	if (rc == 0 && rule_named(tx->db, rule.programme, rule.version, stored, err) != 1)
		rc = -1;
	free(funds);
	return rc;
}

int programme_list(struct db *db, int64_t after, size_t max, struct programme_row *out, size_t *n,
		   struct err *err)
{
	struct stmt *q =
		db_query(db,
			 "SELECT min(id), programme, count(*), min(valid_from), max(valid_to) FROM rule "
			 "GROUP BY programme HAVING min(id) > $1 ORDER BY min(id) LIMIT $2",
			 VALS(v_int(after), v_int((int64_t)max)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		struct programme_row *row = &out[(*n)++];

		row->first = col_int(q, 0);
		col_copy(q, 1, row->programme, sizeof row->programme);
		row->versions = col_int(q, 2);
		row->valid_from = col_day(q, 3);
		row->valid_to = col_day(q, 4);
	}
	return rc;
}

int rule_text(struct db *db, int64_t id, struct buf *text, unsigned char hash[SHA256_BYTES], struct err *err)
{
	struct stmt *q = db_query(db, "SELECT body, hash FROM rule WHERE id = $1", VALS(v_int(id)), err);
	const void *bytes;
	size_t n = 0;
	int rc = db_step(q, err);

	if (rc != 1)
		return rc < 0 ? -1 : err_bug(err, "a rule that was found is missing");
	buf_text_add(text, col_text(q, 0));
	bytes = col_blob(q, 1, &n);
	if (n == SHA256_BYTES)
		memcpy(hash, bytes, n);
	db_done(q);
	return 0;
}
