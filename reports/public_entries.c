/*
 * public-entries: entries into and exits from training by month, certification and
 * provider, under the names of the open data of the Caisse des depots.  A dossier
 * enters in the month its training began, and exits in the month it ended once
 * completion has been declared: fully (100 percent) or partially.
 *
 * SQL counts by day, C folds the days of a month: the rows of one certification
 * and provider lie together, in the order of their months.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/base/limits.h"
#include "reports/run.h"

#define ALL_OF_IT 100 /* percent */

struct month {
	day_t first; /* DAY_NONE: none at hand */
	char certification[CODE_MAX + 1];
	char title[TITLE_MAX + 1];
	char siret[CODE_MAX + 1];
	char name[NAME_MAX_ + 1];
	int64_t entries, partial, full;
};

static void write_codes(struct csv_out *out, const char *certification)
{
	int is_rs = strncmp(certification, "RS", 2) == 0;
	const char *digits = certification + strcspn(certification, "0123456789");

	csv_out_text(out, *certification == '\0' ? "" : is_rs ? "RS" : "RNCP");
	csv_out_code(out, is_rs ? digits : "-1");
	csv_out_code(out, is_rs || *certification == '\0' ? "-1" : digits);
	csv_out_code(out, "-1"); /* Certif Info numbers are in none of the registers */
}

static int write_month(struct report_run *run, const struct month *m, struct err *err)
{
	struct csv_out *out = run->out;
	struct civil c;
	char text[32];

	if (m->entries == 0 && m->partial == 0 && m->full == 0)
		return 0;
	c = day_to_civil(m->first);
	snprintf(text, sizeof text, "%04d-%02d", c.year, c.month);
	csv_out_text(out, text);
	csv_out_int(out, c.year);
	csv_out_int(out, c.month);
	write_codes(out, m->certification);
	csv_out_text(out, m->title);
	csv_out_text(out, m->siret);
	csv_out_text(out, m->name);
	csv_out_int(out, m->entries);
	csv_out_int(out, m->partial);
	csv_out_int(out, m->full);
	csv_out_day(out, run->as_of_day);
	return csv_out_end_row(out, err);
}

static int same_key(const struct month *m, struct stmt *q)
{
	return m->first == day_month_first(col_day(q, 1)) && strcmp(m->certification, col_text(q, 0)) == 0 &&
	       strcmp(m->siret, col_text(q, 5)) == 0;
}

static int take_day(struct report_run *run, struct month *m, struct stmt *q, struct err *err)
{
	if (!same_key(m, q)) {
		if (write_month(run, m, err) != 0)
			return -1;
		*m = (struct month){.first = day_month_first(col_day(q, 1))};
		col_copy(q, 0, m->certification, sizeof m->certification);
		col_copy(q, 5, m->siret, sizeof m->siret);
		col_copy(q, 6, m->name, sizeof m->name);
		col_copy(q, 7, m->title, sizeof m->title);
	}
	m->entries += col_int(q, 2);
	m->partial += col_int(q, 3);
	m->full += col_int(q, 4);
	return 0;
}

static struct stmt *query(struct report_run *run, struct err *err)
{
	/* A reversal counts as minus the step that it takes back, the reversal of one as plus. */
	return db_query(
		run->db,
		"SELECT g.certification, g.day, g.entries, g.partial, g.complete, coalesce(p.siret, p.code), "
		"       p.name, coalesce(c.title, '') "
		"FROM (SELECT s.certification AS certification, s.provider AS provider, s.day AS day, "
		"             sum(CASE WHEN s.kind = 'enter' THEN s.sign ELSE 0 END) AS entries, "
		"             sum(CASE WHEN s.kind <> 'enter' AND s.completion < $4 THEN s.sign ELSE 0 END) AS partial, "
		"             sum(CASE WHEN s.kind <> 'enter' AND s.completion = $4 THEN s.sign ELSE 0 END) AS complete "
		"      FROM (SELECT a.kind AS kind, "
		"                   CASE WHEN e.reverses IS NULL OR b.reverses IS NOT NULL THEN 1 ELSE -1 END AS sign, "
		"                   v.certification AS certification, v.provider AS provider, "
		"                   v.completion AS completion, "
		"                   CASE WHEN a.kind = 'enter' THEN v.started_on ELSE v.exited_on END AS day "
		"            FROM entry e LEFT JOIN entry b ON b.seq = e.reverses "
		"            JOIN entry a ON a.seq = coalesce(b.reverses, e.reverses, e.seq) "
		"            JOIN voucher v ON v.id = a.voucher "
		"            WHERE e.seq <= $1 AND e.kind IN ('enter', 'declare', 'reverse') "
		"            AND a.kind IN ('enter', 'declare')) s "
		"      WHERE s.day >= $2 AND s.day <= $3 "
		"      GROUP BY s.certification, s.provider, s.day) g "
		"JOIN organisation p ON p.id = g.provider "
		"LEFT JOIN certification c ON c.code = g.certification "
		"ORDER BY g.certification, p.code, g.day",
		VALS(v_int(run->as_of), v_int(run->from), v_int(run->to), v_int(ALL_OF_IT)), err);
}

static int run_entries(struct report_run *run, struct err *err)
{
	struct month m = {.first = DAY_NONE};
	struct stmt *q = query(run, err);
	int rc;

	while ((rc = db_step(q, err)) == 1)
		if (take_day(run, &m, q, err) != 0)
			break;
	db_done(q);
	return rc == 0 ? write_month(run, &m, err) : -1;
}

static const struct column columns[] = {
	{"annee_mois", COLUMN_TEXT},
	{"annee", COLUMN_NUMBER},
	{"mois", COLUMN_NUMBER},
	{"type_referentiel", COLUMN_TEXT},
	{"code_rs", COLUMN_CODE},
	{"code_rncp", COLUMN_CODE},
	{"code_certifinfo", COLUMN_CODE},
	{"intitule_certification", COLUMN_TEXT},
	{"siret_of_contractant", COLUMN_TEXT},
	{"raison_sociale_of_contractant", COLUMN_TEXT},
	{"entrees_formation", COLUMN_COUNT},
	{"sorties_realisation_partielle", COLUMN_COUNT},
	{"sorties_realisation_totale", COLUMN_COUNT},
	{"date_chargement", COLUMN_DAY},
};

const struct report report_public_entries = {
	.name = "public-entries",
	.title = "Entries into and exits from training by month, certification and provider",
	.source = "open data of the Caisse des depots, entries and exits by month",
	.columns = columns,
	.count = sizeof columns / sizeof columns[0],
	.period = PERIOD_MONTHS,
	.by_fund = 0,
	.run = run_entries,
};
