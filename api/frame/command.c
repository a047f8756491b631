#include "api/frame/command.h"

#include <string.h>

#include "ledger/base/check.h"
#include "ledger/voucher/voucher.h"

static int tells_livemode(const struct member *gives)
{
	for (; gives->name != NULL; gives++)
		if (gives->type == M_LIVEMODE || (gives->type == M_INLINE && tells_livemode(gives->of)))
			return 1;
	return 0;
}

static void say_livemode(struct buf *out, int live)
{
	json_more(out, "livemode", live ? "true" : "false");
}

void call_answer(const struct action_call *c, int live, struct buf *out)
{
	members_to_json(c->action->gives, c->answer, c->settings, out);
	if (!tells_livemode(c->action->gives))
		say_livemode(out, live);
}

int call_command_run(struct tx *tx, struct command *command, struct err *err)
{
	struct action_call *c = command->args;
	struct buf errors;

	c->command = command;
	command->errors = NULL;
	if (call_run(tx, c, err) != 0) {
		buf_init(&errors, HTTP_BODY_MAX / 2);
		call_refused(c, &errors);
		command->errors = errors.len > 0 ? call_keep(c, buf_text(&errors)) : NULL;
		buf_free(&errors);
		return -1;
	}
	if (command->more)
		return 0;
	command->http_status = c->status;
	call_answer(c, !c->settings->sandbox, &command->answer);
	return 0;
}

void call_command_ahead(struct db *db, const struct command *command, int round)
{
	const struct action_call *c = command->args;

	if (c->action->ahead != NULL)
		c->action->ahead(db, c, round);
}

/* The blank in the answer becomes the code, which no table holds. */
static void fill_code(const struct command *c, struct ledger *l, char *answer)
{
	char code[VOUCHER_CODE_TEXT];
	char *blank = strstr(answer, VOUCHER_CODE_BLANK);

	if (blank == NULL)
		return;
	voucher_code(ledger_master(l), c->secret_for, c->idempotency_key, code);
	memcpy(blank, code, strlen(code));
}

int call_failed(const struct command *c)
{
	return c->status != 0 && (err_http(c->err.code) >= 500 || c->answer.len == 0);
}

int call_outcome(const struct command *c, struct ledger *l, struct buf *out)
{
	size_t begin = out->len;

	/* The desk has worded, and kept, a refusal by rule.  A failure is answered as one: the answer may
	 * still hold what its run wrote before everything was rolled back. */
	if (call_failed(c))
		return -1;
	buf_add(out, c->answer.data, c->answer.len);
	/* Of a ledger it never changes: a replay has the same bytes. */
	if (c->http_status >= 400)
		say_livemode(out, !ledger_settings(l)->sandbox);
	if (c->secret_for != 0 && buf_ok(out))
		fill_code(c, l, out->data + begin);
	return 0;
}

int key_take(const char *text, char out[IDEMPOTENCY_KEY_MAX + 1], struct err *err)
{
	size_t n = strlen(text);

	if (n >= 2 && text[0] == '"' && text[n - 1] == '"') {
		text++;
		n -= 2;
	}
	if (n > IDEMPOTENCY_KEY_MAX || !check_label(text, n))
		return err_set(err, ERR_IDEMPOTENCY_KEY_INVALID, "Idempotency-Key",
			       "An Idempotency-Key has 1 to %d characters of A-Z a-z 0-9 _ : . -",
			       IDEMPOTENCY_KEY_MAX);
	memcpy(out, text, n);
	out[n] = '\0';
	return 0;
}
