#include "api/frame/magic.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define MAGIC_MISSING 10000 /* minor units, of a refusal that says how much is missing */

/* "account_frozen" for "ACCOUNT-FROZEN". */
static int is_code(const char *text, const char *code)
{
	for (; *text != '\0' && *code != '\0'; text++, code++)
		if ((*text == '-' ? '_' : tolower((unsigned char)*text)) != *code)
			return 0;
	return *text == *code;
}

static enum err_code code_of(const char *text)
{
	if (strncasecmp(text, MAGIC_PREFIX, strlen(MAGIC_PREFIX)) != 0)
		return ERR_NONE;
	for (int code = ERR_NONE + 1; code < ERR__MAX; code++)
		if (is_code(text + strlen(MAGIC_PREFIX), err_name((enum err_code)code)))
			return (enum err_code)code;
	return ERR_NONE;
}

/* What a rule says no to; the rest is of form, or of the server. */
static int is_by_rule(enum err_code code)
{
	int status = err_http(code);

	return (status == 404 || status == 409 || status == 422) && code != ERR_IDEMPOTENCY_KEY_REUSED;
}

static int refuse(const struct member *m, const char *text, int by_rule, struct err *err)
{
	enum err_code code = code_of(text);

	if (code == ERR_NONE || is_by_rule(code) != by_rule)
		return 0;
	err_set(err, code, m->name, "%s. This sandbox was asked to say so, by %s.", err_title(code), text);
	if (code == ERR_INSUFFICIENT_ENTITLEMENT || code == ERR_INSUFFICIENT_FUNDS ||
	    code == ERR_ACCOUNT_SHORT)
		err->missing = MAGIC_MISSING;
	return -1;
}

static int look(const struct member *m, const void *base, int by_rule, struct err *err)
{
	int rc = 0;

	for (; m != NULL && m->name != NULL && rc == 0; m++) {
		const char *at = (const char *)base + m->offset;

		if (m->type == M_CODE || m->type == M_TEXT || m->type == M_WORD)
			rc = refuse(m, at, by_rule, err);
		else if (m->type == M_OBJECT && member_is_there(m, base))
			rc = look(m->of, at, by_rule, err);
	}
	return rc;
}

static int ask(const struct action_call *c, int by_rule, struct err *err)
{
	if (c->settings == NULL || !c->settings->sandbox || c->args == NULL)
		return 0;
	return look(c->action->takes, c->args, by_rule, err);
}

int magic_check(const struct action_call *c, struct err *err)
{
	return ask(c, 0, err);
}

int magic_run(const struct action_call *c, struct err *err)
{
	return ask(c, 1, err);
}
