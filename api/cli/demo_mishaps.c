/*
 * What goes wrong on purpose.  Each refusal is shown in the program's own words
 * and must carry the very code that programs rely on.
 */
#include <stdio.h>
#include <string.h>

#include "api/cli/demo.h"

#define TWICE_KEY "demo-ordered-twice"

/* A request whose answer was lost on the way is sent again; then the key is misused. */
static void lost_answer(struct demo *d)
{
	static const char body[] =
		"{\"reference\":\"ACME-L001\",\"learner\":\"L-001\",\"fund\":\"acme-2026\",\"amount\":10000}";
	static const char other[] =
		"{\"reference\":\"ACME-L001\",\"learner\":\"L-001\",\"fund\":\"acme-2026\",\"amount\":99900}";
	char first[512];

	demo_retry(d, EMPLOYER, "/v1/topups", TWICE_KEY, 201, body);
	snprintf(first, sizeof first, "%s", buf_text(&d->reply.body));
	demo_retry(d, EMPLOYER, "/v1/topups", TWICE_KEY, 201, body);
	if (!d->failed &&
	    (!d->reply.replayed || strncmp(first, buf_text(&d->reply.body), sizeof first - 1) != 0))
		demo_fail(d, "a retry was answered otherwise: %s", buf_text(&d->reply.body));
	demo_say(d,
		 "- a top-up is sent twice with one Idempotency-Key: the same answer again, and booked once");
	demo_retry(d, EMPLOYER, "/v1/topups", TWICE_KEY, 422, other);
	demo_refused(d, "the same Idempotency-Key with another amount", "idempotency_key_reused");
}

void demo_mishaps_order(struct demo *d)
{
	demo_say(d, "What is refused here:");
	demo_post(d, PORTAL, "/v1/vouchers", 409,
		  "{\"learner\":\"L-001\",\"course\":\"EXPRESS-ENGLISH\",\"session_start\":\"2026-02-02\","
		  "\"learner_payment\":{\"amount\":10320,\"reference\":\"CARD-X\"}}");
	demo_refused(d, "a course of a provider that is on the list, but not accredited", "not_eligible");
	demo_post(d, PORTAL, "/v1/vouchers", 409,
		  "{\"learner\":\"L-001\",\"course\":\"LOIRE-ENGLISH\",\"session_start\":\"2026-02-02\"}");
	demo_refused(d, "an order without the co-payment", "copay_required");
	demo_post(
		d, REGION, "/v1/topups", 409,
		"{\"reference\":\"BZH-TOO-MUCH\",\"learner\":\"B-001\",\"fund\":\"region-bzh-2026\",\"amount\":500000}");
	demo_refused(d, "a region grants 5,000.00 from a fund that holds 1,000.00", "insufficient_funds");
	lost_answer(d);
}

static void redeem(struct demo *d, enum demo_actor provider, const char *code, const char *course)
{
	demo_post(d, provider, "/v1/redemptions", 404,
		  "{\"code\":\"%s\",\"course\":\"%s\",\"started_on\":\"2026-02-02\"}", code, course);
}

/* Unknown, spent and foreign codes must be answered alike, to the byte. */
void demo_mishaps_redeem(struct demo *d)
{
	char words[512];

	demo_say(d, "What is refused here, in one wording, so that a provider learns nothing about codes:");
	redeem(d, PROVIDER_LOIRE, d->voucher[V_SHARED].code, "LOIRE-WEB");
	snprintf(words, sizeof words, "%s", demo_text(d, "detail"));
	demo_refused(d, "a foreign code: made out to the other provider", "voucher_refused");
	redeem(d, PROVIDER_ARMOR, d->voucher[V_CLASSIC].code, "ARMOR-WEB");
	if (!d->failed && strcmp(words, demo_text(d, "detail")) != 0)
		demo_fail(d, "a spent code is answered otherwise than a foreign one");
	demo_refused(d, "a second redemption of L-001's code", "voucher_refused");
	redeem(d, PROVIDER_ARMOR, d->voucher[V_CANCEL].code, "ARMOR-WEB");
	if (!d->failed && strcmp(words, demo_text(d, "detail")) != 0)
		demo_fail(d, "a cancelled code is answered otherwise than a foreign one");
	demo_refused(d, "the code of the cancelled voucher", "voucher_refused");
}

static void try(struct demo *d, enum demo_actor actor, enum demo_voucher_name v, const char *transition,
		const char *body)
{
	char path[128];

	snprintf(path, sizeof path, "/v1/vouchers/%s/%s", d->voucher[v].id, transition);
	demo_post(d, actor, path, 409, "%s", body);
}

void demo_mishaps_pay(struct demo *d)
{
	demo_say(d, "What is refused here:");
	try(d, SAME_PERSON, V_CLASSIC, "order", "{}");
	demo_refused(d, "the controller who validated L-001's voucher orders its payment with another key",
		     "separation_of_duties");
	try(d, ACCOUNTANT, V_ABANDON, "pay", "{\"amount\":32000,\"bank_reference\":\"BANK-X\"}");
	demo_refused(d, "a payment before the learners' co-payments have arrived: that fund is empty",
		     "insufficient_funds");
}

void demo_mishaps_command(struct demo *d)
{
	char path[DEMO_PATH_MAX];

	demo_chapter(d, "8. The command line refuses as clearly");
	DEMO_ILA(d, 4, "accrue", "cpf", "2025");
	demo_say(d, "$ ila accrue cpf 2025                     while the server holds the ledger: exit 4");
	demo_quote(d, buf_text(&d->errors));
	demo_serve_stop(d);
	DEMO_ILA(d, 1, "import", "organisations", demo_path(d, "in/bad.csv", path));
	demo_say(d, "$ ila import organisations in/bad.csv     a file with bad rows: exit 1");
	demo_quote(d, buf_text(&d->errors));
	DEMO_ILA(d, 1, "init", "--sandbox");
	demo_say(d, "$ ila init --sandbox                      over this ledger: exit 1");
	demo_quote(d, buf_text(&d->errors));
	DEMO_ILA(d, 1, "pay", "order", "--key", d->key[ACCOUNTANT]);
	demo_say(d, "$ ila pay order                           with the accountant's key: exit 1");
	demo_quote(d, buf_text(&d->errors));
	d->refusals += 4;
}
