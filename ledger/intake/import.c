/*
 * One file: read it for its hash, see whether it is known, recognise its format,
 * take its rows, remember it.
 *
 * A refused row does not end the work: the other rows are looked at too, so
 * that all that is wrong is told at once.  Unless the caller skips bad rows the
 * command then refuses as a whole, and what the good rows wrote is rolled back.
 */
#include "ledger/intake/import.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/money.h"
#include "ledger/intake/rejected.h"
#include "ledger/intake/run.h"
#include "ledger/intake/seen.h"
#include "ledger/store/setting.h"

const char *import_kind_at(size_t i)
{
	return format_kind_at(i);
}

/* 1: this very file was imported as this kind before. */
int run_known(struct run *r, struct err *err)
{
	int rc = db_int(r->tx->db, "SELECT rows FROM import_file WHERE hash = $1 AND kind = $2",
			VALS(v_blob(r->hash, sizeof r->hash), v_text(r->kind)), &r->result->rows, err);

	r->result->already_imported = rc == 1;
	return rc;
}

static struct agreed_file file_of(const char *kind, const struct import_options *o,
				  const unsigned char hash[SHA256_BYTES])
{
	struct agreed_file f = {.kind = kind, .origin = o->origin != NULL ? o->origin : ""};

	memcpy(f.hash, hash, sizeof f.hash);
	return f;
}

int run_agree(struct run *r, struct err *err)
{
	struct agreed_file f = file_of(r->kind, r->options, r->hash);
	int rc = 1;

	r->said = r->options->word == IMPORT_ITSELF || r->options->dry_run || !agreed_needed(r->kind);
	r->proposes = 0;
	if (!r->said && r->options->word == IMPORT_BY_TWO)
		rc = agreed_ask(r->tx, &f, &r->agreed, err);
	r->proposes = rc == 0;
	r->row.agreed = !r->said && r->options->word == IMPORT_BY_TWO ? &r->agreed : NULL;
	return rc < 0 ? -1 : 0;
}

int run_say(struct run *r, struct err *err)
{
	struct agreed_file f = file_of(r->kind, r->options, r->hash);
	int rc;

	if (r->said)
		return 0;
	r->said = 1;
	rc = (r->options->word == IMPORT_BY_BOTH ? agreed_by_both : agreed_say)(r->tx, &f, &r->agreed, err);
	if (rc == 0)
		return err_set(err, ERR_NOTHING_WAITS, NULL,
			       "The word of the operator who sent this file first ended while its rows were "
			       "looked at. Send it again: that is the first word, and another operator's the "
			       "second.");
	return rc < 0 ? -1 : 0;
}

int run_dialect(const struct run *r, int own, struct err *err)
{
	if (own || r->options->dialect == DIALECT_ANY)
		return 0;
	return err_set(
		err, ERR_FIELD_INVALID, "dialect",
		"%.400s is no table of one of our own formats: it is read as it was published, and has no "
		"dialect. Leave --dialect out.",
		r->name);
}

int run_is_trial(const struct run *r)
{
	return r->options->dry_run || r->proposes;
}

int import_propose(struct tx *tx, const char *kind, const struct import_options *options,
		   const struct import_result *result, struct decision *d, struct err *err)
{
	struct agreed_file f = file_of(kind, options, result->hash);

	return agreed_say(tx, &f, d, err);
}

void run_count(struct import_result *result, enum upsert done)
{
	result->created += done == UPSERT_CREATED;
	result->updated += done == UPSERT_UPDATED;
	result->unchanged += done == UPSERT_UNCHANGED;
}

static int remember_file(struct run *r, struct err *err)
{
	const char *slash = strrchr(r->name, '/');
	const char *name = slash != NULL ? slash + 1 : r->name;

	return db_run(
		r->tx->db,
		"INSERT INTO import_file (hash, kind, name, rows, imported_at) VALUES ($1, $2, $3, $4, $5)"
		" ON CONFLICT (hash) DO NOTHING",
		VALS(v_blob(r->hash, sizeof r->hash), v_text(r->kind), v_text(name), v_int(r->result->rows),
		     v_int(r->tx->now)),
		err);
}

static int read_currency(struct run *r, struct err *err)
{
	if (setting_need(r->tx->db, "currency", r->currency, sizeof r->currency, err) != 0)
		return -1;
	r->row.exponent = currency_exponent(r->currency);
	return r->row.exponent < 0 ? err_bug(err, "import: the ledger has no currency") : 0;
}

static int conclude(struct run *r, struct err *err)
{
	struct import_result *result = r->result;

	if (result->already_imported)
		return 0;
	if (result->refused > 0 &&
	    (!r->options->skip_bad || r->in == NULL || result->refused == result->rows)) {
		char first[IMPORT_LINE_MAX];

		import_refusal_format(r->name, &result->refusal[0], first);
		return err_set(err, r->first, result->refusal[0].column,
			       "%lld of %lld rows were refused. The first: %s", (long long)result->refused,
			       (long long)result->rows, first);
	}
	if (run_is_trial(r)) {
		result->dry_run_done = 1;
		result->proposes = r->proposes;
		memcpy(result->hash, r->hash, sizeof result->hash);
		return err_set(err, ERR_DRY_RUN, NULL, "This was a dry run.");
	}
	if (run_say(r, err) != 0)
		return -1;
	/* With rows left out the file may be sent again, once what they lacked is there. */
	return result->refused > 0 ? 0 : remember_file(r, err);
}

static int keep_rejected(struct run *r, struct err *err)
{
	struct rejected *rejected = r->rejected;

	if (rejected == NULL) {
		r->result->rejected_path[0] = '\0';
		return 0;
	}
	r->rejected = NULL;
	r->result->rejected_to = rejected_to(rejected);
	if (rejected_close(rejected, err) == 0)
		return 0;
	unlink(r->result->rejected_path);
	return -1;
}

void run_drop_rejected(struct run *r)
{
	struct err ignored = {0};

	if (r->rejected != NULL) {
		rejected_close(r->rejected, &ignored);
		unlink(r->result->rejected_path);
	}
	r->rejected = NULL;
}

int run_conclude(struct run *r, struct err *err)
{
	int rc = conclude(r, err);

	if (rc == 0)
		rc = keep_rejected(r, err);
	if (rc == 0)
		return 0;
	run_drop_rejected(r);
	r->result->rejected_path[0] = '\0';
	return -1;
}

/* A list said to be of a later day would keep every true one out until then. */
static int set_day(struct run *r, struct err *err)
{
	char day[DATE_TEXT];

	r->row.published_on = r->options->published_on == DAY_NONE ? r->tx->today : r->options->published_on;
	if (r->row.published_on <= r->tx->today)
		return 0;
	return err_set(err, ERR_FIELD_INVALID, "published_on", "%s is still to come.",
		       day_format(r->row.published_on, day));
}

/* Nothing is counted yet. */
void run_count_anew(struct run *r)
{
	const char *format = r->result->format, *rejected = r->options->rejected;

	memset(r->result, 0, sizeof *r->result);
	r->result->format = format;
	snprintf(r->result->rejected_path, sizeof r->result->rejected_path, "%s%s",
		 rejected != NULL ? rejected : r->path, rejected != NULL ? "" : ".rejected.csv");
}

int run_begin(struct run *r, struct err *err)
{
	r->result->format = "";
	run_count_anew(r);
	r->row.tx = r->tx;
	r->row.dialect = r->options->dialect;
	return format_kind_known(r->kind, err) != 0 || set_day(r, err) != 0 || read_currency(r, err) != 0 ? -1
													  : 0;
}

void run_close(struct run *r)
{
	run_drop_rejected(r);
	if (r->hashed != NULL)
		fclose(r->hashed);
	sha256_close(r->hash_of, r->hash);
	seen_close(r->seen);
	csv_in_close(r->in);
	run_end_scouts(r);
	r->hashed = NULL;
	r->hash_of = NULL;
	r->seen = NULL;
	r->in = NULL;
}

int import_run(struct tx *tx, const char *kind, const char *path, const struct import_options *options,
	       struct import_result *result, struct err *err)
{
	struct run r = {.tx = tx,
			.kind = kind,
			.path = path,
			.name = options->name != NULL ? options->name : path,
			.options = options,
			.result = result};
	int rc;

	if (run_begin(&r, err) != 0)
		return -1;
	r.format = format_document(kind, path);
	rc = r.format != NULL ? run_document(&r, err) : run_table(&r, err);
	if (rc == 0)
		rc = run_conclude(&r, err);
	run_close(&r);
	if (rc != 0)
		result->rejected_path[0] = '\0';
	return rc;
}
