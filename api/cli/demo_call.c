#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/cli/demo.h"
#include "ledger/base/money.h"

#define RETRY_KEY_TEXT 64
#define STEP_PATH_TEXT 160
#define BODY_TEXT      2048
#define WRAP_AT        100

static void call(struct demo *d, enum demo_actor actor, const char *method, const char *path, const char *key,
		 const char *body, long status)
{
	struct client_request q = {
		.method = method, .path = path, .key = d->key[actor], .idempotency_key = key, .body = body};
	struct err err = {0};

	if (d->failed)
		return;
	json_free(d->answer);
	d->answer = NULL;
	d->calls++;
	if (client_call(d->client, &q, &d->reply, &err) != 0) {
		demo_fail(d, "%s", err.text);
		return;
	}
	d->answer = json_parse(buf_text(&d->reply.body), d->reply.body.len, &err);
	if (d->reply.status != status)
		demo_fail(d, "%s %s %s\ngave %ld instead of %ld: %s", method, path, body ? body : "",
			  d->reply.status, status, buf_text(&d->reply.body));
	else if (d->answer == NULL)
		demo_fail(d, "%s %s gave no JSON: %s", method, path, err.text);
}

void demo_retry(struct demo *d, enum demo_actor actor, const char *path, const char *key, long status,
		const char *body)
{
	call(d, actor, "POST", path, key, body, status);
}

static void post(struct demo *, enum demo_actor, const char *path, long status, const char *fmt, va_list)
	__attribute__((format(printf, 5, 0)));

static void post(struct demo *d, enum demo_actor actor, const char *path, long status, const char *fmt,
		 va_list ap)
{
	char key[RETRY_KEY_TEXT], body[BODY_TEXT];

	snprintf(key, sizeof key, "demo-%d", d->calls);
	vsnprintf(body, sizeof body, fmt, ap);
	call(d, actor, "POST", path, key, body, status);
}

void demo_post(struct demo *d, enum demo_actor actor, const char *path, long status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	post(d, actor, path, status, fmt, ap);
	va_end(ap);
}

void demo_step(struct demo *d, enum demo_actor actor, enum demo_voucher_name v, const char *transition,
	       const char *fmt, ...)
{
	char path[STEP_PATH_TEXT];
	va_list ap;

	snprintf(path, sizeof path, "/v1/vouchers/%s/%s", d->voucher[v].id, transition);
	va_start(ap, fmt);
	post(d, actor, path, 200, fmt, ap);
	va_end(ap);
}

const char *demo_text(struct demo *d, const char *name)
{
	struct err err = {0};
	const char *out = "";

	if (!d->failed && json_text(json_root(d->answer), "", name, BODY_TEXT, &out, &err) != 0)
		demo_fail(d, "the answer has no text \"%s\": %s", name, buf_text(&d->reply.body));
	return out;
}

int64_t demo_int(struct demo *d, const char *name)
{
	struct err err = {0};
	int64_t out = 0;

	if (!d->failed && json_int(json_root(d->answer), "", name, INT64_MIN, INT64_MAX, &out, &err) != 0)
		demo_fail(d, "the answer has no number \"%s\": %s", name, buf_text(&d->reply.body));
	return out;
}

void demo_expect_text(struct demo *d, const char *name, const char *value)
{
	const char *got = demo_text(d, name);

	if (!d->failed && strcmp(got, value) != 0)
		demo_fail(d, "\"%s\" is %s instead of %s: %s", name, got, value, buf_text(&d->reply.body));
}

void demo_expect_int(struct demo *d, const char *name, int64_t value)
{
	int64_t got = demo_int(d, name);

	if (!d->failed && got != value)
		demo_fail(d, "\"%s\" is %" PRId64 " instead of %" PRId64 ": %s", name, got, value,
			  buf_text(&d->reply.body));
}

/* The words of a problem, broken at blanks to a readable width. */
static void print_wrapped(const char *text)
{
	while (*text != '\0') {
		size_t n = strlen(text);

		if (n > WRAP_AT)
			for (n = WRAP_AT; n > 0 && text[n] != ' '; n--)
				;
		if (n == 0)
			n = strlen(text);
		printf("    | %.*s\n", (int)n, text);
		text += n + (text[n] == ' ');
	}
}

void demo_refused(struct demo *d, const char *what, const char *code)
{
	demo_expect_text(d, "code", code);
	demo_say(d, "- %s", what);
	if (d->failed)
		return;
	printf("    | %ld %s\n", d->reply.status, code);
	print_wrapped(demo_text(d, "detail"));
	d->refusals++;
}

void demo_clock(struct demo *d, const char *instant)
{
	demo_post(d, OPERATOR, "/v1/sandbox/clock", 200, "{\"advance_to\":\"%s\"}", instant);
	demo_say(d, "%.10s, %.5s UTC", instant, instant + 11);
}

char *demo_euro(int64_t cents, char out[DEMO_MONEY])
{
	static const struct ledger_settings settings = {.currency = DEMO_CURRENCY, .exponent = DEMO_EXPONENT};

	return say_money(&settings, cents, out);
}
