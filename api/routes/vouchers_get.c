/*
 * GET /v1/vouchers/{id}: state, plan, amounts by stage, history with deadlines.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api/routes/args.h"
#include "api/routes/voucher_json.h"

#define HISTORY_MAX 64

static void write_history(const struct entry *e, size_t n, struct buf *out)
{
	out_name(out, "history");
	buf_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		buf_text_add(out, i ? ",{" : "{");
		out_int(out, "seq", e[i].seq);
		out_text(out, "kind", e[i].kind);
		out_instant(out, "booked_at", e[i].booked_at);
		out_day(out, "value_date", e[i].value_date);
		out_optional(out, "reason", e[i].reason);
		buf_char(out, '}');
	}
	buf_char(out, ']');
}

static int find(const struct request *r, struct db *db, struct voucher *v, struct err *err)
{
	struct uuid uuid;
	int rc;

	if (request_uuid(r, "id", &uuid, err) != 0)
		return -1;
	rc = voucher_find(db, &uuid, v, err);
	if (rc == 1)
		rc = voucher_may_read(db, v, &r->actor, err);
	/* Unknown and not for this reader look alike. */
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "Nothing has that id.");
	return rc == 1 ? 0 : -1;
}

int vouchers_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	struct entry *history;
	struct voucher v;
	size_t n;
	int rc = -1;

	if (find(r, db, &v, err) != 0)
		return -1;
	history = calloc(HISTORY_MAX, sizeof *history);
	if (history == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	if (voucher_history(db, &v, HISTORY_MAX, history, &n, err) == 0 &&
	    voucher_json(db, &v, &r->actor, ledger_settings(r->ledger), 0, &reply->body, err) == 0) {
		write_history(history, n, &reply->body);
		buf_char(&reply->body, '}');
		snprintf(reply->etag, sizeof reply->etag, "\"%lld\"", (long long)v.head);
		rc = 0;
	}
	free(history);
	return rc;
}
