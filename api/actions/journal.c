/*
 * The journal: entries in the order of the sequence, for auditors.
 */
#include "ledger/book/journal.h"

#include <string.h>

#include "api/actions/all.h"
#include "api/actions/page.h"
#include "ledger/proof/canon.h"

#define ENTRIES_MAX 100 /* in one page */

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

static int list(struct db *db, struct action_call *c, struct err *err)
{
	struct entry *e = arena_alloc(c->arena, sizeof *e);
	struct head head;
	struct page page;
	struct row *rows;
	size_t n = 0;
	int rc = 1;

	if (e == NULL)
		return err_set(err, ERR_LIMIT, NULL, "The request is too large.");
	if (page_open(c, "journal", &page, err) != 0 ||
	    (rows = page_rows(c, &page, sizeof *rows, err)) == NULL || journal_head(db, &head, err) != 0)
		return -1;
	if (page.limit > ENTRIES_MAX)
		page.limit = ENTRIES_MAX;
	while (n < page.limit && (rc = canon_read(db, page.after + 1, e, err)) == 1) {
		fill(c, e, &rows[n++]);
		page.after++;
	}
	if (rc < 0)
		return -1;
	page_give(c, &page, rows, n, page.after < head.seq, page.after);
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
	.summary = "entries in order",
};

const struct action *const actions_of_journal[] = {&journal, NULL};
