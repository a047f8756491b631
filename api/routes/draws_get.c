/*
 * GET /v1/draws/{programme}/{version} and its /tickets: what anybody needs to
 * check a draw (ledger/seasons/draw.h), without a word on who the learners are.
 */
#include <stdio.h>

#include "api/routes/args.h"
#include "ledger/seasons/ticket.h"

static int find(const struct request *r, struct db *db, const struct rule **rule, struct draw *d,
		struct err *err)
{
	int rc = rule_named(db, request_path(r, "programme"), request_path(r, "version"), rule, err);

	if (rc == 1)
		rc = draw_find(db, (*rule)->id, d, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL,
			       "No version of that name of that programme draws lots.");
	return rc == 1 ? 0 : -1;
}

static const char *state_of(const struct draw *d)
{
	if (d->closed_at == 0)
		return "open";
	return d->served < d->tickets ? "drawing" : "drawn";
}

int draws_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	char seed[SHA256_HEX] = "", list_hash[SHA256_HEX] = "", hex[SHA256_HEX];
	struct buf *out = &reply->body;
	const struct rule *rule;
	struct draw d;

	if (find(r, db, &rule, &d, err) != 0)
		return -1;
	/* The seed stays secret while a list can still grow. */
	if (d.closed_at != 0) {
		sha256_hex(d.seed, seed);
		sha256_hex(d.list_hash, list_hash);
	}
	buf_char(out, '{');
	out_text(out, "programme", rule->programme);
	out_text(out, "version", rule->version);
	out_text(out, "state", state_of(&d));
	out_day(out, "from", rule->intake_from);
	out_day(out, "to", rule->intake_to);
	out_day(out, "drawn_on", rule->intake_to + 1);
	out_text(out, "seed_hash", sha256_hex(d.seed_hash, hex));
	out_optional(out, "seed", seed);
	out_optional(out, "list_hash", list_hash);
	out_int(out, "tickets", d.tickets);
	out_int(out, "served", d.served);
	out_int(out, "accepted", d.accepted);
	out_bool(out, "livemode", !ledger_settings(r->ledger)->sandbox);
	buf_char(out, '}');
	return 0;
}

static void write_ticket(const struct ticket *t, struct buf *out)
{
	char uuid[UUID_TEXT];

	buf_char(out, '{');
	out_text(out, "ticket", uuid_format(&t->uuid, uuid));
	out_int(out, "number", t->number);
	out_text(out, "state", ticket_state_name(t->state));
	out_known(out, "rank", t->rank > 0 ? t->rank : -1);
	buf_char(out, '}');
}

int draws_tickets_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	char filter[32], cursor[CURSOR_TEXT];
	const struct rule *rule;
	struct ticket *page;
	struct draw d;
	int64_t after;
	size_t limit, n;

	if (find(r, db, &rule, &d, err) != 0 || request_limit(r, &limit, err) != 0)
		return -1;
	snprintf(filter, sizeof filter, "draw %lld", (long long)rule->id);
	if (request_after(r, filter, &after, err) != 0)
		return -1;
	if (d.closed_at == 0)
		return err_set(err, ERR_TOO_EARLY, NULL, "The list is published when the window has closed.");
	page = arena_alloc(r->arena, (limit + 1) * sizeof *page);
	if (page == NULL)
		return err_set(err, ERR_LIMIT, "limit", "Ask for fewer at a time.");
	if (ticket_list(db, rule->id, after, limit + 1, page, &n, err) != 0)
		return -1;
	buf_text_add(&reply->body, "{\"data\":[");
	for (size_t i = 0; i < n && i < limit; i++) {
		if (i > 0)
			buf_char(&reply->body, ',');
		write_ticket(&page[i], &reply->body);
	}
	out_page(&reply->body, n > limit ? request_cursor(filter, page[limit - 1].number, cursor) : NULL);
	return 0;
}
