/*
 * Who may do what: roles are granted to persons, those that move or approve money by
 * two operators; one person alone brings no voucher from its order to its payment,
 * whatever keys it makes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/served.h"

static struct served s;
static struct buf answer;
static char *anna, *ben; /* the keys of two operators: "operator" and "second-operator" */

/* An organisation that holds every role. */
static int put_all(struct tx *tx, struct command *c, struct err *err)
{
	struct org o = {.code = "ALL", .name = "All", .roles = ROLE_BIT(ROLE__MAX) - ROLE_BIT(ROLE_OPERATOR)};
	enum upsert done;

	(void)c;
	return org_upsert(tx, &o, &done, err);
}

static int set_up(void **state)
{
	struct actor itself = {0};

	(void)state;
	served_open(&s);
	served_learners(&s, 1);
	served_orders(&s, 1);
	assert_int_equal(fixture_run(&s.f, &itself, put_all, NULL), 0);
	served_start(&s);
	buf_init(&answer, 1 << 20);
	anna = s.key[ROLE_OPERATOR];
	ben = s.key_second;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	served_verify(&s);
	buf_free(&answer);
	served_close(&s);
	return 0;
}

static void call(const char *key, const char *path, const char *body, int status, const char *part)
{
	served_expect(&s, key, path, body, status, part, &answer);
}

static void add(const char *person)
{
	char body[128];

	snprintf(body, sizeof body, "{\"code\":\"%s\",\"organisation\":\"ALL\"}", person);
	call(anna, "/v1/persons", body, 201, "\"organisation\":\"ALL\"");
}

static void grant(const char *key, const char *person, const char *role, int status, const char *part)
{
	char body[128];

	snprintf(body, sizeof body, "{\"person\":\"%s\",\"role\":\"%s\"}", person, role);
	call(key, "/v1/roles", body, status, part);
}

static int moves_money(enum role role)
{
	return (ROLES_OF_MONEY & ROLE_BIT(role)) != 0;
}

static void grant_by_two(const char *person, enum role role)
{
	grant(anna, person, role_name(role), moves_money(role) ? 202 : 201, "\"state\":");
	if (moves_money(role))
		grant(ben, person, role_name(role), 201, "\"state\":\"granted\"");
}

static int64_t refusals(const char *command, const char *code)
{
	char sql[160];

	snprintf(sql, sizeof sql, "SELECT count(*) FROM refusal WHERE command = '%s' AND code = '%s'",
		 command, code);
	return served_count(&s, sql);
}

/* Every pair of roles: two of controller, authoriser and accountant never meet in one person. */
static void no_person_holds_two_of_the_three(void **state)
{
	int refused = 0;

	(void)state;
	for (int a = ROLE_NONE + 1; a < ROLE__MAX; a++)
		for (int b = ROLE_NONE + 1; b < ROLE__MAX; b++) {
			int two = a != b && (ROLES_OF_DUTY & ROLE_BIT(a)) != 0 &&
				  (ROLES_OF_DUTY & ROLE_BIT(b)) != 0;
			char person[16];

			if (a == b)
				continue;
			snprintf(person, sizeof person, "p-%d-%d", a, b);
			add(person);
			grant_by_two(person, (enum role)a);
			if (!two) {
				grant_by_two(person, (enum role)b);
				continue;
			}
			grant(anna, person, role_name((enum role)b), 409, "\"separation_of_duties\"");
			grant(ben, person, role_name((enum role)b), 409,
			      "one person never validates, orders and pays");
			refused += 2;
		}
	assert_int_equal(refused, 12);
	assert_int_equal(refusals("role grant", "separation_of_duties"), refused);
	call(anna, "/v1/roles?on=2026-01-05&limit=200", NULL, 200, "\"person\":\"p-5-1\"");
}

/* One operator records a person for each role, and gets no key that moves or approves money. */
static void one_operator_makes_nobody_who_moves_money(void **state)
{
	static const char half[] = "{\"org\":\"FC\",\"role\":\"controller\",\"principal\":\"controller\"}";
	char key[KEY_TEXT], path[64], id[24], person[24], body[128];
	int tried = 0;

	(void)state;
	for (int r = ROLE_NONE + 1; r < ROLE__MAX; r++) {
		if (!moves_money((enum role)r))
			continue;
		snprintf(person, sizeof person, "ghost-%d", r);
		add(person);
		grant(anna, person, role_name((enum role)r), 202, "\"state\":\"proposed\"");
		grant(anna, person, role_name((enum role)r), 409, "\"separation_of_duties\"");
		snprintf(body, sizeof body, "{\"org\":\"ALL\",\"role\":\"%s\",\"principal\":\"%s\"}",
			 role_name((enum role)r), person);
		call(anna, "/v1/keys", body, 409, "\"role_not_granted\"");
		tried++;
	}
	assert_int_equal(refusals("role grant", "separation_of_duties"), tried);
	assert_int_equal(refusals("key create", "role_not_granted"), tried);
	/* A key of somebody who holds the role is two halves, and one operator sees one of them. */
	call(anna, "/v1/keys", half, 201, "\"state\":\"half\"");
	json_member(&answer, "key", key, sizeof key);
	json_member(&answer, "id", id, sizeof id);
	snprintf(path, sizeof path, "/v1/keys/%s/confirm", id);
	call(anna, path, "{}", 409, "\"separation_of_duties\"");
	call(key, "/v1/alerts", NULL, 401, "\"unauthenticated\"");
	call(ben, path, "{}", 200, "\"state\":\"in_force\"");
	call(key, "/v1/alerts", NULL, 401, "\"unauthenticated\"");
	json_member(&answer, "key", key + strlen(key), sizeof key - strlen(key));
	call(ben, path, "{}", 409, "\"nothing_waits\"");
	assert_int_equal(refusals("key confirm", "separation_of_duties"), 1);
}

/* A list of roles holds a grant from its first day to its last. */
static void a_list_of_a_day_holds_the_roles_of_that_day(void **state)
{
	static const struct {
		const char *path;
		int holds;
	} days[] = {{"/v1/roles?limit=200", 1},
		    {"/v1/roles?limit=200&on=2026-01-31", 0},
		    {"/v1/roles?limit=200&on=2026-02-01", 1},
		    {"/v1/roles?limit=200&on=2026-02-28", 1},
		    {"/v1/roles?limit=200&on=2026-03-01", 0}};

	(void)state;
	add("winter-help");
	call(anna, "/v1/roles",
	     "{\"person\":\"winter-help\",\"role\":\"auditor\",\"from\":\"2026-02-01\","
	     "\"to\":\"2026-02-28\"}",
	     201, "\"granted\"");
	for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
		call(s.key[ROLE_AUDITOR], days[i].path, NULL, 200, "\"person\":\"operator\"");
		assert_int_equal(strstr(buf_text(&answer), "winter-help") != NULL, days[i].holds);
	}
}

/* What the list of keys says of the day on which that key has last written. */
static void used_on(int64_t id, const char *expected)
{
	const char *at;
	char row[32];

	call(anna, "/v1/keys?limit=200", NULL, 200, "\"data\":[");
	snprintf(row, sizeof row, "{\"id\":%lld,", (long long)id);
	at = strstr(buf_text(&answer), row);
	at = at != NULL ? strstr(at, "\"used_on\":") : NULL;
	assert_non_null(at);
	at += strlen("\"used_on\":");
	assert_memory_equal(at, expected, strlen(expected));
}

static void the_list_of_keys_says_when_each_has_last_written(void **state)
{
	char key[KEY_TEXT];
	int64_t id = served_key(&s, "FC", "operator", "otto", key);

	(void)state;
	used_on(id, "null");
	call(key, "/v1/persons", "{\"code\":\"one\",\"organisation\":\"FC\"}", 201, "");
	used_on(id, "\"2026-01-05\"");
	call(anna, "/v1/sandbox/clock", "{\"advance_to\":\"2026-01-07T08:00:00Z\"}", 200, "");
	used_on(id, "\"2026-01-05\"");
	call(key, "/v1/persons", "{\"code\":\"two\",\"organisation\":\"FC\"}", 201, "");
	used_on(id, "\"2026-01-07\"");
}

/* Another name, capital letters, oneself: none of them is another person. */
static void nobody_is_two_persons(void **state)
{
	(void)state;
	add("Claire");
	call(anna, "/v1/persons", "{\"code\":\"claire\",\"organisation\":\"FC\"}", 409, "\"exists\"");
	call(anna, "/v1/persons", "{\"code\":\"CLAIRE\",\"organisation\":\"FC\"}", 409, "\"exists\"");
	call(anna, "/v1/persons", "{\"code\":\"Ledger\",\"organisation\":\"FC\"}", 400, "\"field_invalid\"");
	grant_by_two("CLAIRE", ROLE_CONTROLLER);
	grant(anna, "claire", "accountant", 409, "\"separation_of_duties\"");
	/* Nobody grants to itself, not even what one operator grants to others. */
	grant(anna, "operator", "accountant", 409, "Nobody grants a role to itself");
	grant(anna, "Operator", "portal", 409, "Nobody grants a role to itself");
	/* The one who is to hold it is none of the two. */
	call(anna, "/v1/roles",
	     "{\"person\":\"second-operator\",\"role\":\"accountant\",\"organisation\":\"ALL\"}", 202,
	     "\"proposed\"");
	call(ben, "/v1/roles",
	     "{\"person\":\"second-operator\",\"role\":\"accountant\",\"organisation\":\"ALL\"}", 409,
	     "Nobody grants a role to itself");
}

/* --- a false provider ------------------------------------------------------------------- */

#define FALSE_ONE "00010011500013"
#define FALSE_FILE                                                                                           \
	"code;name;roles;siren;siret;iban\n" FALSE_ONE ";Alpha;provider;000100115;" FALSE_ONE                \
	";DE89370400440532013000\n"
#define RIGHTS                                                                                               \
	"Numero_Fiche;Nom_Partenaire;Siret_Partenaire;Habilitation_Partenaire\n"                             \
	"RS1;ALPHA;" FALSE_ONE ";HABILITATION_ORGA_FORM\n"
#define LIST                                                                                                 \
	"numeroDeclarationActivite;denomination;siren;siretEtablissementDeclarant;"                          \
	"adressePhysiqueOrganismeFormation.codePostal;adressePhysiqueOrganismeFormation.ville;"              \
	"adressePhysiqueOrganismeFormation.codeRegion;certifications.actionsDeFormation;"                    \
	"certifications.bilansDeCompetences;certifications.VAE;"                                             \
	"certifications.actionsDeFormationParApprentissage\n"                                                \
	"53350000101;ALPHA;000100115;" FALSE_ONE ";35000;Rennes;53;true;false;false;false\n"
#define COURSE                                                                                                  \
	"course;provider_siret;certification;action_type;title;price_eur;hours;days;region;open_from;open_to\n" \
	"GHOST;" FALSE_ONE ";;skills_assessment;Nothing;4000.00;24;3;;2026-01-05;\n"
#define ORGANISATIONS "/v1/imports/organisations"
#define FROM_REGISTER "?origin=https://www.data.gouv.fr/register"
#define ACCOUNT       "/v1/organisations/" FALSE_ONE "/bank-details"

/* Organisation, account, right, accreditation, course, keys: one operator brings none of them into force. */
static void one_operator_makes_no_payee(void **state)
{
	static const char *const roles[] = {"controller", "authoriser", "accountant"};

	(void)state;
	call(anna, ORGANISATIONS, FALSE_FILE, 202, "\"state\":\"proposed\"");
	call(anna, ORGANISATIONS, FALSE_FILE, 409, "\"separation_of_duties\"");
	call(anna, ACCOUNT, "{\"iban\":\"DE89370400440532013000\"}", 404, "\"not_found\"");
	call(anna, "/v1/imports/partners", RIGHTS, 400, "\"field_missing\"");
	call(anna, "/v1/imports/partners" FROM_REGISTER, RIGHTS, 202, "\"proposed\"");
	call(anna, "/v1/imports/partners" FROM_REGISTER, RIGHTS, 409, "\"separation_of_duties\"");
	call(anna, "/v1/imports/providers" FROM_REGISTER, LIST, 202, "\"proposed\"");
	call(anna, "/v1/imports/providers", LIST, 409, "\"separation_of_duties\"");
	call(anna, "/v1/imports/courses", COURSE, 422, "\"unknown_reference\"");
	call(anna, "/v1/persons", "{\"code\":\"ghost\",\"organisation\":\"" FALSE_ONE "\"}", 422,
	     "\"unknown_reference\"");
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
		char person[16];

		snprintf(person, sizeof person, "ghost-%zu", i);
		add(person);
		grant(anna, person, roles[i], 202, "\"proposed\"");
		grant(anna, person, roles[i], 409, "\"separation_of_duties\"");
	}
	assert_int_equal(refusals("import", "separation_of_duties"), 3);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM organisation WHERE code = '" FALSE_ONE "'"),
			 0);
	assert_int_equal(
		served_count(&s, "SELECT count(*) FROM training_right WHERE siret = '" FALSE_ONE "'"), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM payment"), 0);
}

#define SAYS(reference, kind, fund)                                                                          \
	"{\"reference\":\"" reference "\",\"kind\":\"" kind "\",\"fund\":\"" fund "\",\"amount\":100,"       \
	"\"value_date\":\"2026-01-05\"}"
#define IN_FILE                                                                                              \
	"reference;kind;fund;amount_eur;value_date\r\n"                                                      \
	"FILE-1;payment;acme-2026;1.00;2026-01-05\r\n"

/* Without a line of the bank no single person says that money has come, and no two without an accountant. */
static void nobody_alone_says_that_cash_has_come(void **state)
{
	static const char path[] = "/v1/contributions", file[] = "/v1/imports/contributions";
	const char *accountant = s.key[ROLE_ACCOUNTANT], *paid = SAYS("CASH-1", "payment", "acme-2026");

	(void)state;
	call(accountant, path, SAYS("CALL-1", "call", "acme-2026"), 201, "\"state\":\"recorded\"");
	call(anna, path, paid, 202, "\"seq\":null,\"new\":false,\"decision\":1,\"state\":\"proposed\"");
	call(anna, path, paid, 409, "\"separation_of_duties\"");
	call(ben, path, paid, 409, "\"separation_of_duties\"");
	assert_int_equal(served_count(&s, "SELECT count(*) FROM contribution WHERE reference = 'CASH-1'"), 0);
	call(accountant, path, paid, 201, "\"new\":true,\"decision\":1,\"state\":\"recorded\"");
	call(ben, path, paid, 200, "\"new\":false,\"state\":\"recorded\"");
	call(accountant, path, SAYS("CASH-2", "payment", "acme-2026"), 202, "\"proposed\"");
	call(accountant, path, SAYS("CASH-2", "payment", "acme-2026"), 409, "\"separation_of_duties\"");
	call(anna, path, SAYS("CASH-2", "payment", "cpf-law"), 202, "\"decision\":2");
	call(accountant, file, IN_FILE, 202, "\"proposed\"");
	call(accountant, file, IN_FILE, 409, "\"separation_of_duties\"");
	call(anna, file, IN_FILE, 200, "\"imported\"");
	assert_int_equal(refusals("contribute", "separation_of_duties"), 3);
	assert_int_equal(
		served_count(
			&s, "SELECT count(*) FROM decision WHERE kind = 'cash' AND confirmed_by IS NOT NULL"),
		1);
}

/* By two, a first account counts after the days that a changed one waits. */
static void a_payee_is_made_by_two_and_paid_after_quiet_days(void **state)
{
	(void)state;
	call(anna, ORGANISATIONS, FALSE_FILE, 202, "\"created\":1");
	call(ben, ORGANISATIONS, FALSE_FILE, 200, "\"state\":\"imported\"");
	call(ben, ORGANISATIONS, FALSE_FILE, 200, "\"already_imported\":true");
	call(anna, ACCOUNT, NULL, 200, "\"iban\":null");
	call(anna, ACCOUNT, NULL, 200, "\"state\":\"agreed\",\"proposed_by\":\"operator\"");
	call(anna, ACCOUNT, NULL, 200, "\"effective_on\":\"2026-01-12\"");
	call(anna, "/v1/imports/partners" FROM_REGISTER, RIGHTS, 202, "\"proposed\"");
	call(ben, "/v1/imports/partners", RIGHTS, 200, "\"imported\"");
	assert_int_equal(
		served_count(&s, "SELECT count(*) FROM decision WHERE kind = 'import' AND confirmed_by = "
				 "'second-operator' AND content LIKE '%data.gouv.fr/register%'"),
		1);
	call(anna, "/v1/sandbox/clock", "{\"advance_to\":\"2026-01-12T08:00:00Z\"}", 200, "");
	call(anna, ACCOUNT, NULL, 200, "\"iban\":\"DE89...3000\",\"since\":\"2026-01-12\"");
	/* Another file says another account: that is a change, which no file makes. */
	call(anna, ORGANISATIONS,
	     "code;name;roles;siren;siret;iban\n" FALSE_ONE ";Alpha;provider;;" FALSE_ONE
	     ";FR7630006000011234567890189\n",
	     409, "\"bank_account_known\"");
}

#define NEW_PAYEE "{\"provider\":\"" FIXTURE_PROVIDER_B "\"}"

/* A voucher of provider B, whose bank account nobody knows, up to its invoice. */
static void bill_new_payee(void)
{
	static const char *const steps[][2] = {
		{"exit", "{\"exited_on\":\"2026-01-05\"}"},
		{"declare", "{\"completion\":100,\"cause\":\"full\"}"},
		{"validate", "{}"},
		{"bill", "{\"invoice\":\"I-B\",\"amount\":50000}"},
	};
	char id[UUID_TEXT], code[64], path[96], body[160];

	call(s.key[ROLE_PORTAL], "/v1/vouchers",
	     "{\"learner\":\"L1\",\"course\":\"C-B1\",\"session_start\":\"2026-01-05\","
	     "\"learner_payment\":{\"amount\":10320,\"reference\":\"CARD-B\"}}",
	     201, "\"code\"");
	json_member(&answer, "id", id, sizeof id);
	json_member(&answer, "code", code, sizeof code);
	snprintf(body, sizeof body, "{\"code\":\"%s\",\"course\":\"C-B1\",\"started_on\":\"2026-01-05\"}",
		 code);
	call(s.key_b, "/v1/redemptions", body, 201, "\"entered\"");
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		snprintf(path, sizeof path, "/v1/vouchers/%s/%s", id, steps[i][0]);
		call(strcmp(steps[i][0], "validate") == 0 ? s.key[ROLE_CONTROLLER] : s.key_b, path,
		     steps[i][1], 200, "\"state\"");
	}
}

/* Until an account counts, and has been quiet for the rule's ten days, no payment to it is ordered. */
static void nothing_is_paid_before_a_first_account_has_been_quiet(void **state)
{
	static const char file[] = "code;name;roles;siren;siret;iban\n" FIXTURE_PROVIDER_B
				   ";B;provider;;" FIXTURE_PROVIDER_B ";DE89370400440532013000\n";
	const char *authoriser = s.key[ROLE_AUTHORISER];

	(void)state;
	bill_new_payee();
	call(authoriser, "/v1/payments", NEW_PAYEE, 409, "\"no_bank_account\"");
	call(anna, ORGANISATIONS, file, 202, "\"updated\":1");
	call(authoriser, "/v1/payments", NEW_PAYEE, 409, "\"no_bank_account\"");
	call(ben, ORGANISATIONS, file, 200, "\"updated\":1");
	call(authoriser, "/v1/payments", NEW_PAYEE, 409, "which two operators confirm");
	call(anna, "/v1/sandbox/clock", "{\"advance_to\":\"2026-01-12T08:00:00Z\"}", 200, "");
	call(authoriser, "/v1/payments", NEW_PAYEE, 409, "\"bank_account_new\"");
	call(anna, "/v1/sandbox/clock", "{\"advance_to\":\"2026-01-22T08:00:00Z\"}", 200, "");
	call(authoriser, "/v1/payments", NEW_PAYEE, 201, "\"amount\":50000");
}

/* What provider B is owed is for it and the authority's people. */
static void a_provider_reads_what_it_is_owed_and_no_other(void **state)
{
	const char *a = s.key[ROLE_PROVIDER];

	(void)state;
	bill_new_payee();
	call(s.key[ROLE_AUDITOR], "/v1/reports/payables.csv", NULL, 200, ";I-B;");
	call(s.key_b, "/v1/reports/payables.csv", NULL, 200, ";I-B;");
	call(a, "/v1/reports/payables.csv", NULL, 200, "provider_id;");
	assert_null(strstr(buf_text(&answer), FIXTURE_PROVIDER_B));
	call(a, "/v1/reports/payables.csv?provider=" FIXTURE_PROVIDER_B, NULL, 403, "\"forbidden\"");
}

/* Of whom no employer and no portal has said who it is. */
static void a_learner_without_a_reference_is_marked(void **state)
{
	(void)state;
	call(anna, "/v1/imports/learners",
	     "learner;programme;work_pct;low_qualified;active_from;portal;identity_reference\n"
	     "GHOST;cpf;100;false;2026-01-05;PORTAL;\nKNOWN;cpf;100;false;2026-01-05;PORTAL;DESK-4711\n",
	     200, "\"created\":2");
	call(s.key[ROLE_PORTAL], "/v1/learners/GHOST/account", NULL, 200, "\"unreferenced\":true");
	call(s.key[ROLE_PORTAL], "/v1/learners/KNOWN/account", NULL, 200, "\"unreferenced\":false");
	call(anna, "/v1/imports/learners",
	     "learner;programme;work_pct;low_qualified;active_from;identity_reference\n"
	     "GHOST;cpf;100;false;2026-01-05;180127512345678\n",
	     400, "never a national number");
	call(anna, "/v1/imports/payroll",
	     "learner;siret;period;unit;paid_time;reference_time;part_time_rate\n"
	     "GHOST;11004301500012;2025;hours;1820.04;151.67;\n",
	     200, "\"created\":1");
	call(s.key[ROLE_PORTAL], "/v1/learners/GHOST/account", NULL, 200, "\"unreferenced\":false");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_person_holds_two_of_the_three, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_operator_makes_nobody_who_moves_money, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_list_of_a_day_holds_the_roles_of_that_day, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_list_of_keys_says_when_each_has_last_written, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(nobody_is_two_persons, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_is_paid_before_a_first_account_has_been_quiet, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_provider_reads_what_it_is_owed_and_no_other, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_learner_without_a_reference_is_marked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_operator_makes_no_payee, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody_alone_says_that_cash_has_come, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_payee_is_made_by_two_and_paid_after_quiet_days, set_up,
						tear_down),
	};

	return cmocka_run_group_tests_name("http/powers", tests, NULL, NULL);
}
