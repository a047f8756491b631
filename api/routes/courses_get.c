/*
 * GET /v1/courses: the register of eligible offers, public.
 */
#include "api/routes/args.h"
#include "ledger/registers/course.h"

static int write_course(struct db *db, const struct course *c, const char *currency, struct buf *out,
			struct err *err)
{
	struct org provider;

	if (org_get(db, c->provider, &provider, err) != 0)
		return -1;
	buf_char(out, '{');
	out_text(out, "course", c->code);
	out_text(out, "title", c->title);
	out_text(out, "provider", provider.code);
	out_text(out, "provider_name", provider.name);
	out_text(out, "certification", c->certification);
	out_text(out, "action_type", action_type_name(c->action_type));
	out_int(out, "price", c->price);
	out_text(out, "currency", currency);
	out_int(out, "hours", c->hours);
	out_int(out, "days", c->days);
	out_optional(out, "region", c->region);
	out_day(out, "open_from", c->open_from);
	out_day(out, "open_to", c->open_to);
	buf_char(out, '}');
	return 0;
}

int courses_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	struct course *page = NULL;
	char cursor[CURSOR_TEXT];
	int64_t after, last;
	size_t limit, n;

	if (request_limit(r, &limit, err) != 0 || request_after(r, "courses", &after, err) != 0)
		return -1;
	page = arena_alloc(r->arena, (limit + 1) * sizeof *page);
	if (page == NULL)
		return err_set(err, ERR_LIMIT, "limit", "Ask for fewer at a time.");
	if (course_list(db, ledger_today(r->ledger), after, limit + 1, page, &n, &last, err) != 0)
		return -1;
	buf_text_add(&reply->body, "{\"data\":[");
	for (size_t i = 0; i < n && i < limit; i++) {
		if (i > 0)
			buf_char(&reply->body, ',');
		if (write_course(db, &page[i], ledger_settings(r->ledger)->currency, &reply->body, err) != 0)
			return -1;
	}
	out_page(&reply->body, n > limit ? request_cursor("courses", page[limit - 1].id, cursor) : NULL);
	return 0;
}
