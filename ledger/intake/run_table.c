/*
 * A CSV file: read once for its hash, then row by row.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/intake/column.h"
#include "ledger/intake/run.h"
#include "ledger/intake/seen.h"

#define READ_BYTES 65536

static int hash_file(struct run *r, struct err *err)
{
	unsigned char *bytes = malloc(READ_BYTES);
	struct sha256 *hash = sha256_open();
	FILE *in = fopen(r->path, "re");
	size_t n;
	int rc = -1;

	if (bytes == NULL || hash == NULL) {
		err_bug(err, "import: memory is exhausted");
		goto out;
	}
	if (in == NULL) {
		err_set(err, ERR_NOT_FOUND, NULL, "The file %.400s cannot be opened: %s.", r->path,
			strerror(errno));
		goto out;
	}
	while ((n = fread(bytes, 1, READ_BYTES, in)) > 0)
		sha256_add(hash, bytes, n);
	rc = ferror(in) ? err_set(err, ERR_STORAGE, NULL, "The file %.400s cannot be read: %s.", r->path,
				  strerror(errno))
			: 0;
out:
	if (in != NULL)
		fclose(in);
	sha256_close(hash, r->hash);
	free(bytes);
	return rc;
}

/* Lay the cells out in the order of the format. */
static int lay_out(struct run *r, const struct csv_row *row, struct err *err)
{
	size_t want = csv_in_header(r->in)->count;

	if (row->count != want)
		return err_set(err, ERR_MALFORMED, ROW, "the row has %zu fields, the header has %zu",
			       row->count, want);
	for (size_t i = 0; i < r->map.count; i++) {
		r->row.present[i] = r->map.column[i] >= 0;
		r->row.cell[i] = r->row.present[i] ? row->field[r->map.column[i]] : "";
	}
	return 0;
}

/*
 * A key that stands twice.  In our own formats that is refused even when the
 * rows are the same: two payments under one reference would count once.  The
 * key is not shown: it may be what a learner's column should never have held.
 */
static int check_unique(struct run *r, const struct csv_row *row, struct err *err)
{
	const struct import_format *f = r->format;
	enum seen_before before;
	int64_t first;

	if (!f->unique)
		return 0;
	before = seen_check(r->seen, r->row.cell[f->key], r->row.cell, r->map.count, row->line, &first);
	if (before == SEEN_NEW || (before == SEEN_SAME && !f->own))
		return 0;
	return err_set(err, ERR_CONFLICT, r->map.name[f->key], "stands on line %lld too%s", (long long)first,
		       before == SEEN_OTHER ? ", with other content" : "");
}

static int take_row(struct run *r, const struct csv_row *row, struct err *err)
{
	int64_t changes = db_changes(r->tx->db);
	struct err why = {0};
	enum put done = PUT_UNCHANGED;
	int rc;

	rc = lay_out(r, row, &why);
	if (rc == 0)
		rc = check_unique(r, row, &why);
	if (rc == 0)
		rc = r->format->row(&r->row, &done, &why);
	if (rc == 0)
		run_count(r->result, done);
	r->result->ignored += rc == 1;
	if (rc >= 0)
		return 0;
	if (run_refuse_row(r, row, &why, err) != 0)
		return -1;
	/* What a row that is left out wrote could not be taken back. */
	if (r->options->skip_bad && db_changes(r->tx->db) != changes)
		return err_bug(err, "import: a refused row wrote");
	return 0;
}

static int take_rows(struct run *r, struct err *err)
{
	const struct import_options *o = r->options;
	unsigned char hash[SHA256_BYTES];
	struct err why = {0};
	struct csv_row row;
	int rc;

	while ((rc = csv_in_next(r->in, &row, &why)) == 1) {
		r->result->rows++;
		if (take_row(r, &row, err) != 0)
			return -1;
		if (o->progress != NULL && r->result->rows % IMPORT_PROGRESS_ROWS == 0)
			o->progress(o->progress_arg, r->result->rows, csv_in_bytes(r->in),
				    csv_in_size(r->in));
	}
	if (rc < 0)
		return run_refuse_file(r, &why, err);
	csv_in_hash(r->in, hash);
	if (memcmp(hash, r->hash, sizeof hash) != 0)
		return err_set(err, ERR_MALFORMED, NULL,
			       "%.400s changed while it was read. Nothing was changed.", r->path);
	if (o->progress != NULL)
		o->progress(o->progress_arg, r->result->rows, csv_in_size(r->in), csv_in_size(r->in));
	return 0;
}

int run_table(struct run *r, struct err *err)
{
	struct err why = {0};

	r->in = csv_in_open(r->path, &why);
	if (r->in == NULL)
		return run_refuse_file(r, &why, err);
	if (hash_file(r, err) != 0)
		return -1;
	r->format = format_recognise(r->in, r->kind, r->currency, &r->map, &why);
	if (r->format == NULL)
		return run_refuse_file(r, &why, err);
	r->result->format = r->format->name;
	if (run_known(r, err) != 0)
		return r->result->already_imported ? 0 : -1;
	r->seen = seen_open();
	if (r->seen == NULL)
		return err_bug(err, "import: memory is exhausted");
	r->row.name = r->map.name;
	return take_rows(r, err);
}
