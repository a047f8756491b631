/*
 * One transcript on two engines: the same random but seeded lines of tests/tables, in
 * groups of one to 128 that are queued together, on a ledger that is a file and on one of a
 * PostgreSQL server that began as the same rows.  Each line gets the same answer or the same
 * refusal, word for word, and leaves the same head, and the answer is what the model expects;
 * at the end of a walk both hold the same rows in every table, and give the same trial balance.
 *
 * Some lines are sent again, with their Idempotency-Key, and some keys with another request.
 *
 * TRANSCRIPT_LINES and TRANSCRIPT_SEED choose another transcript; `make soak` plays 50,000.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/limits.h"
#include "ledger/moving/move.h"
#include "tests/lib/kept.h"
#include "tests/lib/program.h"
#include "tests/lib/scenario.h"
#include "tests/lib/sql.h"
#include "tests/lib/where.h"
#include "tests/model/model_walk.h"

#define LINES       5000
#define SOAK_LINES  50000
#define WALK_MAX    400 /* lines of one ledger */
#define PRESETS_MAX 8
#define URL_SIZE    256

enum { ON_FILE, ON_SERVER, SIDES };

struct walk {
	struct model *m;
	struct scenario *side[SIDES];
	uint64_t seed;
	char text[WALK_MAX][MODEL_LINE]; /* the lines so far, those of the group too */
	day_t on[WALK_MAX];              /* their days */
	int kept[WALK_MAX];              /* their answers are: 0 of what is called a fault of the program */
	int count;
	struct scenario_line group[SCENARIO_TOGETHER];
	const char *should[SCENARIO_TOGETHER]; /* what the model expects; NULL: a line that was sent before */
	size_t size;
	struct scenario_said said[SIDES][SCENARIO_TOGETHER];
};

/* The ledgers that walks begin with. */
static char folder[96], begin_with[SIDES][PRESETS_MAX][URL_SIZE];

static int64_t lines, done, refused, again, groups, codes[ERR__MAX];

static void copy_file(const char *from, const char *to)
{
	char command[2 * URL_SIZE];

	snprintf(command, sizeof command, "cp '%s' '%s'", from, to);
	assert_int_equal(system(command), 0);
}

/* --- ledgers ---------------------------------------------------------------------- */

static void carry(const char *from, const char *to)
{
	struct carry_proof proof;
	struct err err = {0};
	struct move *m;

	if (move_open(&m, from, to, &err) != 0 || move_rows(m, NULL, NULL, &err) != 0 ||
	    move_prove(m, &proof, NULL, NULL, &err) != 1 || move_finish(m, &err) != 0)
		fail_msg("%s", err.text);
	move_close(m);
}

/* The scheme of a preset in a file, and moved from there to the server. */
static void prepare(size_t preset)
{
	char moved[URL_SIZE], *on_file = begin_with[ON_FILE][preset],
			      *on_server = begin_with[ON_SERVER][preset];
	struct scenario *s;
	struct fixture *f;

	where_lie(0);
	s = scenario_open();
	if (*walk_presets[preset].begins != '\0')
		assert_string_equal(scenario_try(s, walk_presets[preset].begins), "");
	f = scenario_fixture(s);
	walk_meet(f);
	ledger_close(f->l);
	f->l = NULL;
	snprintf(on_file, URL_SIZE, "%s/%zu.db", folder, preset);
	snprintf(moved, sizeof moved, "%s/moved.db", folder);
	copy_file(f->path, on_file);
	copy_file(f->path, moved);
	scenario_close(s);
	where_lie(1);
	where_ledger(folder, on_file, on_server, URL_SIZE);
	carry(moved, on_server);
}

static struct scenario *open_side(int side, size_t preset)
{
	char programme[M_CODE] = "cpf";
	struct fixture f = {0};

	where_lie(side == ON_SERVER);
	snprintf(f.dir, sizeof f.dir, "%.40s/ila-test-XXXXXX", kept_place());
	assert_non_null(mkdtemp(f.dir));
	where_name(f.dir, "ila.db", f.path, sizeof f.path);
	if (side == ON_SERVER)
		assert_true(where_copy(begin_with[side][preset], f.path));
	else
		copy_file(begin_with[side][preset], f.path);
	f.l = ledger_open(f.path, 1, &f.err);
	if (f.l == NULL)
		fail_msg("%s", f.err.text);
	sscanf(walk_presets[preset].begins, "%*s %*s %*s %31s", programme);
	return scenario_of(&f, programme);
}

static const char *url_of(const struct walk *w, int side)
{
	return scenario_fixture(w->side[side])->path;
}

/* --- the transcript ------------------------------------------------------------------ */

static void see(struct walk *w)
{
	struct fixture *f = scenario_fixture(w->side[ON_FILE]);
	struct db *db = ledger_reader(f->l, &f->err);

	assert_non_null(db);
	walk_see(w->m, db);
	ledger_reader_back(f->l, db);
}

static const char *code_of(const struct scenario_said *said)
{
	return said->code == ERR_NONE ? "" : err_name(said->code);
}

/* What was said on both sides, and what the model expects. */
static void same_said(const struct walk *w, const char *line, const char *should,
		      const struct scenario_said *a, const struct scenario_said *b)
{
	char head[SIDES][HEAD_TEXT];

	if (strcmp(a->text, b->text) != 0 || strcmp(a->answer, b->answer) != 0 || a->code != b->code ||
	    a->replayed != b->replayed)
		fail_msg("seed %llu, \"%s\": on the file \"%s\" %s %s, on the server \"%s\" %s %s",
			 (unsigned long long)w->seed, line, code_of(a), a->text, a->answer, code_of(b),
			 b->text, b->answer);
	if (strcmp(head_format(&a->head, head[0]), head_format(&b->head, head[1])) != 0)
		fail_msg("seed %llu, \"%s\": the head is %s on the file, %s on the server",
			 (unsigned long long)w->seed, line, head[0], head[1]);
	if (should != NULL && strcmp(should, code_of(a)) != 0)
		fail_msg("seed %llu, \"%s\": the ledgers say \"%s\", the model \"%s\"",
			 (unsigned long long)w->seed, line, code_of(a), should);
	again += a->replayed;
	done += !a->replayed && a->code == ERR_NONE;
	refused += a->code != ERR_NONE;
	codes[a->code]++;
	lines++;
}

static void play_group(struct walk *w)
{
	if (w->size == 0)
		return;
	for (int side = 0; side < SIDES; side++)
		scenario_together(w->side[side], w->group, w->size, w->said[side]);
	for (size_t i = 0; i < w->size; i++)
		same_said(w, w->group[i].text, w->should[i], &w->said[ON_FILE][i], &w->said[ON_SERVER][i]);
	w->size = 0;
	groups++;
	see(w);
}

/* A clock goes from deadline to deadline: it is no command. */
static void play_clock(struct walk *w, const char *line)
{
	struct scenario_said said[SIDES] = {0};
	const char *should;

	play_group(w);
	should = model_try(w->m, line);
	for (int side = 0; side < SIDES; side++) {
		struct fixture *f = scenario_fixture(w->side[side]);

		if (*scenario_try(w->side[side], line) != '\0') {
			said[side].code = f->err.code;
			snprintf(said[side].text, sizeof said[side].text, "%s", f->err.text);
		}
		assert_int_equal(ledger_check_head(f->l, &said[side].head, &f->err), 0);
	}
	same_said(w, line, should, &said[ON_FILE], &said[ON_SERVER]);
	see(w);
}

static void add(struct walk *w, int number, int other_body, const char *should)
{
	w->group[w->size] = (struct scenario_line){.text = w->text[number],
						   .number = (uint64_t)number,
						   .key = (uint64_t)number,
						   .other_body = other_body};
	w->should[w->size++] = should;
}

/* The next line, or one that was sent before, now and then with another request under its key; as long as
 * answers are kept. */
static void take_line(struct walk *w, uint64_t *dice)
{
	uint64_t r = model_random(dice);
	char *line = w->text[w->count];
	const char *should = NULL;

	if (r % 100 < 5 && w->count > 0) {
		int number = (int)(r / 100 % (uint64_t)w->count);

		if (w->kept[number] && model_today(w->m) - w->on[number] < IDEMPOTENCY_DAYS - 1)
			add(w, number, r % 100 == 0, r % 100 == 0 ? "idempotency_key_reused" : NULL);
		return;
	}
	w->on[w->count] = model_today(w->m);
	model_draw(dice, w->m, line);
	if (strncmp(line, "clock ", 6) == 0)
		play_clock(w, line);
	else
		add(w, w->count, 0, should = model_try(w->m, line));
	w->kept[w->count++] = should != NULL && strcmp(should, "bug") != 0;
}

static size_t some_size(uint64_t *dice)
{
	static const size_t sizes[] = {1, 1, 2, 5, 16, 64, 64, SCENARIO_TOGETHER};

	return sizes[model_random(dice) % (sizeof sizes / sizeof sizes[0])];
}

static void same_trial_balance(const struct walk *w)
{
	char command[320], out[SIDES][112];
	struct program_run run;

	for (int side = 0; side < SIDES; side++) {
		snprintf(out[side], sizeof out[side], "%s/%d", folder, side);
		ILA(&run, "--db", url_of(w, side), "report", "trial-balance", "--out", out[side]);
		if (run.status != 0)
			fail_msg("%s%s", run.out, run.errors);
	}
	snprintf(command, sizeof command, "cmp %s/trial-balance.csv %s/trial-balance.csv", out[0], out[1]);
	assert_int_equal(system(command), 0);
}

static void end(struct walk *w)
{
	sql_same(url_of(w, ON_FILE), url_of(w, ON_SERVER));
	same_trial_balance(w);
	for (int side = 0; side < SIDES; side++) {
		scenario_audit(w->side[side]);
		scenario_close(w->side[side]);
	}
	free(w->m);
	free(w);
}

/* One pair of ledgers: up to max lines. */
static void walk(uint64_t seed, int64_t max)
{
	size_t preset = seed % walk_presets_count, size;
	struct walk *w = calloc(1, sizeof *w);
	int64_t first = lines;
	uint64_t dice = seed;

	assert_non_null(w);
	w->m = malloc(sizeof *w->m);
	assert_non_null(w->m);
	w->seed = seed;
	if (begin_with[ON_FILE][preset][0] == '\0')
		prepare(preset);
	for (int side = 0; side < SIDES; side++)
		w->side[side] = open_side(side, preset);
	model_open(w->m, m_day(walk_presets[preset].first), walk_presets[preset].sample);
	size = some_size(&dice);
	while (lines - first + (int64_t)w->size < max && w->count < WALK_MAX && !model_over(w->m)) {
		if (w->size == size) {
			play_group(w);
			size = some_size(&dice);
		}
		take_line(w, &dice);
	}
	play_group(w);
	end(w);
}

static int64_t number(const char *name, int64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL && *text != '\0' ? strtoll(text, NULL, 10) : otherwise;
}

static void both_engines_say_and_hold_the_same(void **state)
{
	int64_t all = number("TRANSCRIPT_LINES", getenv("ILA_SOAK") != NULL ? SOAK_LINES : LINES);
	int kinds = 0;

	(void)state;
	WHERE_SERVER("there is one engine only");
	assert_true(walk_presets_count <= PRESETS_MAX);
	program_folder(folder, sizeof folder);
	for (uint64_t seed = (uint64_t)number("TRANSCRIPT_SEED", 1); lines < all; seed++)
		walk(seed, all - lines);
	program_remove(folder);
	for (int code = ERR_NONE + 1; code < ERR__MAX; code++)
		kinds += codes[code] > 0;
	print_message("# %lld lines in %lld groups: %lld done, %lld refused in %d ways, %lld sent again\n",
		      (long long)lines, (long long)groups, (long long)done, (long long)refused, kinds,
		      (long long)again);
	/* It is not blind. */
	if (all >= LINES) {
		assert_true(done > all / 4);
		assert_true(refused > all / 10);
		assert_true(kinds > 20);
		assert_true(again > all / 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(both_engines_say_and_hold_the_same)};

	return cmocka_run_group_tests_name("model/transcript", tests, NULL, NULL);
}
