/*
 * GET /v1/journal: entries in the order of the sequence, for auditors.
 */
#include <string.h>

#include "api/routes/args.h"
#include "ledger/book/journal.h"
#include "ledger/proof/canon.h"

#define JOURNAL_PAGE_MAX 100

/* The canonical form is the entry; its hash stands beside it. */
static void write_entry(const struct entry *e, struct buf *out)
{
	char hex[SHA256_HEX];

	buf_text_add(out, "{\"entry\":");
	canon_write(e, out);
	out_text(out, "hash", sha256_hex(e->hash, hex));
	buf_char(out, '}');
}

int journal_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	struct entry *e = arena_alloc(r->arena, sizeof *e);
	char cursor[CURSOR_TEXT];
	int64_t after, head, booked_at;
	size_t limit, n = 0;
	int rc = 1;

	if (e == NULL)
		return err_set(err, ERR_LIMIT, NULL, "The request is too large.");
	if (request_limit(r, &limit, err) != 0 || request_after(r, "journal", &after, err) != 0 ||
	    journal_head(db, &head, &booked_at, err) != 0)
		return -1;
	if (limit > JOURNAL_PAGE_MAX)
		limit = JOURNAL_PAGE_MAX;
	buf_text_add(&reply->body, "{\"data\":[");
	while (n < limit && (rc = canon_read(db, after + 1, e, err)) == 1) {
		if (n++ > 0)
			buf_char(&reply->body, ',');
		write_entry(e, &reply->body);
		after++;
	}
	if (rc < 0)
		return -1;
	out_page(&reply->body, after < head ? request_cursor("journal", after, cursor) : NULL);
	return 0;
}
