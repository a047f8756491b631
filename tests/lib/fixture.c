#include "tests/lib/fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/seasons/enact.h"
#include "ledger/base/crypto.h"
#include "ledger/base/embed.h"
#include "ledger/book/account.h"
#include "ledger/registers/course.h"
#include "ledger/registers/fund.h"
#include "ledger/registers/learner.h"
#include "tests/lib/kept.h"
#include "tests/lib/persons.h"
#include "tests/lib/program.h"
#include "tests/lib/sql.h"
#include "tests/lib/where.h"

#define LEDGER "ila.db"
#define LEAD_S 60

static int put_org(struct tx *tx, const char *code, const char *siret, unsigned roles, const char *iban,
		   struct err *err)
{
	struct org o = {.roles = roles};
	enum upsert done;

	snprintf(o.code, sizeof o.code, "%s", code);
	snprintf(o.name, sizeof o.name, "Organisation %s", code);
	snprintf(o.siret, sizeof o.siret, "%s", siret);
	snprintf(o.siren, sizeof o.siren, "%.9s", siret);
	snprintf(o.iban, sizeof o.iban, "%s", iban);
	return org_upsert(tx, &o, &done, err);
}

static int put_orgs(struct tx *tx, struct err *err)
{
	unsigned fc = ROLE_BIT(ROLE_OPERATOR) | ROLE_BIT(ROLE_FUNDER) | ROLE_BIT(ROLE_CONTROLLER) |
		      ROLE_BIT(ROLE_AUTHORISER) | ROLE_BIT(ROLE_ACCOUNTANT) | ROLE_BIT(ROLE_AUDITOR);

	if (put_org(tx, "FC", "", fc, "", err) != 0 ||
	    put_org(tx, "ACME", "", ROLE_BIT(ROLE_FUNDER), "", err) != 0 ||
	    put_org(tx, "OPCO-M", "", ROLE_BIT(ROLE_FUNDER), "FR7630006000011234567890189", err) != 0 ||
	    put_org(tx, "PORTAL", "", ROLE_BIT(ROLE_PORTAL), "", err) != 0 ||
	    put_org(tx, "OTHER-PORTAL", "", ROLE_BIT(ROLE_PORTAL), "", err) != 0)
		return -1;
	return put_org(tx, FIXTURE_PROVIDER_A, FIXTURE_PROVIDER_A, ROLE_BIT(ROLE_PROVIDER),
		       "FR7630006000011234567890189", err);
}

static int put_provider(struct tx *tx, const char *siret, const char *nda, int training, struct err *err)
{
	struct provider p = {0};
	enum upsert done;

	snprintf(p.nda, sizeof p.nda, "%s", nda);
	snprintf(p.siret, sizeof p.siret, "%s", siret);
	snprintf(p.siren, sizeof p.siren, "%.9s", siret);
	snprintf(p.name, sizeof p.name, "Provider %s", siret);
	p.certified[ACTION_TRAINING] = training;
	return provider_upsert(tx, &p, tx->today, &done, err);
}

static int put_certification(struct tx *tx, const char *code, const char *siret, enum right_kind kind,
			     struct err *err)
{
	struct certification c = {.effect_on = DAY_NONE, .ends_on = DAY_NONE, .active = 1};
	struct training_right r = {.kind = kind};
	enum upsert done;

	snprintf(c.code, sizeof c.code, "%s", code);
	snprintf(c.title, sizeof c.title, "Certification %s", code);
	if (certification_upsert(tx, &c, tx->today, &done, err) != 0 || *siret == '\0')
		return *siret == '\0' ? 0 : -1;
	snprintf(r.certification, sizeof r.certification, "%s", code);
	snprintf(r.siret, sizeof r.siret, "%s", siret);
	snprintf(r.name, sizeof r.name, "Provider %s", siret);
	if (kind == RIGHT_PARTNER)
		snprintf(r.habilitation, sizeof r.habilitation, "HABILITATION_ORGA_FORM");
	return training_right_upsert(tx, &r, &done, err);
}

static int put_course(struct tx *tx, const char *code, const char *siret, const char *certification,
		      int64_t price, int days, struct err *err)
{
	struct course c = {.action_type = ACTION_TRAINING,
			   .price = price,
			   .hours = 35,
			   .days = days,
			   .open_to = DAY_NONE};
	struct org provider;
	enum upsert done;

	if (org_find(tx->db, siret, &provider, err) != 1)
		return -1;
	c.provider = provider.id;
	c.open_from = tx->today;
	snprintf(c.code, sizeof c.code, "%s", code);
	snprintf(c.certification, sizeof c.certification, "%s", certification);
	snprintf(c.title, sizeof c.title, "Course %s", code);
	return course_upsert(tx, &c, &done, err);
}

static int put_courses(struct tx *tx, struct err *err)
{
	if (put_provider(tx, FIXTURE_PROVIDER_A, "11755000001", 1, err) != 0 ||
	    put_provider(tx, FIXTURE_PROVIDER_B, "11755000002", 1, err) != 0 ||
	    put_certification(tx, "RNCP1", FIXTURE_PROVIDER_A, RIGHT_CERTIFIER, err) != 0 ||
	    put_certification(tx, "RNCP2", FIXTURE_PROVIDER_B, RIGHT_PARTNER, err) != 0 ||
	    put_certification(tx, "RNCP3", "", RIGHT_CERTIFIER, err) != 0)
		return -1;
	if (put_certification(tx, "RNCP35191", FIXTURE_PROVIDER_A, RIGHT_CERTIFIER, err) != 0 ||
	    put_course(tx, "C-A4", FIXTURE_PROVIDER_A, "RNCP35191", 230000, 5, err) != 0 ||
	    put_course(tx, "C-A1", FIXTURE_PROVIDER_A, "RNCP1", 100000, 5, err) != 0 ||
	    put_course(tx, "C-A2", FIXTURE_PROVIDER_A, "RNCP1", 30000, 5, err) != 0 ||
	    put_course(tx, "C-A3", FIXTURE_PROVIDER_A, "RNCP1", 300000, 100, err) != 0 ||
	    put_course(tx, "C-B1", FIXTURE_PROVIDER_B, "RNCP2", 50000, 5, err) != 0)
		return -1;
	return put_course(tx, "C-B3", FIXTURE_PROVIDER_B, "RNCP3", 50000, 5, err);
}

static int put_learners(struct tx *tx, const char *programme, struct err *err)
{
	struct org portal;

	if (org_find(tx->db, "PORTAL", &portal, err) != 1)
		return -1;
	for (int i = 1; i <= 9; i++) {
		struct learner l = {.portal = portal.id,
				    .work_pct = 100,
				    .active_from = tx->today,
				    .closed_on = DAY_NONE};
		enum upsert done;

		snprintf(l.code, sizeof l.code, "L%d", i);
		snprintf(l.programme, sizeof l.programme, "%s", programme);
		if (learner_upsert(tx, &l, 0, &done, err) != 0)
			return -1;
	}
	return 0;
}

static int put_persons_of(struct tx *tx, int64_t id, struct err *err)
{
	char text[KEY_TEXT];
	struct org org;

	if (org_get(tx->db, id, &org, err) != 0)
		return -1;
	for (int r = ROLE_NONE + 1; r < ROLE__MAX; r++)
		if ((org.roles & ROLE_BIT(r)) != 0 &&
		    persons_key(tx, org.code, (enum role)r, role_name((enum role)r), text, err) != 0)
			return -1;
	return 0;
}

/* Whom a line of a test names by the role alone: a person of that name in each organisation. */
static int put_persons(struct tx *tx, struct err *err)
{
	int64_t last;

	if (db_int(tx->db, "SELECT max(id) FROM organisation", NO_VALS, &last, err) != 1)
		return -1;
	for (int64_t id = 1; id <= last; id++)
		if (put_persons_of(tx, id, err) != 0)
			return -1;
	return 0;
}

char *fixture_rules_text(const char *sample)
{
	char path[128], *text = calloc(1, RULE_BYTES_MAX);
	FILE *file;

	snprintf(path, sizeof path, "ledger/rules/samples/%s", sample);
	for (const struct embedded *e = embedded_files; e->name != NULL; e++)
		if (strcmp(e->name, path) == 0) {
			free(text);
			return strdup(e->text);
		}
	snprintf(path, sizeof path, "tests/data/rules/%s", sample);
	file = fopen(path, "r");
	if (file == NULL || text == NULL)
		fail_msg("%s is not there", path);
	text[fread(text, 1, RULE_BYTES_MAX - 1, file)] = '\0';
	fclose(file);
	return text;
}

/* Where the document names its zone, and how long that name is. */
static char *zone_in(char *text, size_t *len)
{
	static const char member[] = "\"time_zone\": \"";
	char *at = strstr(text, member);

	assert_non_null(at);
	at += sizeof member - 1;
	*len = strcspn(at, "\"");
	return at;
}

/* Samples are of several countries: each is read in the zone of the ledger it comes to. */
int fixture_rules(struct tx *tx, const char *sample, struct err *err)
{
	char *text = fixture_rules_text(sample), *all = NULL, *zone;
	enum upsert done;
	size_t len;
	int rc;

	zone = zone_in(text, &len);
	rc = asprintf(&all, "%.*s%s%s", (int)(zone - text), text, zone_name(tx->env->zone), zone + len);
	assert_true(rc > 0);
	rc = rule_enact(tx, all, strlen(all), &done, err);
	free(all);
	free(text);
	return rc;
}

static int put_programmes(struct tx *tx, const struct fixture_scheme *scheme, struct err *err)
{
	if (fixture_rules(tx, scheme->sample, err) != 0)
		return -1;
	if (scheme->currency != NULL)
		return 0;
	if (fixture_rules(tx, "employer-topup.json", err) != 0)
		return -1;
	if (fixture_rules(tx, "branch-agreement.json", err) != 0)
		return -1;
	/* The other half of its year. */
	if (strcmp(scheme->sample, "cpf-2026.json") == 0)
		return fixture_rules(tx, "cpf-2026-02-26.json", err);
	return strcmp(scheme->sample, FIXTURE_SAMPLE) == 0
		       ? fixture_rules(tx, "cpf-2026-02-26-plain.json", err)
		       : 0;
}

static int set_up(struct tx *tx, struct command *c, struct err *err)
{
	const struct fixture_scheme *scheme = c->args;
	struct org known;
	int rc;

	if (put_orgs(tx, err) != 0 || (rc = org_find(tx->db, scheme->funder, &known, err)) < 0)
		return -1;
	if (rc == 0 && put_org(tx, scheme->funder, "", ROLE_BIT(ROLE_FUNDER), "", err) != 0)
		return -1;
	if (put_programmes(tx, scheme, err) != 0 || put_courses(tx, err) != 0 || put_persons(tx, err) != 0)
		return -1;
	return put_learners(tx, scheme->programme, err);
}

static void must(int rc, const struct err *err)
{
	if (rc != 0)
		fail_msg("%s: %s", err_name(err->code), err->text);
}

void fixture_open(struct fixture *f)
{
	fixture_open_with(f, &(struct fixture_scheme){FIXTURE_START, FIXTURE_SAMPLE, "cpf", "FC", NULL});
}

static void open_ledger(struct fixture *f)
{
	f->l = ledger_open(f->path, 1, &f->err);
	must(f->l ? 0 : -1, &f->err);
}

/* The scheme in a new ledger, which is kept for the next test that asks for the same. */
static void make_ledger(struct fixture *f, struct fixture_scheme *scheme, const char *name)
{
	char *rules = fixture_rules_text(scheme->sample);
	struct ledger_new new = {
		.currency = scheme->currency, .sandbox = 1, .now = scheme->start, .first = &persons_first};
	size_t len;
	char *zone = zone_in(rules, &len);

	zone[len] = '\0';
	new.zone = zone;
	where_ledger(f->dir, LEDGER, f->path, sizeof f->path);
	must(ledger_create(f->path, &new, &f->err), &f->err);
	free(rules);
	open_ledger(f);
	must(ledger_do(f->l, "set_up", set_up, scheme, &f->err), &f->err);
	ledger_close(f->l);
	kept_take(name, f->path);
}

void fixture_open_with(struct fixture *f, const struct fixture_scheme *scheme)
{
	struct fixture_scheme args = *scheme;
	char name[128];

	memset(f, 0, sizeof *f);
	snprintf(f->dir, sizeof f->dir, "%.40s/ila-test-XXXXXX", kept_place());
	assert_non_null(mkdtemp(f->dir));
	where_name(f->dir, LEDGER, f->path, sizeof f->path);
	snprintf(name, sizeof name, "%lld %s %s %s %s", (long long)args.start, args.sample, args.programme,
		 args.funder, args.currency ? args.currency : "");
	if (!kept_write(name, f->path))
		make_ledger(f, &args, name);
	open_ledger(f);
}

void fixture_reopen(struct fixture *f)
{
	ledger_close(f->l);
	open_ledger(f);
}

void fixture_close(struct fixture *f)
{
	ledger_close(f->l);
	program_remove(f->dir);
}

int fixture_set_up(void **state)
{
	fixture_open(*state);
	return 0;
}

int fixture_tear_down(void **state)
{
	fixture_close(*state);
	return 0;
}

/* Whom the register would not let have the role has it all the same, for the gates of each voucher. */
static int force_grant(struct tx *tx, const struct actor *a, struct err *err)
{
	struct role_grant g = {.org = a->org,
			       .role = (enum role)a->role,
			       .valid_from = tx->today,
			       .valid_to = DAY_NONE,
			       .granted_by = "test"};
	struct person p;

	if (err->code != ERR_SEPARATION_OF_DUTIES || person_need(tx->db, a->principal, NULL, &p, err) != 0)
		return -1;
	memset(err, 0, sizeof *err);
	g.person = p.id;
	return grant_add(tx, &g, err);
}

static int run_person(struct tx *tx, struct command *c, struct err *err)
{
	const struct actor *a = c->args;
	char text[KEY_TEXT];
	struct org org;

	if (org_get(tx->db, a->org, &org, err) != 0)
		return -1;
	if (persons_grant(tx, org.code, (enum role)a->role, a->principal, err) != 0 &&
	    force_grant(tx, a, err) != 0)
		return -1;
	return persons_key(tx, org.code, (enum role)a->role, a->principal, text, err);
}

struct actor fixture_as(struct fixture *f, const char *code, enum role role, const char *principal)
{
	struct actor a = {.role = (int)role};
	struct db *db;
	struct org o;
	int64_t known = 0;

	snprintf(a.principal, sizeof a.principal, "%s", principal);
	if (code == NULL)
		return a;
	db = ledger_reader(f->l, &f->err);
	assert_non_null(db);
	assert_int_equal(org_find(db, code, &o, &f->err), 1);
	a.org = o.id;
	assert_true(db_int(db, "SELECT max(id) FROM api_key WHERE org = $1 AND role = $2 AND principal = $3",
			   VALS(v_int(a.org), v_int(a.role), v_text(a.principal)), &known, &f->err) >= 0);
	ledger_reader_back(f->l, db);
	/* No person can be called as the ledger is; an actor still can. */
	if (known == 0 && strcmp(principal, "ledger") != 0 && (o.roles & ROLE_BIT(role)) != 0 &&
	    ledger_do(f->l, "person", run_person, &a, &f->err) != 0 && f->err.code != ERR_FIELD_INVALID)
		must(-1, &f->err);
	return a;
}

int fixture_run(struct fixture *f, const struct actor *actor, command_fn *run, void *args)
{
	struct command c = {.name = "test", .run = run, .args = args, .actor = *actor};
	int rc;

	memset(&f->err, 0, sizeof f->err);
	buf_init(&c.answer, HTTP_BODY_MAX);
	rc = desk_call(ledger_desk(f->l), &c, &f->err);
	buf_free(&c.answer);
	return rc;
}

void fixture_direct(struct fixture *f, void (*body)(struct tx *, struct err *))
{
	struct env env;
	struct tx tx = {.env = &env, .now = FIXTURE_START + US_PER_S, .idempotency_key = ""};
	struct err err = {0};

	env_sandbox(&env, FIXTURE_START);
	env.zone = ledger_settings(f->l)->zone;
	env.exponent = ledger_settings(f->l)->exponent;
	tx.today = zone_day(env.zone, tx.now);
	ledger_close(f->l);
	f->l = NULL;
	must(db_open(&tx.db, f->path, DB_WRITE, &err), &err);
	must(db_begin(tx.db, &err), &err);
	body(&tx, &err);
	memset(&err, 0, sizeof err);
	sql_settle(tx.db);
	must(db_commit(tx.db, &err), &err);
	db_close(tx.db);
	where_forget(f->path);
	open_ledger(f);
}

void fixture_digest(struct fixture *f, unsigned char out[32])
{
	struct db *db = ledger_reader(f->l, &f->err);

	assert_non_null(db);
	sql_digest(db, out);
	ledger_reader_back(f->l, db);
}

void fixture_wait_for_lead(struct fixture *f)
{
	int64_t end = env_ticks() + LEAD_S * US_PER_S;

	while (desk_state(ledger_desk(f->l)) != DESK_LEADS && env_ticks() < end)
		usleep(200);
	assert_int_equal(desk_state(ledger_desk(f->l)), DESK_LEADS);
}

int64_t fixture_balance(struct fixture *f, const char *code, int kind)
{
	struct db *db = ledger_reader(f->l, &f->err);
	struct fund fund;
	int64_t sum = 0;

	assert_non_null(db);
	assert_int_equal(fund_find(db, code, &fund, &f->err), 1);
	must(balance_of_kind(db, fund.id, kind, &sum, &f->err), &f->err);
	ledger_reader_back(f->l, db);
	return sum;
}
