#include "ledger/book/seal.h"

#include <assert.h>
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
	char digits[INT_TEXT];
	size_t len = 0;

	for (size_t i = 0; i < r->count; i++) {
		const char *part;
		struct val v;
		size_t n;

		if ((r->column[i].flags & RECORD_KEY) == 0)
			continue;
		v = record_value(&r->column[i], row);
		part = v.type == VAL_INT ? int_text(v.i, digits) : v.p;
		n = strlen(part);
		assert(len + n + 1 < SUBJECT_MAX);
		if (len > 0)
			out[len++] = '/';
		memcpy(out + len, part, n);
		len += n;
	}
	out[len] = '\0';
}

static void write_kind(const struct record *r, char out[SUBJECT_KIND_MAX + 1])
{
	size_t n = strlen(r->table);

	assert(n <= SUBJECT_KIND_MAX);
	memcpy(out, r->table, n + 1);
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
		write_kind(r, e->subject_kind);
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
