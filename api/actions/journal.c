/*
 * The journal: entries in the order of the sequence.  Auditors read all of them, a union what was
 * credited to the members who gave it a mandate: a page of those may be short, or empty, and not the last.
 */
#include "ledger/book/journal.h"

#include <string.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "ledger/proof/canon.h"
#include "ledger/rights/lot.h"

#define ENTRIES_MAX 100   /* in one page */
#define LOOKED_MAX  20000 /* entries among which those of a union's members are looked for at once */

struct asked {
	struct page_in page;
};

struct row {
	const char *entry; /* its canonical form, which is what is hashed */
	char hash[SHA256_HEX];
};

struct listed {
	struct page_out page;
};

static const struct member takes[] = {PAGE_TAKES(struct asked), MEMBERS_END};

static const struct member row_gives[] = {
	{"entry", M_RAW, IN(struct row, entry)},
	{"hash", M_TEXT, IN(struct row, hash)},
	MEMBERS_END,
};

static const struct member gives[] = {PAGE_GIVES(struct listed, row_gives, struct row), MEMBERS_END};

static void fill(struct action_call *c, const struct entry *e, struct row *row)
{
	struct buf text;

	buf_init(&text, CANON_BYTES_MAX);
	canon_write(e, &text);
	row->entry = call_keep(c, buf_text(&text));
	buf_free(&text);
	sha256_hex(e->hash, row->hash);
}

/* The numbers of the next entries that the actor may read, and how far was looked for them. */
static int find(struct db *db, const struct action_call *c, const struct page *page, int64_t last,
		int64_t seq[ENTRIES_MAX], size_t *n, int64_t *looked, struct err *err)
{
	int64_t most = c->actor.role == ROLE_UNION ? LOOKED_MAX : (int64_t)page->limit;

	*looked = last - page->after < most ? last : page->after + most;
	if (c->actor.role == ROLE_UNION)
		return lot_entries_of_members(db, c->actor.org, page->after, *looked, page->limit, seq, n,
					      err);
	for (*n = 0; page->after + (int64_t)*n < *looked; (*n)++)
		seq[*n] = page->after + (int64_t)*n + 1;
	return 0;
}

static int list(struct db *db, struct action_call *c, struct err *err)
{
	struct entry *e = arena_alloc(c->arena, sizeof *e);
	int64_t seq[ENTRIES_MAX], looked;
	struct head head;
	struct page page;
	struct row *rows;
	size_t n = 0;

	if (e == NULL)
		return err_set(err, ERR_LIMIT, NULL, "The request is too large.");
	if (page_open(c, &page, err) != 0 || (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    journal_head(db, &head, err) != 0)
		return -1;
	if (page.limit > ENTRIES_MAX)
		page.limit = ENTRIES_MAX;
	if (find(db, c, &page, head.seq, seq, &n, &looked, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int rc = canon_read(db, seq[i], e, err);

		if (rc != 1)
			return rc < 0 ? -1 : err_bug(err, "journal: an entry that was listed is not there");
		fill(c, e, &rows[i]);
	}
	/* A full page of a union ends where its last entry is. */
	if (n == page.limit)
		looked = seq[n - 1];
	page_give(c, &page, rows, n, looked < head.seq, looked);
	return 0;
}

static const struct action journal = {
	.name = "journal",
	.method = "GET",
	.path = "/v1/journal",
	.roles = BY(AUDITOR) | BY(UNION),
	.takes = takes,
	.takes_size = sizeof(struct asked),
	.gives = gives,
	.gives_size = sizeof(struct listed),
	.read = list,
	.again = page_again,
	.print_part = print_answer,
	.summary = "entries in order; a union reads what was credited to its members",
};

const struct action *const actions_of_journal[] = {&journal, NULL};
