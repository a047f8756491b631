/*
 * POST and GET /v1/organisations/{id}/bank-details, POST .../withdraw: a known
 * bank account changed by two persons, after a delay (DOMAIN G4b).
 */
#include <stdio.h>
#include <string.h>

#include "api/routes/args.h"
#include "ledger/oversight/bank_change.h"

struct args {
	struct write_args common;
	char org[CODE_MAX + 1];
	char iban[35]; /* "" : longer than any */
};

int bank_details_withdraw_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	path_code(r, "id", args->org);
	return 0;
}

int bank_details_post_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args;
	const char *iban;

	if (bank_details_withdraw_parse(r, out, err) != 0 ||
	    json_text(r->body, "", "iban", 256, &iban, err) != 0)
		return -1;
	args = *out;
	if (strlen(iban) < sizeof args->iban)
		snprintf(args->iban, sizeof args->iban, "%s", iban);
	return 0;
}

static void write_change(const struct bank_change *c, struct buf *out)
{
	char masked[BANK_MASKED];

	buf_char(out, '{');
	out_int(out, "number", c->number);
	out_text(out, "state", bank_change_state_name(c->state));
	out_text(out, "iban", bank_change_mask(c->iban, masked));
	out_text(out, "former", bank_change_mask(c->former, masked));
	out_text(out, "proposed_by", c->proposed_by);
	out_text(out, "role", role_name((enum role)c->role));
	out_instant(out, "proposed_at", c->proposed_at);
	out_optional(out, "confirmed_by", c->confirmed_by);
	if (c->confirmed_at != 0)
		out_instant(out, "confirmed_at", c->confirmed_at);
	else
		out_optional(out, "confirmed_at", "");
	out_day(out, "effective_on", c->effective_on);
	if (c->ended_at != 0)
		out_instant(out, "ended_at", c->ended_at);
	else
		out_optional(out, "ended_at", "");
	out_optional(out, "ended_by", c->ended_by);
	buf_char(out, '}');
}

int bank_details_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	struct bank_change change;
	int agreed = bank_change_decide(tx, args->org, args->iban, &change, err);

	if (agreed < 0)
		return -1;
	c->http_status = agreed ? 201 : 202;
	write_change(&change, &c->answer);
	return 0;
}

int bank_details_withdraw_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	struct bank_change change;

	if (bank_change_withdraw(tx, args->org, &change, err) != 0)
		return -1;
	c->http_status = 200;
	write_change(&change, &c->answer);
	return 0;
}

int bank_details_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	struct buf *out = &reply->body;
	struct bank_change rows[PAGE_MAX];
	struct org org;
	char code[CODE_MAX + 1], filter[64], cursor[CURSOR_TEXT], masked[BANK_MASKED];
	int64_t before;
	size_t limit, n;
	int rc;

	path_code(r, "id", code);
	rc = org_find(db, code, &org, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no such organisation.");
	snprintf(filter, sizeof filter, "bank-details %lld", rc == 1 ? (long long)org.id : 0);
	if (rc < 0 || request_limit(r, &limit, err) != 0 || request_after(r, filter, &before, err) != 0 ||
	    bank_change_list(db, org.id, before ? before : INT64_MAX, limit, rows, &n, err) != 0)
		return -1;
	buf_char(out, '{');
	out_text(out, "organisation", code);
	out_optional(out, "iban", org.iban[0] ? bank_change_mask(org.iban, masked) : "");
	out_day(out, "since", org.iban_since);
	out_name(out, "data");
	buf_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_char(out, ',');
		write_change(&rows[i], out);
	}
	out_page(out,
		 n > 0 && rows[n - 1].number > 1 ? request_cursor(filter, rows[n - 1].number, cursor) : NULL);
	return 0;
}
