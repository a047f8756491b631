/*
 * GET /v1/providers: who is accredited today and for what, and in which standing, public.
 */
#include "api/routes/args.h"
#include "ledger/registers/provider.h"
#include "ledger/registers/standing.h"

/* The next accredited organisations past after; a page of ids, so that the cursor is closed before more is
 * asked. */
static int list(struct db *db, day_t today, int64_t after, size_t max, int64_t *out, size_t *n,
		struct err *err)
{
	struct stmt *q =
		db_query(db,
			 "SELECT DISTINCT org FROM accreditation WHERE org > $1 AND valid_from <= $2 "
			 "AND (valid_to IS NULL OR valid_to >= $2) ORDER BY org LIMIT $3",
			 VALS(v_int(after), v_int(today), v_int((int64_t)max)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1)
		out[(*n)++] = col_int(q, 0);
	return rc;
}

/* The word and the end only: the ground is not for everybody. */
static int write_standing(struct db *db, int64_t id, struct buf *out, struct err *err)
{
	struct standing_row row;
	int rc = standing_now(db, id, &row, err);

	if (rc < 0)
		return -1;
	out_text(out, "standing", standing_name(rc == 1 ? row.standing : STANDING_GOOD));
	out_day(out, "standing_until", rc == 1 ? row.until : DAY_NONE);
	buf_char(out, '}');
	return 0;
}

static int write_provider(struct db *db, int64_t id, day_t today, struct buf *out, struct err *err)
{
	struct org org;

	if (org_get(db, id, &org, err) != 0)
		return -1;
	buf_char(out, '{');
	out_text(out, "provider", org.code);
	out_text(out, "name", org.name);
	out_name(out, "accredited_for");
	buf_char(out, '[');
	for (int action = ACTION_TRAINING; action < ACTION__MAX; action++) {
		int rc = provider_accredited(db, id, (enum action_type)action, today, err);

		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		if (out->data[out->len - 1] != '[')
			buf_char(out, ',');
		buf_json(out, action_type_name((enum action_type)action));
	}
	buf_char(out, ']');
	return write_standing(db, id, out, err);
}

int providers_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	day_t today = ledger_today(r->ledger);
	int64_t after, ids[PAGE_MAX + 1];
	char cursor[CURSOR_TEXT];
	size_t limit, n;

	if (request_limit(r, &limit, err) != 0 || request_after(r, "providers", &after, err) != 0 ||
	    list(db, today, after, limit + 1, ids, &n, err) != 0)
		return -1;
	buf_text_add(&reply->body, "{\"data\":[");
	for (size_t i = 0; i < n && i < limit; i++) {
		if (i > 0)
			buf_char(&reply->body, ',');
		if (write_provider(db, ids[i], today, &reply->body, err) != 0)
			return -1;
	}
	out_page(&reply->body, n > limit ? request_cursor("providers", ids[limit - 1], cursor) : NULL);
	return 0;
}
