/*
 * api/net/tls: what is taken for a certificate and its key, and what becomes of the pair that was in use.
 * Handshakes are in tests/http/tls.c.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/net/tls.h"
#include "ledger/base/date.h"
#include "ledger/base/env.h"
#include "tests/lib/certificate.h"
#include "tests/lib/program.h"

static char folder[256];
static struct certificate good, other;
static int64_t now;

static int set_up(void **state)
{
	struct env env;

	(void)state;
	env_system(&env);
	now = env.now(&env);
	program_folder(folder, sizeof folder);
	certificate_make(&good, folder, "good", NULL);
	certificate_make(&other, folder, "other", &(struct certificate_asked){.is_rsa = 1});
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	program_remove(folder);
	return 0;
}

static struct tls_files files_of(const char *certificate, const char *key)
{
	return (struct tls_files){certificate, key};
}

static void expect_refused(const char *certificate, const char *key, const char *said)
{
	const struct tls_files files = files_of(certificate, key);
	struct tls *tls = NULL;
	struct err err = {0};

	if (tls_open(&files, now, &tls, &err) == 0)
		fail_msg("%s and %s are taken", certificate, key);
	assert_null(tls);
	assert_int_equal(err.code, ERR_TLS_UNUSABLE);
	if (strstr(err.text, said) == NULL)
		fail_msg("%s does not say: %s", err.text, said);
}

static void a_pair_is_read_and_its_end_known(void **state)
{
	const struct tls_files files = files_of(good.file, good.key), rsa = files_of(other.file, other.key);
	struct tls *tls = NULL;
	struct err err = {0};
	int64_t ends;

	(void)state;
	assert_int_equal(tls_open(&files, now, &tls, &err), 0);
	assert_in_range(tls_ends(tls), now + 89 * US_PER_DAY, now + 90 * US_PER_DAY + US_PER_S * 60);
	assert_int_equal(tls_days_left(tls_ends(tls), now + 80 * US_PER_DAY), 9);
	assert_int_equal(tls_days_left(tls_ends(tls), now + 100 * US_PER_DAY), 0);
	tls_close(tls);
	assert_int_equal(tls_judge(&rsa, now, &ends, &err), 0);
	assert_true(ends > now);
}

static void what_is_no_pair_is_refused_with_what_to_do(void **state)
{
	char path[CERTIFICATE_PATH];
	struct certificate early, late;

	(void)state;
	certificate_make(&early, folder, "early",
			 &(struct certificate_asked){.begins = 3600, .ends = 2 * CERTIFICATE_DAY});
	certificate_make(&late, folder, "late",
			 &(struct certificate_asked){.begins = -2 * CERTIFICATE_DAY, .ends = -3600});
	expect_refused(good.file, other.key, "does not belong to the first certificate");
	expect_refused(early.file, early.key, "counts from ");
	expect_refused(late.file, late.key, " ended at ");
	expect_refused("nowhere.pem", good.key, "nowhere.pem cannot be read");
	expect_refused(good.file, "nowhere.key", "nowhere.key cannot be read");
	expect_refused(good.file, good.file, "are no certificate and key");
	snprintf(path, sizeof path, "%s/empty.pem", folder);
	program_write(path, "");
	expect_refused(path, good.key, "is empty");
	program_write(path, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
	expect_refused(path, good.key, "are no certificate and key");
}

/* The chain ends when the first of it ends. */
static void an_end_is_that_of_the_chain(void **state)
{
	char chain[CERTIFICATE_PATH], text[16384] = "";
	const char *parts[2];
	struct certificate shorter, leaf;
	struct tls_files files;
	struct err err = {0};
	int64_t ends;
	size_t n = 0;

	(void)state;
	certificate_make(&shorter, folder, "short",
			 &(struct certificate_asked){.begins = -60, .ends = 5 * CERTIFICATE_DAY});
	certificate_make(
		&leaf, folder, "leaf",
		&(struct certificate_asked){.begins = -60, .ends = 90 * CERTIFICATE_DAY, .by = &shorter});
	parts[0] = leaf.file;
	parts[1] = shorter.file;
	for (int i = 0; i < 2; i++) {
		FILE *f = fopen(parts[i], "r");

		assert_non_null(f);
		n += fread(text + n, 1, sizeof text - 1 - n, f);
		fclose(f);
	}
	snprintf(chain, sizeof chain, "%s/chain.pem", folder);
	program_write(chain, text);
	files = files_of(chain, leaf.key);
	assert_int_equal(tls_judge(&files, now, &ends, &err), 0);
	assert_in_range(tls_days_left(ends, now), 4, 5);
	assert_int_equal(tls_judge(&files, now + 6 * US_PER_DAY, &ends, &err), -1);
}

static void a_bad_pair_leaves_the_one_in_use(void **state)
{
	char certificate[CERTIFICATE_PATH], key[CERTIFICATE_PATH];
	struct certificate next;
	struct tls_files files;
	struct tls *tls = NULL;
	struct err err = {0};
	int64_t ends;

	(void)state;
	snprintf(certificate, sizeof certificate, "%s/used.pem", folder);
	snprintf(key, sizeof key, "%s/used.key", folder);
	certificate_copy(good.file, certificate);
	certificate_copy(good.key, key);
	files = files_of(certificate, key);
	assert_int_equal(tls_open(&files, now, &tls, &err), 0);
	ends = tls_ends(tls);
	certificate_make(&next, folder, "next",
			 &(struct certificate_asked){.begins = -60, .ends = 200 * CERTIFICATE_DAY});
	certificate_copy(next.file, certificate); /* its key is not there yet */
	assert_int_equal(tls_reload(tls, now, &err), -1);
	assert_int_equal(err.code, ERR_TLS_UNUSABLE);
	assert_int_equal(tls_ends(tls), ends);
	certificate_copy(next.key, key);
	assert_int_equal(tls_reload(tls, now, &err), 0);
	assert_true(tls_days_left(tls_ends(tls), now) >= 199);
	tls_close(tls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pair_is_read_and_its_end_known),
		cmocka_unit_test(what_is_no_pair_is_refused_with_what_to_do),
		cmocka_unit_test(an_end_is_that_of_the_chain),
		cmocka_unit_test(a_bad_pair_leaves_the_one_in_use),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
