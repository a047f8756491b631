#include "tests/model/model_walk.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

const struct preset walk_presets[] = {
	{"", "2026-01-05", FIXTURE_SAMPLE},
	{"begins 2026-01-05 opleidingscheques.json opleidingscheques VLAANDEREN", "2026-01-05",
	 "opleidingscheques.json"},
	{"begins 2024-06-03 cpf-2024.json cpf FC", "2024-06-03", "cpf-2024.json"},
	{"begins 2026-01-05 attendance.json cpf FC", "2026-01-05", "attendance.json"},
	{"begins 2026-01-05 open_ended.json cpf FC", "2026-01-05", "open_ended.json"},
	{"begins 2026-01-05 region-cash.json region-bzh REGION-BZH", "2026-01-05", "region-cash.json"},
	{"begins 2026-01-05 bildungsgutschein.json bildungsgutschein BA", "2026-01-05",
	 "bildungsgutschein.json"},
	{"begins 2026-01-05 lots-1.json lots FC", "2026-01-05", "lots-1.json"},
};

const size_t walk_presets_count = sizeof walk_presets / sizeof walk_presets[0];

void walk_meet(struct fixture *f)
{
	static const enum role roles[] = {ROLE_OPERATOR, ROLE_CONTROLLER, ROLE_AUTHORISER, ROLE_ACCOUNTANT};
	static const char *const persons[] = {"operator", "controller", "authoriser", "accountant", "second"};

	for (size_t r = 0; r < sizeof roles / sizeof roles[0]; r++)
		for (size_t i = 0; i < sizeof persons / sizeof persons[0]; i++)
			(void)fixture_as(f, "FC", roles[r], persons[i]);
	(void)fixture_as(f, "OPCO-M", ROLE_FUNDER, "fund");
}

static void must_end(int rc, const struct err *err)
{
	if (rc != 0)
		fail_msg("%s", err->text);
}

static void see_draw(struct model *m, struct stmt *q)
{
	for (int i = 0; i < m->rules; i++) {
		size_t n = 0;
		const void *seed = col_blob(q, 1, &n);

		if (m->rule[i].lottery && m->rule[i].from == col_int(q, 0)) {
			assert_int_equal(n, sizeof m->rule[i].seed);
			memcpy(m->rule[i].seed, seed, n);
		}
	}
}

void walk_see(struct model *m, struct db *db)
{
	struct err err = {0};
	struct stmt *q = db_query(db, "SELECT r.valid_from, d.seed FROM draw d JOIN rule r ON r.id = d.rule",
				  NO_VALS, &err);
	int rc, found = 0;

	while ((rc = db_step(q, &err)) == 1)
		see_draw(m, q);
	must_end(rc, &err);
	q = db_query(db, "SELECT uuid FROM ticket ORDER BY id", NO_VALS, &err);
	while ((rc = db_step(q, &err)) == 1 && found < M_TICKETS) {
		struct m_ticket *t = &m->ticket[++found];
		size_t n = 0;
		const void *id = col_blob(q, 0, &n);

		assert_int_equal(n, sizeof t->id);
		memcpy(t->id, id, n);
	}
	must_end(rc == 1 ? 0 : rc, &err);
}
