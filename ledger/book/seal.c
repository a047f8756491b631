#include "ledger/book/seal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/proof/content.h"

static int64_t *sealed_by(const struct record *r, void *row)
{
	for (size_t i = 0; i < r->count; i++)
		if ((r->column[i].flags & RECORD_SEALED) != 0)
			return (int64_t *)(void *)((char *)row + r->column[i].offset);
	assert(0 && "a record without a seal");
	return NULL;
}

/* The parts of the key, joined by '/'. */
static void write_subject(const struct record *r, const void *row, char out[SUBJECT_MAX + 1])
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < r->count; i++) {
		struct val v = record_value(&r->column[i], row);
		const char *joint = len > 0 ? "/" : "";

		if ((r->column[i].flags & RECORD_KEY) == 0)
			continue;
		if (v.type == VAL_INT)
			snprintf(out + len, SUBJECT_MAX + 1 - len, "%s%" PRId64, joint, v.i);
		else
			snprintf(out + len, SUBJECT_MAX + 1 - len, "%s%s", joint, (const char *)v.p);
		len = strlen(out);
		assert(len < SUBJECT_MAX);
	}
}

int seal_into(struct entry *e, const struct record *r, const void *row, struct err *err)
{
	struct content c[RECORD_COLUMNS_MAX];
	size_t n = 0;

	assert(r->count <= RECORD_COLUMNS_MAX && !e->sealed);
	for (size_t i = 0; i < r->count; i++)
		if ((r->column[i].flags & (RECORD_SEALED | RECORD_LOOSE)) == 0)
			c[n++] = (struct content){r->column[i].name, record_value(&r->column[i], row)};
	if (content_hash(c, n, e->content) != 0)
		return err_bug(err, "a row too large to be sealed");
	e->sealed = 1;
	if (e->voucher == 0) {
		snprintf(e->subject_kind, sizeof e->subject_kind, "%s", r->table);
		write_subject(r, row, e->subject);
	}
	return 0;
}

static int seal(struct tx *tx, const char *kind, const struct record *r, void *row, struct err *err)
{
	int64_t *seq = sealed_by(r, row);
	struct entry e;

	entry_begin(&e, kind, tx->today);
	e.previous = *seq;
	if (seal_into(&e, r, row, err) != 0 || journal_post(tx, &e, err) != 0)
		return -1;
	*seq = e.seq;
	return 0;
}

int seal_insert(struct tx *tx, const char *kind, const struct record *r, void *row, struct err *err)
{
	*sealed_by(r, row) = 0;
	return seal(tx, kind, r, row, err) == 0 ? record_insert(tx->db, r, row, err) : -1;
}

int seal_update(struct tx *tx, const char *kind, const struct record *r, void *row, struct err *err)
{
	assert(*sealed_by(r, row) != 0);
	return seal(tx, kind, r, row, err) == 0 ? record_update(tx->db, r, row, err) : -1;
}
