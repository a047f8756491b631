/*
 * The model test: random but seeded lines of tests/tables, through the ledger and
 * through the model.  After each line both must have done or refused the same, every
 * account, voucher and share must agree, and the invariants of ledger/field.md must
 * hold.
 *
 * A walk that differs is cut down to the fewest lines that still differ and written
 * to build/model-SEED.txt, which is a file for tests/tables.  MODEL_SEED and MODEL_STEPS choose
 * another walk; `make soak` takes a million steps.  On a server, where each commit and
 * each look at all tables takes six times as long, 12,000 steps do every verb too.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/voucher/voucher.h"
#include "tests/lib/fault_vfs.h"
#include "tests/lib/fixture.h"
#include "tests/lib/scenario.h"
#include "tests/lib/where.h"
#include "tests/model/model.h"
#include "tests/model/model_fault.h"
#include "tests/model/model_walk.h"

#define FAULT_STEPS 4000
#define STEPS       (where_server() ? 8000 : 20000)
#define SOAK_STEPS  1000000
#define WALK_MAX    400 /* lines of one ledger */
#define WHY         512

/* Where the server is broken. */
#define SERVER_STEPS      600
#define SOAK_SERVER_STEPS 20000

static int breaks; /* the walks of this test break what their ledgers lie on */

struct walk {
	struct model *m;
	struct scenario *s;
	int fund[M_FUNDS]; /* the model's number by the ledger's */
	char why[WHY];
	const char *expected;   /* of the line under way; NULL: nothing a script could say */
	int told_unchanged;     /* by a line that failed */
	int ended;              /* 1: something was done that its client does not know the name of */
	char fault[MODEL_LINE]; /* what breaks during the next line, "" nothing */
};

struct lines {
	const struct preset *preset;
	char text[WALK_MAX][MODEL_LINE];
	const char *code[WALK_MAX]; /* what the model expects; NULL: nothing, the line is not for a script */
	int count;
};

/* How often each verb was done, and refused, so that a walk cannot be blind unnoticed. */
static struct {
	int64_t done, refused;
} seen[128];

static void note(const char *line, int done)
{
	char name[M_CODE];
	const struct verb *v;

	snprintf(name, sizeof name, "%.*s", (int)strcspn(line, " "), line);
	v = verb_find(name);
	*(done ? &seen[v - verbs].done : &seen[v - verbs].refused) += 1;
}

static int __attribute__((format(printf, 2, 3))) differ(struct walk *w, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(w->why, sizeof w->why, format, args);
	va_end(args);
	return 1;
}

/* --- what the ledger says --------------------------------------------------------- */

static struct stmt *ask(struct db *db, const char *sql)
{
	struct err err = {0};
	struct stmt *q = db_query(db, sql, NO_VALS, &err);

	assert_non_null(q);
	return q;
}

static int next(struct stmt *q)
{
	struct err err = {0};
	int rc = db_step(q, &err);

	if (rc < 0)
		fail_msg("%s", err.text);
	return rc;
}

/* Rules may bring funds at any time. */
static void read_funds(struct walk *w, struct db *db)
{
	struct stmt *q = ask(db, "SELECT id, code FROM fund");

	while (next(q) == 1)
		if (col_int(q, 0) < M_FUNDS)
			w->fund[col_int(q, 0)] = model_fund(w->m, col_text(q, 1));
	db_done(q);
}

static int open_kind(int kind)
{
	return kind == 240 || kind == 250 || kind == 260 || kind == 261 || kind == 265 ? 1
	       : kind == 150                                                           ? 1
										       : 0;
}

/* Every account; and per fund: what is committed and not paid is what lies on the open stages. */
static int compare_accounts(struct walk *w, struct db *db)
{
	struct stmt *q =
		ask(db, "SELECT fund, kind, holder, credits - debits FROM account WHERE credits <> debits");
	int64_t unpaid[M_FUNDS] = {0}, open[M_FUNDS] = {0}, memo[M_FUNDS] = {0}, money[M_FUNDS] = {0};
	int found = 0, held = 0, wrong = 0;

	while (next(q) == 1 && !wrong) {
		int fund = w->fund[col_int(q, 0)], kind = (int)col_int(q, 1);
		int64_t holder = col_int(q, 2), is = col_int(q, 3),
			should = model_balance(w->m, fund, kind, holder);

		found++;
		if (is != should)
			wrong = differ(w,
				       "account %d of %s, holder %lld: the ledger says %lld, the model %lld",
				       kind, w->m->fund[fund].code, (long long)holder, (long long)is,
				       (long long)should);
		*(kind >= 800 ? &memo[fund] : &money[fund]) += is;
		unpaid[fund] += kind == 812 ? is : kind == 822 ? -is : 0;
		open[fund] += open_kind(kind) ? is : 0;
	}
	db_done(q);
	for (int i = 0; i < w->m->accounts; i++)
		held += w->m->account[i].balance != 0;
	if (!wrong && held != found)
		wrong = differ(w, "the ledger has %d accounts that are not zero, the model %d", found, held);
	for (int i = 1; i <= w->m->payments; i++)
		if (w->m->payment[i].fund >= 0 && w->m->payment[i].state == 0)
			open[w->m->payment[i].fund] -= w->m->payment[i].amount;
	for (int f = 0; f < w->m->funds && !wrong; f++) {
		if (money[f] != 0 || memo[f] != 0)
			wrong = differ(w, "the accounts of %s do not balance", w->m->fund[f].code);
		else if (w->m->fund[f].budgeted && unpaid[f] != open[f])
			wrong = differ(w, "%s: 812 - 822 is %lld, the open stages hold %lld",
				       w->m->fund[f].code, (long long)unpaid[f], (long long)open[f]);
	}
	return wrong;
}

static int compare_vouchers(struct walk *w, struct db *db)
{
	struct stmt *q = ask(db, "SELECT id, state, billing, closed_on IS NULL FROM voucher");
	int wrong = 0, found = 0;

	while (next(q) == 1 && !wrong) {
		const struct m_voucher *v = &w->m->voucher[col_int(q, 0)];
		const char *state = voucher_state_name((enum voucher_state)col_int(q, 1));
		const char *billing = billing_state_name((enum billing_state)col_int(q, 2));

		found++;
		if (strcmp(state, model_state_name(v->state)) != 0 ||
		    strcmp(billing, model_billing_name(v->billing)) != 0 ||
		    (col_int(q, 3) == 1) != (v->closed == DAY_NONE))
			wrong = differ(w, "%s is %s, %s; the model says %s, %s", v->name, state, billing,
				       model_state_name(v->state), model_billing_name(v->billing));
	}
	db_done(q);
	if (!wrong && found != w->m->vouchers)
		wrong = differ(w, "the ledger has %d vouchers, the model %d", found, w->m->vouchers);
	return wrong;
}

/*
 * Shares sum to the price; a closed voucher has nothing on its way (invariants 3 and 4 of ledger/field.md).
 */
static int check_sums(struct walk *w)
{
	for (int i = 1; i <= w->m->vouchers; i++) {
		const struct m_voucher *v = &w->m->voucher[i];
		int64_t sum = 0, on_its_way = 0;

		for (int k = 0; k < v->shares; k++) {
			const struct m_share *s = &v->share[k];

			sum += s->amount;
			on_its_way += s->reserved + s->committed + s->training + s->payable + s->frozen +
				      s->ordered + s->advance;
		}
		if (v->shares > 0 && sum != v->price)
			return differ(w, "the shares of %s do not sum to its price", v->name);
		if (v->closed != DAY_NONE && v->billing != M_IN_RECOVERY && on_its_way != 0)
			return differ(w, "%s is closed and has money on its way", v->name);
	}
	return 0;
}

static int compare_shares(struct walk *w, struct db *db)
{
	struct stmt *q = ask(
		db,
		"SELECT id, fund, lot, amount, card, advance, reserved, committed, in_training, payable, frozen, "
		"ordered, paid FROM share");
	int wrong = 0;

	while (next(q) == 1 && !wrong) {
		const struct m_voucher *v = &w->m->voucher[col_int(q, 0) / SHARE_ID_STEP];
		const struct m_share *s = &v->share[col_int(q, 0) % SHARE_ID_STEP];
		const int64_t is[] = {s->lot,      s->amount,    s->card,     s->advance,
				      s->reserved, s->committed, s->training, s->payable,
				      s->frozen,   s->ordered,   s->paid};

		wrong = w->fund[col_int(q, 1)] != s->fund;
		for (int i = 0; i < 11; i++)
			wrong |= col_int(q, 2 + i) != is[i];
		if (wrong)
			(void)differ(w, "a share of %s differs", v->name);
	}
	db_done(q);
	return wrong;
}

/* Where organisations are paid, since when. */
static int compare_orgs(struct walk *w, struct db *db)
{
	struct stmt *q =
		ask(db, "SELECT code, coalesce(iban, ''), coalesce(iban_since, 0) FROM organisation");
	int wrong = 0;

	while (next(q) == 1 && !wrong) {
		const struct m_org *o = m_org_of(w->m, col_text(q, 0));

		if (o != NULL && (strcmp(o->iban, col_text(q, 1)) != 0 ||
				  (o->iban[0] != '\0' && o->since != col_int(q, 2))))
			wrong = differ(w, "%s is paid to %s since day %d; the model says %s since %d",
				       o->code, col_text(q, 1), (int)col_int(q, 2), o->iban, (int)o->since);
	}
	db_done(q);
	return wrong;
}

/* The standings that last. */
static int compare_standings(struct walk *w, struct db *db)
{
	struct stmt *q = ask(db, "SELECT o.code, s.standing, s.until FROM provider_standing s "
				 "JOIN organisation o ON o.id = s.provider WHERE s.ended_at IS NULL");
	int found = 0, lasting = 0, wrong = 0;

	while (next(q) == 1 && !wrong) {
		const struct m_standing *s = &w->m->standing[m_standing_of(w->m, col_text(q, 0))];

		found++;
		if (s->kind != col_int(q, 1) ||
		    (s->until == DAY_NONE ? !col_null(q, 2) : s->until != col_int(q, 2)))
			wrong = differ(w, "%s is %s; the model says %s", col_text(q, 0),
				       m_standing_name((int)col_int(q, 1)), m_standing_name(s->kind));
	}
	db_done(q);
	for (int i = 1; i <= w->m->standings; i++)
		lasting += !w->m->standing[i].ended;
	if (!wrong && found != lasting)
		wrong = differ(w, "%d standings last, in the model %d", found, lasting);
	return wrong;
}

/* Tickets, in the order in which they were taken. */
static int compare_tickets(struct walk *w, struct db *db)
{
	struct stmt *q = ask(db, "SELECT coalesce(rank, 0), coalesce(voucher, 0), "
				 "coalesce(refusal, ''), collected_at IS NULL FROM ticket ORDER BY id");
	int wrong = 0, found = 0;

	while (next(q) == 1 && !wrong) {
		struct m_ticket *t = &w->m->ticket[++found];

		if (found > w->m->tickets || t->rank != col_int(q, 0) || t->voucher != col_int(q, 1) ||
		    strcmp(t->refusal, col_text(q, 2)) != 0 || (col_int(q, 3) == 1) == t->collected)
			wrong = differ(w,
				       "ticket %d (%s) is number %d, voucher %d %s; in the model %d, %d %s",
				       found, t->name, (int)col_int(q, 0), (int)col_int(q, 1), col_text(q, 2),
				       t->rank, t->voucher, t->refusal);
	}
	db_done(q);
	if (!wrong && found != w->m->tickets)
		wrong = differ(w, "the ledger has %d tickets, the model %d", found, w->m->tickets);
	return wrong;
}

static int compare(struct walk *w)
{
	struct fixture *f = scenario_fixture(w->s);
	struct db *db = ledger_reader(f->l, &f->err);
	int wrong;

	assert_non_null(db);
	read_funds(w, db);
	walk_see(w->m, db);
	wrong = compare_accounts(w, db) || compare_vouchers(w, db) || compare_shares(w, db) ||
		compare_tickets(w, db) || compare_orgs(w, db) || compare_standings(w, db) || check_sums(w);
	ledger_reader_back(f->l, db);
	return wrong;
}

/* --- walks --------------------------------------------------------------------------- */

static void open_model(struct model *m, const struct preset *p)
{
	model_open(m, m_day(p->first), p->sample);
}

static void begin(struct walk *w, const struct preset *p)
{
	memset(w, 0, sizeof *w);
	w->m = malloc(sizeof *w->m);
	assert_non_null(w->m);
	w->s = scenario_open();
	if (*p->begins != '\0')
		assert_string_equal(scenario_try(w->s, p->begins), "");
	walk_meet(scenario_fixture(w->s));
	if (breaks)
		fault_lines_under(scenario_fixture(w->s));
	scenario_opened(w->s);
	open_model(w->m, p);
}

static void end(struct walk *w, int audit)
{
	if (audit)
		scenario_audit(w->s);
	scenario_close(w->s);
	free(w->m);
}

/* "fault ..." is for the line behind it. */
static int take_fault(struct walk *w, const char *line)
{
	if (strncmp(line, "fault ", 6) == 0) {
		snprintf(w->fault, sizeof w->fault, "%s", line);
		return 0;
	}
	fault_line_crash(scenario_fixture(w->s), line);
	scenario_opened(w->s);
	return compare(w);
}

/* A line failed: it was done whole or not at all, and not at all where that was said. */
static int settle_failed(struct walk *w, const struct model *after, const unsigned char before[32],
			 const char *line)
{
	struct fixture *f = scenario_fixture(w->s);
	unsigned char now[32];
	int64_t executed;

	fixture_digest(f, now);
	if (strncmp(line, "clock ", 6) == 0) {
		/* A clock goes from deadline to deadline: it goes on where it was. */
		(void)scenario_try(w->s, line);
		assert_int_equal(ledger_timers(f->l, &executed, &f->err), 0);
		*w->m = *after;
	} else if (memcmp(before, now, sizeof now) != 0) {
		if (w->told_unchanged)
			return differ(w, "it was said that nothing was changed");
		*w->m = *after;
		w->ended = strncmp(line, "accept ", 7) == 0 || strncmp(line, "request ", 8) == 0 ||
			   strncmp(line, "ticket ", 7) == 0 || strncmp(line, "collect-code ", 13) == 0 ||
			   strncmp(line, "refund ", 7) == 0 || strncmp(line, "pay-back ", 9) == 0;
	}
	return compare(w);
}

static int take_armed(struct walk *w, const char *line)
{
	struct fixture *f = scenario_fixture(w->s);
	struct model *after = malloc(sizeof *after);
	const char *should, *is;
	unsigned char before[32];
	int differs;

	assert_non_null(after);
	*after = *w->m;
	should = w->expected = model_try(after, line);
	scenario_meet(w->s, line);
	fixture_digest(f, before);
	fault_line_arm(w->fault);
	w->fault[0] = '\0';
	is = scenario_try(w->s, line);
	w->told_unchanged = f->err.effect == EFFECT_NOTHING;
	if (fault_line_met(f, is))
		scenario_opened(w->s);
	if (fault_line_failed(is)) {
		differs = settle_failed(w, after, before, line);
	} else if (strcmp(should, is) != 0) {
		differs = differ(w, "the ledger says \"%s\", the model \"%s\"", *is ? is : "done",
				 *should ? should : "done");
	} else {
		*w->m = *after;
		differs = compare(w);
	}
	free(after);
	return differs;
}

/* One line on both sides: 1 when they differ. */
static int take(struct walk *w, const char *line, int count)
{
	const char *should, *is;

	w->expected = NULL;
	if (strncmp(line, "fault ", 6) == 0 || strncmp(line, "crash ", 6) == 0)
		return take_fault(w, line);
	if (w->fault[0] != '\0')
		return take_armed(w, line);
	should = w->expected = model_try(w->m, line);
	is = scenario_try(w->s, line);
	if (count)
		note(line, *should == '\0');
	if (strcmp(should, is) != 0)
		return differ(w, "the ledger says \"%s\", the model \"%s\"", *is ? is : "done",
			      *should ? should : "done");
	return compare(w);
}

/* A line about a voucher that was never made means nothing: it is passed over. */
static int makes_sense(const struct model *m, const char *line)
{
	char word[3][M_CODE] = {"", "", ""};

	sscanf(line, "%31s %31s %31s", word[0], word[1], word[2]);
	if (strcmp(word[0], "settle") == 0) {
		for (int i = 1; i <= m->payments; i++)
			if (strcmp(m->payment[i].name, word[1]) == 0)
				return 1;
		return 0;
	}
	if (strcmp(word[1], "settlement") == 0)
		return m_voucher_named(m, strrchr(line, ' ') + 1) != 0;
	if (strcmp(word[0], "offset") == 0 && m_voucher_named(m, strrchr(line, ' ') + 1) == 0)
		return 0;
	if (strcmp(word[0], "pay-back") == 0)
		return m_voucher_named(m, word[2]) != 0;
	if (strcmp(word[0], "collect-code") == 0)
		return m_ticket_named(m, word[1]) != 0;
	return (word[1][0] != 'V' && word[1][0] != 'K') || strcmp(word[0], "accept") == 0 ||
	       strcmp(word[0], "request") == 0 || strcmp(word[0], "ticket") == 0 ||
	       m_voucher_named(m, word[1]) != 0;
}

/* Do these lines still differ?  Those behind the first that does are cut off. */
static int still_differs(struct lines *l, char *why)
{
	struct walk w;
	int differs = 0;

	begin(&w, l->preset);
	for (int i = 0; i < l->count && !differs; i++) {
		l->code[i] = NULL;
		if (!makes_sense(w.m, l->text[i]))
			continue;
		differs = take(&w, l->text[i], 0);
		l->code[i] = w.expected;
		if (differs)
			l->count = i + 1;
	}
	memcpy(why, w.why, sizeof w.why);
	end(&w, 0);
	return differs;
}

/* Leave out ever smaller pieces as long as what is left still differs. */
static void shrink(struct lines *l, char *why)
{
	struct lines *less = malloc(sizeof *less);

	assert_non_null(less);
	less->preset = l->preset;
	for (int piece = l->count / 2; piece >= 1; piece /= 2)
		for (int from = 0; from + piece < l->count;) {
			less->count = 0;
			for (int i = 0; i < l->count; i++)
				if (i < from || i >= from + piece)
					memcpy(less->text[less->count++], l->text[i], MODEL_LINE);
			if (still_differs(less, why))
				*l = *less;
			else
				from += piece;
		}
	free(less);
}

/* As a file of tests/tables, with what the model expects. */
static void write_script(const struct lines *l, uint64_t seed, const char *why, char *path, size_t size)
{
	const char *bin = getenv("ILA_BIN");
	FILE *out;

	snprintf(path, size, "%.*s/model-%llu.txt", bin ? (int)(strrchr(bin, '/') - bin) : 4,
		 bin ? bin : "/tmp", (unsigned long long)seed);
	out = fopen(path, "w");
	assert_non_null(out);
	fprintf(out, "# %s\n%s\n", why, l->preset->begins);
	for (int i = 0; i < l->count; i++) {
		const char *code = l->code[i];

		if (code != NULL)
			fprintf(out, "%s%s%s\n", l->text[i], *code ? " ! " : "", code);
		else if (strncmp(l->text[i], "fault ", 6) == 0 || strncmp(l->text[i], "crash ", 6) == 0)
			fprintf(out, "# %s\n", l->text[i]);
	}
	fclose(out);
}

static void fail_walk(struct lines *l, uint64_t seed)
{
	char why[WHY], path[512];

	if (!still_differs(l, why))
		fail_msg("seed %llu: the walk differed once and not again", (unsigned long long)seed);
	shrink(l, why);
	assert_true(still_differs(l, why));
	write_script(l, seed, why, path, sizeof path);
	fail_msg("seed %llu: after \"%s\": %s; %d lines are in %s", (unsigned long long)seed,
		 l->text[l->count - 1], why, l->count, path);
}

/* Now and then something breaks. */
static int draw_fault(uint64_t *state, char line[MODEL_LINE])
{
	uint64_t r = model_random(state);

	if (r % 100 >= 8)
		return 0;
	fault_line(r, line, MODEL_LINE);
	return 1;
}

/* One ledger: up to max lines; how many were taken. */
static int walk(uint64_t seed, int max, int faults)
{
	struct lines *l = malloc(sizeof *l);
	uint64_t state = seed;
	struct walk w;
	int differs = 0, taken;

	assert_non_null(l);
	l->count = 0;
	l->preset = &walk_presets[seed % walk_presets_count];
	begin(&w, l->preset);
	while (!differs && !w.ended && l->count < max && l->count < WALK_MAX && !model_over(w.m)) {
		if (!faults || w.fault[0] != '\0' || !draw_fault(&state, l->text[l->count]))
			model_draw(&state, w.m, l->text[l->count]);
		differs = take(&w, l->text[l->count++], 1);
	}
	end(&w, !differs);
	if (differs)
		fail_walk(l, seed);
	taken = l->count;
	free(l);
	return taken;
}

static int64_t number(const char *name, int64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL && *text != '\0' ? strtoll(text, NULL, 10) : otherwise;
}

static void take_walks(const char *steps_from, int64_t usual, int faults)
{
	int64_t steps = number(steps_from, usual), taken = 0;

	for (uint64_t seed = (uint64_t)number("MODEL_SEED", 1); taken < steps; seed++)
		taken += walk(seed, steps - taken < WALK_MAX ? (int)(steps - taken) : WALK_MAX, faults);
}

static void the_ledger_does_what_the_model_does(void **state)
{
	(void)state;
	take_walks("MODEL_STEPS", getenv("ILA_SOAK") ? SOAK_STEPS : STEPS, 0);
	for (size_t i = 0; i < verbs_count; i++) {
		if (verbs[i].model == NULL)
			continue;
		if (getenv("MODEL_SHOW"))
			print_message("%-18s %8lld done %8lld refused\n", verbs[i].name,
				      (long long)seen[i].done, (long long)seen[i].refused);
		/* On a server fewer steps are walked. */
		if (getenv("MODEL_STEPS") == NULL && !where_server() && seen[i].done == 0)
			fail_msg("no walk has done \"%s\": draw it more often", verbs[i].name);
	}
}

static void so_it_does_when_the_disk_fails_and_the_power_goes(void **state)
{
	(void)state;
	WHERE_FILES("the disk that fails is SQLite's; tests/crash/cut.c cuts the connection");
	fault_install();
	fault_plan(FAULT_NONE, 0, 0, 0);
	take_walks("MODEL_FAULT_STEPS", getenv("ILA_SOAK") ? SOAK_STEPS / 10 : FAULT_STEPS, 1);
	fault_remove();
}

static void a_verb_has_a_model_half_and_is_drawn_or_says_why_not(void **state)
{
	(void)state;
	assert_true(verbs_count <= sizeof seen / sizeof seen[0]);
	for (size_t i = 0; i < verbs_count; i++) {
		const struct verb *v = &verbs[i];

		if (((v->model == NULL || v->draw == NULL) && v->why == NULL) ||
		    (v->run == NULL) == (v->look == NULL) || (v->model == NULL && v->draw != NULL))
			fail_msg("%s: one function for the ledger, one for the model and one that draws it, "
				 "or the reason why not",
				 v->name);
	}
}

static void so_it_does_when_the_connection_is_cut_and_the_server_is_killed(void **state)
{
	(void)state;
	WHERE_SERVER("a file has no connection");
	breaks = 1;
	fault_lines_begin();
	take_walks("MODEL_FAULT_STEPS", getenv("ILA_SOAK") ? SOAK_SERVER_STEPS : SERVER_STEPS, 1);
	fault_lines_end();
	breaks = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_verb_has_a_model_half_and_is_drawn_or_says_why_not),
		cmocka_unit_test(the_ledger_does_what_the_model_does),
		cmocka_unit_test(so_it_does_when_the_disk_fails_and_the_power_goes),
		cmocka_unit_test(so_it_does_when_the_connection_is_cut_and_the_server_is_killed),
	};

	return cmocka_run_group_tests_name("model/model", tests, NULL, NULL);
}
