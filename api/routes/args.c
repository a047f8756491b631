#include "api/routes/args.h"

#include <stdio.h>
#include <string.h>

#include "ledger/registers/fund.h"

void *args_alloc(const struct request *r, size_t size, struct err *err)
{
	struct write_args *args = arena_alloc(r->arena, size);

	if (args == NULL) {
		err_set(err, ERR_LIMIT, NULL, "The request is too large.");
		return NULL;
	}
	args->settings = ledger_settings(r->ledger);
	args->master = ledger_master(r->ledger);
	return args;
}

static void copy(const struct json_node *body, const char *name, char *out, size_t size)
{
	struct err ignored = {0};
	const char *text;

	out[0] = '\0';
	if (json_has(body, name) && json_text(body, "", name, size - 1, &text, &ignored) == 0)
		snprintf(out, size, "%s", text);
}

void body_code(const struct json_node *body, const char *name, char *out)
{
	copy(body, name, out, CODE_MAX + 1);
}

void body_word(const struct json_node *body, const char *name, char *out)
{
	copy(body, name, out, REASON_MAX + 1);
}

void path_code(const struct request *r, const char *name, char out[CODE_MAX + 1])
{
	const char *text = request_path(r, name);

	snprintf(out, CODE_MAX + 1, "%s", strlen(text) <= CODE_MAX ? text : "");
}

int64_t body_int(const struct json_node *body, const char *name, int64_t absent)
{
	struct err ignored = {0};
	int64_t value = absent;

	if (json_has(body, name))
		(void)json_int(body, "", name, INT64_MIN, INT64_MAX, &value, &ignored);
	return value;
}

day_t body_day(const struct json_node *body, const char *name)
{
	struct err ignored = {0};
	day_t day = DAY_NONE;

	if (json_has(body, name))
		(void)json_day(body, "", name, &day, &ignored);
	return day;
}

int body_learner_payment(const struct json_node *body, const struct ledger_settings *settings,
			 int64_t *amount, char *reference, struct err *err)
{
	static const char *const names[] = {"amount", "reference", "currency", NULL};
	const struct json_node *payment;

	*amount = 0;
	reference[0] = '\0';
	if (!json_has(body, "learner_payment"))
		return 0;
	if (json_get_object(body, "", "learner_payment", &payment, err) != 0 ||
	    json_only(payment, "learner_payment", names, err) != 0 ||
	    json_int(payment, "learner_payment", "amount", 1, AMOUNT_MAX, amount, err) != 0 ||
	    body_currency(payment, settings, err) != 0)
		return -1;
	if (!json_has(payment, "reference"))
		return err_set(err, ERR_FIELD_MISSING, "learner_payment.reference",
			       "Name the card or bank movement by which the learner paid.");
	body_code(payment, "reference", reference);
	return 0;
}

int body_need(const struct json_node *body, const char *name, struct err *err)
{
	if (json_has(body, name))
		return 0;
	return err_set(err, ERR_FIELD_MISSING, name, "This step needs %s. Nothing was changed.", name);
}

int body_currency(const struct json_node *body, const struct ledger_settings *settings, struct err *err)
{
	char currency[CODE_MAX + 1];

	body_code(body, "currency", currency);
	if (currency[0] == '\0' || strcmp(currency, settings->currency) == 0)
		return 0;
	return err_set(err, ERR_FIELD_INVALID, "currency", "This ledger is kept in %s. Nothing was changed.",
		       settings->currency);
}

int check_own_fund(struct tx *tx, const char *code, struct err *err)
{
	struct fund f;
	int rc = tx->actor.role == ROLE_FUNDER ? fund_find(tx->db, code, &f, err) : 0;

	if (rc == 1 && f.funder != tx->actor.org)
		return err_set(err, ERR_FORBIDDEN, "fund",
			       "Fund %s belongs to another funder. Nothing was changed.", code);
	return rc < 0 ? -1 : 0;
}

void out_name(struct buf *out, const char *name)
{
	char last = out->len > 0 ? out->data[out->len - 1] : '{';

	if (last != '{' && last != '[')
		buf_char(out, ',');
	buf_json(out, name);
	buf_char(out, ':');
}

void out_text(struct buf *out, const char *name, const char *value)
{
	out_name(out, name);
	buf_json(out, value);
}

static void out_null(struct buf *out, const char *name)
{
	out_name(out, name);
	buf_text_add(out, "null");
}

void out_optional(struct buf *out, const char *name, const char *value)
{
	if (value[0] == '\0')
		out_null(out, name);
	else
		out_text(out, name, value);
}

void out_int(struct buf *out, const char *name, int64_t value)
{
	out_name(out, name);
	buf_int(out, value);
}

void out_known(struct buf *out, const char *name, int64_t value)
{
	if (value < 0)
		out_null(out, name);
	else
		out_int(out, name, value);
}

void out_day(struct buf *out, const char *name, day_t day)
{
	char text[DATE_TEXT];

	out_optional(out, name, day_format(day, text));
}

void out_instant(struct buf *out, const char *name, int64_t instant)
{
	char text[INSTANT_TEXT];

	out_text(out, name, instant_format(instant, text));
}

void out_bool(struct buf *out, const char *name, int value)
{
	out_name(out, name);
	buf_text_add(out, value ? "true" : "false");
}

void out_page(struct buf *out, const char *next)
{
	buf_char(out, ']');
	out_bool(out, "has_more", next != NULL);
	out_optional(out, "next", next ? next : "");
	buf_char(out, '}');
}
