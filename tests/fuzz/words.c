/*
 * What is read of short texts: amounts, dates, instants, ids, codes, cursors, percent-encoding, headers,
 * quotas.  What is taken and printed is read again as the same.
 */
#include <stdlib.h>
#include <string.h>

#include "api/frame/page.h"
#include "api/http/request.h"
#include "api/net/header.h"
#include "api/net/rate.h"
#include "ledger/base/check.h"
#include "ledger/base/crypto.h"
#include "ledger/base/money.h"
#include "ledger/base/zone.h"
#include "ledger/treasury/bank_statement.h"
#include "ledger/treasury/sepa.h"
#include "tests/fuzz/fuzz.h"

#define TEXT_MAX 4096

const char *const fuzz_inputs[] = {"tests/fuzz/corpus/words/*", NULL};

static void read_amounts(const char *text)
{
	for (int exponent = 0; exponent <= 4; exponent++) {
		char out[MONEY_TEXT];
		int64_t cents, again;

		if (money_parse(text, exponent, &cents) != 0)
			continue;
		FUZZ_MUST(cents >= -AMOUNT_MAX && cents <= AMOUNT_MAX, "%s is too much", text);
		money_format(cents, exponent, out);
		FUZZ_MUST(money_parse(out, exponent, &again) == 0 && again == cents, "%s became %s", text,
			  out);
	}
}

static void read_times(const char *text)
{
	char out[INSTANT_TEXT];
	int64_t instant, again;
	day_t day, same;

	if (day_parse(text, &day) == 0)
		FUZZ_MUST(strcmp(day_format(day, out), text) == 0, "%s became %s", text, out);
	if (day_parse_french(text, &day) == 0)
		FUZZ_MUST(day_parse(day_format(day, out), &same) == 0 && same == day, "%s became %s", text,
			  out);
	if (instant_parse(text, &instant) != 0)
		return;
	instant_format(instant, out);
	/* An offset may lead past the last day that is taken. */
	if (instant_parse(out, &again) == 0)
		FUZZ_MUST(again == instant, "%s became %s", text, out);
}

static void read_ids(const char *text)
{
	unsigned char secret[VOUCHER_SECRET_BYTES], second[VOUCHER_SECRET_BYTES];
	char out[UUID_TEXT], code[VOUCHER_CODE_TEXT], hex[SHA256_HEX];
	unsigned char hash[SHA256_BYTES];
	struct uuid uuid, same;
	int64_t number, again;

	if (uuid_parse(text, &uuid) == 0)
		FUZZ_MUST(uuid_parse(uuid_format(&uuid, out), &same) == 0 &&
				  memcmp(&uuid, &same, sizeof uuid) == 0,
			  "%s became %s", text, out);
	if (voucher_code_parse(text, &number, secret) == 0) {
		FUZZ_MUST(number >= 0 && number <= VOUCHER_NUMBER_MAX, "%s has the number %lld", text,
			  (long long)number);
		voucher_code_format(number, secret, code);
		FUZZ_MUST(voucher_code_parse(code, &again, second) == 0 && again == number &&
				  memcmp(secret, second, sizeof secret) == 0,
			  "%s became %s", text, code);
	}
	if (sha256_unhex(text, hash) == 0)
		FUZZ_MUST(strcmp(sha256_hex(hash, hex), text) == 0, "%s became %s", text, hex);
	FUZZ_MUST(!check_pseudonym(text) || check_code(text), "%s is a pseudonym and no code", text);
	FUZZ_MUST(!check_siren(text) || strlen(text) == 9, "%s is a SIREN", text);
	FUZZ_MUST(!check_siret(text) || strlen(text) == 14, "%s is a SIRET", text);
	(void)check_nda(text);
	(void)check_certification(text);
	(void)check_iban(text);
	(void)check_reason(text);
	(void)check_personal(text);
	(void)zone_find(text, &(struct err){0});
}

static void show(const char *text)
{
	static const char sepa[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ";
	char shown[TEXT_MAX * 4 + 1], plain[71], label[CODE_MAX + 1];

	FUZZ_MUST(check_show(text, shown, sizeof shown)[0] == '\0' || check_text(shown, sizeof shown),
		  "it is shown as it should not be");
	FUZZ_MUST(strlen(text) > TEXT_MAX || !check_text(text, TEXT_MAX) || strcmp(shown, text) == 0,
		  "good text is shown otherwise");
	if (check_utf8(text, strlen(text))) {
		FUZZ_MUST(check_length(text) <= strlen(text), "more characters than bytes");
		sepa_text(text, plain, sizeof plain);
		FUZZ_MUST(strspn(plain, sepa) == strlen(plain), "SEPA does not take %s", plain);
		FUZZ_MUST(strstr(plain, "//") == NULL && strstr(plain, "  ") == NULL, "twice: %s", plain);
	}
	bank_label(text, label);
}

static void read_requests(const char *text)
{
	char *plain = malloc(strlen(text) + 1), key[IDEMPOTENCY_KEY_MAX + 1], name[REQUEST_ID_MAX + 1];
	char instance[INSTANCE_TEXT], cursor[CURSOR_TEXT];
	struct rate_limit limit;
	int64_t at, within;
	struct err err = {0};

	FUZZ_MUST(plain != NULL, "out of memory");
	if (request_decode(text, plain) == 0)
		FUZZ_MUST(strlen(plain) <= strlen(text), "decoded to more");
	if (request_idempotency(text, key, &err) == 0)
		FUZZ_MUST(key[0] != '\0' && check_text(key, sizeof key), "the key %s", key);
	else
		fuzz_refused(&err);
	if (request_name(text, name) == 0)
		FUZZ_MUST(strstr(request_instance(name, instance), name) != NULL, "the name %s", name);
	if (cursor_read_at(text, "filter", &at, &within, &err) == 0)
		FUZZ_MUST(strcmp(cursor_write_at("filter", at, within, cursor), text) == 0, "%s became %s",
			  text, cursor);
	if (rate_limit_parse(text, &limit) == 0)
		FUZZ_MUST(limit.quota >= 0 && limit.quota <= HTTP_QUOTA_MAX && limit.seconds >= 0 &&
				  limit.seconds <= HTTP_QUOTA_S_MAX,
			  "the quota %s", text);
	(void)header_takes_gzip(text);
	(void)header_has_etag(text, "\"1-0123456789abcdef\"");
	(void)header_is_origin(text);
	free(plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size > TEXT_MAX)
		return 0;
	text = fuzz_text(data, size);
	read_amounts(text);
	read_times(text);
	read_ids(text);
	show(text);
	read_requests(text);
	(void)check_utf16((const char *)data, size);
	free(text);
	return 0;
}
