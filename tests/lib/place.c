#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/kept.h"
#include "tests/lib/place.h"
#include "tests/lib/where.h"

#define ARGS_MAX 32
#define LEDGER   "test.db"

static struct place *new_place(void)
{
	struct place *p = calloc(1, sizeof *p);

	assert_non_null(p);
	program_folder(p->folder, sizeof p->folder);
	where_name(p->folder, LEDGER, p->db, sizeof p->db);
	return p;
}

int place_folder(void **state)
{
	struct place *p = new_place();

	where_ledger(p->folder, LEDGER, p->db, sizeof p->db);
	*state = p;
	return 0;
}

/* Made once, then copied. */
int place_ledger(void **state)
{
	struct place *p = new_place();

	*state = p;
	if (kept_write("place", p->db))
		return 0;
	where_ledger(p->folder, LEDGER, p->db, sizeof p->db);
	ILA_HERE(p, "init", "--sandbox", "--now", "2026-01-05T08:00:00Z");
	expect_done(p);
	kept_take("place", p->db);
	return 0;
}

int place_remove(void **state)
{
	struct place *p = *state;

	program_remove(p->folder);
	free(p);
	return 0;
}

char *place_path(const struct place *p, const char *name, char out[PLACE_PATH])
{
	snprintf(out, PLACE_PATH, "%s/%s", p->folder, name);
	return out;
}

char *place_file(const struct place *p, const char *name, const char *text, char out[PLACE_PATH])
{
	program_write(place_path(p, name, out), text);
	return out;
}

int place_ila(struct place *p, const char *const *args)
{
	const char *words[ARGS_MAX] = {"--db", p->db};

	for (size_t i = 0; args[i] != NULL; i++) {
		assert_true(i + 3 < ARGS_MAX);
		words[i + 2] = args[i];
	}
	program_run(&p->run, words);
	return p->run.status;
}

void place_key(struct place *p, const char *org, const char *role, char secret[PLACE_SECRET])
{
	ILA_HERE(p, "key", "create", "--org", org, "--role", role);
	expect_done(p);
	snprintf(secret, PLACE_SECRET, "%.*s", (int)strcspn(p->run.out, "\n"), p->run.out);
}

void expect_text(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in: %s", part, text);
}

static void expect_status(const struct place *p, int status)
{
	if (p->run.status != status)
		fail_msg("exit %d instead of %d: %s%s", p->run.status, status, p->run.out, p->run.errors);
}

void expect_done(const struct place *p)
{
	expect_status(p, 0);
}

void expect_refusal(const struct place *p, int status, const char *code)
{
	expect_status(p, status);
	expect_text(p->run.errors, code);
}

void expect_usage(const struct place *p, const char *part)
{
	expect_status(p, 2);
	expect_text(p->run.errors, part);
	expect_text(p->run.errors, "ila");
	assert_string_equal(p->run.out, "");
}
