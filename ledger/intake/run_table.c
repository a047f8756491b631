/*
 * A CSV file: read once for its hash, then row by row.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/forms/csv_lines.h"
#include "ledger/intake/column.h"
#include "ledger/intake/run.h"
#include "ledger/intake/seen.h"

#define READ_BYTES 65536
#define SCOUT_ROWS 2000 /* for which is asked at once: one wait for a part */

static int start_hash(struct run *r, struct err *err)
{
	struct err why = {0};
	int fd;

	memset(&r->bytes, 0, sizeof r->bytes);
	r->hashed_bytes = 0;
	if (csv_lines_file(r->path, &fd, &r->size, &why) != 0) {
		if (fd >= 0)
			close(fd);
		*err = why; /* it names the file */
		return why.code == ERR_LIMIT ? run_refuse_file(r, &why, err) : -1;
	}
	r->hash_of = sha256_open();
	r->hashed = fdopen(fd, "r");
	if (r->hash_of != NULL && r->hashed != NULL)
		return 0;
	if (r->hashed == NULL)
		close(fd);
	return err_bug(err, "import: memory is exhausted");
}

static void end_hash(struct run *r)
{
	if (r->hashed != NULL)
		fclose(r->hashed);
	sha256_close(r->hash_of, r->hash);
	r->hashed = NULL;
	r->hash_of = NULL;
}

int run_hash(struct run *r, int64_t max, struct err *err)
{
	unsigned char *bytes = malloc(READ_BYTES);
	size_t n = 1;
	int rc = -1;

	if (bytes == NULL)
		err_bug(err, "import: memory is exhausted");
	else if (r->hashed != NULL || start_hash(r, err) == 0)
		rc = 0;
	for (; rc == 0 && n > 0 && max > 0; max -= (int64_t)n) {
		n = fread(bytes, 1, READ_BYTES, r->hashed);
		sha256_add(r->hash_of, bytes, n);
		if (r->options->dialect == DIALECT_EXCEL_FR)
			encoding_look(&r->bytes, (const char *)bytes, n);
		r->hashed_bytes += (int64_t)n;
	}
	if (rc == 0 && ferror(r->hashed))
		rc = err_set(err, ERR_STORAGE, NULL, "The file %.400s cannot be read: %s.", r->name,
			     strerror(errno));
	free(bytes);
	if (rc == 0 && n > 0)
		return 1;
	end_hash(r);
	return rc;
}

/* Lay the cells out in the order of the format. */
static int lay_out(struct run *r, const struct csv_row *row, struct err *err)
{
	size_t want = csv_in_header(r->in)->count;

	r->faults.count = 0;
	if (row->count != want)
		return err_set(err, ERR_MALFORMED, ROW, "the row has %zu fields, the header has %zu",
			       row->count, want);
	for (size_t i = 0; i < r->map.count; i++) {
		r->row.present[i] = r->map.column[i] >= 0;
		r->row.cell[i] = r->row.present[i] ? row->field[r->map.column[i]] : "";
	}
	return 0;
}

#define IMPORT_KEY_MAX 256

/* The key of the row; several columns are joined by what no cell of theirs holds. */
static const char *key_of(const struct run *r, char joined[IMPORT_KEY_MAX])
{
	size_t n = 0;

	if (r->format->key_columns == 0)
		return r->row.cell[r->format->key];
	for (int i = 0; i < r->format->key_columns && n < IMPORT_KEY_MAX; i++)
		n += (size_t)snprintf(joined + n, IMPORT_KEY_MAX - n, "%s\n", r->row.cell[i]);
	return joined;
}

/*
 * A key that stands twice.  In our own formats that is refused even when the
 * rows are the same: two payments under one reference would count once.  The
 * key is not shown: it may be what a learner's column should never have held.
 */
static void check_unique(struct run *r, const struct csv_row *row, struct err *err)
{
	const struct import_format *f = r->format;
	size_t compared = f->key_columns > 0 ? (size_t)f->same_columns : r->map.count;
	char key[IMPORT_KEY_MAX];
	enum seen_before before;
	int64_t first;

	/* A key that is missing is refused as such. */
	if (!f->unique || r->row.cell[f->key][0] == '\0')
		return;
	before = seen_check(r->seen, key_of(r, key), r->row.cell, compared, row->line, &first);
	if (before == SEEN_NEW || (before == SEEN_SAME && (!f->strict_header || f->key_columns > 0)))
		return;
	column_refuse(&r->row, f->key, err, ERR_ROW_REPEATED, "also on line %lld%s", (long long)first,
		      before == SEEN_OTHER ? ", with different values" : "");
}

static int take_row(struct run *r, const struct csv_row *row, struct err *err)
{
	int64_t changes = db_changes(r->tx->db);
	struct err why = {0};
	enum upsert done = UPSERT_UNCHANGED;
	int rc;

	rc = lay_out(r, row, &why);
	if (rc == 0) {
		check_unique(r, row, &why);
		rc = r->format->row(&r->row, &done, &why);
	}
	if (rc == 0)
		run_count(r->result, done);
	r->result->ignored += rc == 1;
	if (rc >= 0)
		return 0;
	if (run_refuse_row(r, row, &why, err) != 0)
		return -1;
	/* Nothing could take back what a row that is left out has written. */
	if (r->options->skip_bad && db_changes(r->tx->db) != changes)
		return err_bug(err, "import: a refused row wrote");
	return 0;
}

static void show(const struct run *r, int64_t bytes)
{
	const struct import_options *o = r->options;

	if (o->progress != NULL)
		o->progress(o->progress_arg, r->result->rows, bytes, csv_in_size(r->in));
}

/* Excel says by no sign in what bytes it writes (encoding.h); of other dialects nothing was looked at. */
static struct csv_in *open_table(const struct run *r, struct err *err)
{
	const struct csv_form as = {.delimiter = dialect_delimiter(r->options->dialect),
				    .from_1252 = encoding_is_1252(&r->bytes)};

	return csv_in_open_as(r->path, &as, err);
}

/* Another reader looks at the next rows first.  What it cannot read is refused when its turn comes. */
static void scout(struct run *r, int round, int64_t rows)
{
	struct err ignored = {0};
	struct csv_row row;

	if (r->scout[round] == NULL && r->result->rows == 0)
		r->scout[round] = open_table(r, &ignored);
	while (r->scout[round] != NULL && rows-- > 0 && csv_in_next(r->scout[round], &row, &ignored) == 1)
		if (lay_out(r, &row, &ignored) == 0)
			r->format->ahead(&r->row, round);
}

static void ask_ahead(struct run *r, int64_t rows)
{
	if (r->format->ahead == NULL || !db_reads_ahead(r->tx->db))
		return;
	for (int round = 0; round < FORMAT_AHEAD_ROUNDS; round++)
		scout(r, round, rows);
}

void run_end_scouts(struct run *r)
{
	for (int round = 0; round < FORMAT_AHEAD_ROUNDS; round++) {
		csv_in_close(r->scout[round]);
		r->scout[round] = NULL;
	}
}

int run_rows(struct run *r, int64_t max, struct err *err)
{
	unsigned char hash[SHA256_BYTES];
	struct err why = {0};
	int rc = 1;

	for (int64_t n = 0; r->pending || (rc = csv_in_next(r->in, &r->next, &why)) == 1; n++) {
		/* Whether there is more is known once it was read. */
		r->pending = n == max;
		if (r->pending)
			return 1;
		if (n % SCOUT_ROWS == 0)
			ask_ahead(r, max - n < SCOUT_ROWS ? max - n : SCOUT_ROWS);
		r->result->rows++;
		if (take_row(r, &r->next, err) != 0)
			return -1;
		if (r->result->rows % IMPORT_PROGRESS_ROWS == 0)
			show(r, csv_in_bytes(r->in));
	}
	if (rc < 0)
		return run_refuse_file(r, &why, err);
	csv_in_hash(r->in, hash);
	if (memcmp(hash, r->hash, sizeof hash) != 0)
		return err_set(err, ERR_MALFORMED, NULL, "%.400s changed while it was read.", r->name);
	show(r, csv_in_size(r->in));
	return 0;
}

int run_open(struct run *r, struct err *err)
{
	struct err why = {0};

	csv_in_close(r->in);
	run_end_scouts(r);
	seen_close(r->seen);
	r->pending = 0;
	r->seen = seen_open();
	r->in = open_table(r, &why);
	if (r->in == NULL)
		return run_refuse_file(r, &why, err);
	return r->seen != NULL ? 0 : err_bug(err, "import: memory is exhausted");
}

int run_recognise(struct run *r, struct err *err)
{
	struct err why = {0};

	r->format = format_recognise(r->in, r->kind, r->currency, &r->map, &why);
	if (r->format == NULL)
		return run_refuse_file(r, &why, err);
	if (run_dialect(r, r->format->strict_header, err) != 0)
		return -1;
	r->result->format = r->format->name;
	r->row.name = r->map.name;
	r->row.faults = &r->faults;
	return run_known(r, err);
}

int run_table(struct run *r, struct err *err)
{
	int rc;

	if (run_hash(r, INT64_MAX, err) != 0 || run_open(r, err) != 0)
		return -1;
	rc = run_recognise(r, err);
	if (rc == 0)
		rc = run_agree(r, err) == 0 ? run_rows(r, INT64_MAX, err) : -1;
	return rc < 0 ? -1 : 0;
}
