/*
 * ledger/registers: organisations and keys, certifications, providers, courses and
 * what is eligible on a date; programme rules; accrual.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/seasons/enact.h"
#include "ledger/base/embed.h"
#include "ledger/book/journal.h"
#include "ledger/rights/accrual.h"
#include "ledger/base/id.h"
#include "ledger/registers/course.h"
#include "ledger/registers/fund.h"
#include "ledger/rights/lot.h"
#include "ledger/rules/programme_file.h"
#include "tests/lib/fixture.h"
#include "tests/lib/persons.h"

static struct fixture f;

static enum err_code eligible(struct tx *tx, const char *code, day_t day)
{
	struct err err = {0};
	struct course c;

	assert_int_equal(course_find(tx->db, code, &c, &err), 1);
	return course_eligible(tx->db, &c, day, &err) == 0 ? ERR_NONE : err.code;
}

static void put_provider(struct tx *tx, int training, day_t published_on, enum upsert expected)
{
	struct provider p = {.nda = "11755000002", .siret = FIXTURE_PROVIDER_B, .siren = "829486455"};
	struct err err = {0};
	enum upsert done;

	snprintf(p.name, sizeof p.name, "Provider %s", FIXTURE_PROVIDER_B);
	p.certified[ACTION_TRAINING] = training;
	assert_int_equal(provider_upsert(tx, &p, published_on, &done, &err), 0);
	assert_int_equal(done, expected);
}

static void accreditations_have_dates(struct tx *tx, struct err *err)
{
	day_t t = tx->today;
	struct provider old = {.nda = "11755000002", .siret = FIXTURE_PROVIDER_B};
	enum upsert done;

	assert_int_equal(eligible(tx, "C-B1", t), ERR_NONE);
	assert_int_equal(eligible(tx, "C-B1", t - 1), ERR_NOT_ELIGIBLE); /* before it was seen */
	put_provider(tx, 1, t + 5, UPSERT_UNCHANGED);                    /* seen again: only the day moves */
	assert_int_equal(eligible(tx, "C-B1", t + 10), ERR_NONE);        /* as far as is known today */
	put_provider(tx, 0, t + 10, UPSERT_UPDATED);                     /* gone from the list */
	assert_int_equal(eligible(tx, "C-B1", t + 9), ERR_NONE);
	assert_int_equal(eligible(tx, "C-B1", t + 10), ERR_NOT_ELIGIBLE);
	put_provider(tx, 1, t + 20, UPSERT_UPDATED); /* and back */
	assert_int_equal(eligible(tx, "C-B1", t + 19), ERR_NOT_ELIGIBLE);
	assert_int_equal(eligible(tx, "C-B1", t + 20), ERR_NONE);
	assert_int_equal(provider_upsert(tx, &old, t + 19, &done, err), -1); /* an older list */
	assert_int_equal(err->code, ERR_LIST_OLDER);
}

static void test_accreditations(void **state)
{
	(void)state;
	fixture_direct(&f, accreditations_have_dates);
}

static void certifications_have_dates(struct tx *tx, struct err *err)
{
	struct certification c = {
		.code = "RNCP2", .title = "Certification RNCP2", .effect_on = DAY_NONE, .active = 1};
	day_t t = tx->today;
	enum upsert done;

	c.ends_on = t + 30;
	assert_int_equal(certification_upsert(tx, &c, t, &done, err), 0);
	assert_int_equal(done, UPSERT_UPDATED);
	assert_int_equal(eligible(tx, "C-B1", t + 30), ERR_NONE);
	assert_int_equal(eligible(tx, "C-B1", t + 31), ERR_NOT_ELIGIBLE);
	assert_int_equal(eligible(tx, "C-B1", t + 1), ERR_NONE);
	c.effect_on = t + 2;
	assert_int_equal(certification_upsert(tx, &c, t, &done, err), 0);
	assert_int_equal(eligible(tx, "C-B1", t + 1), ERR_NOT_ELIGIBLE);
	/* Inactive before its end date: from the day the register says so. */
	c.active = 0;
	assert_int_equal(certification_upsert(tx, &c, t + 10, &done, err), 0);
	assert_int_equal(eligible(tx, "C-B1", t + 9), ERR_NONE);
	assert_int_equal(eligible(tx, "C-B1", t + 10), ERR_NOT_ELIGIBLE);
	/* Seen again later, it is still inactive from the first day. */
	assert_int_equal(certification_upsert(tx, &c, t + 15, &done, err), 0);
	assert_int_equal(done, UPSERT_UNCHANGED);
	assert_int_equal(eligible(tx, "C-B1", t + 12), ERR_NOT_ELIGIBLE);
}

static void test_certifications(void **state)
{
	(void)state;
	fixture_direct(&f, certifications_have_dates);
}

static void only_partners_with_the_right_may_train(struct tx *tx, struct err *err)
{
	struct training_right r = {.certification = "RNCP3",
				   .siret = FIXTURE_PROVIDER_B,
				   .kind = RIGHT_PARTNER,
				   .name = "B",
				   .habilitation = "HABILITATION_ORGANISER"};
	enum upsert done;

	assert_int_equal(eligible(tx, "C-B3", tx->today), ERR_NOT_ELIGIBLE);
	assert_int_equal(training_right_upsert(tx, &r, &done, err), 0);
	assert_int_equal(eligible(tx, "C-B3", tx->today), ERR_NOT_ELIGIBLE); /* may assess, not train */
	snprintf(r.habilitation, sizeof r.habilitation, "HABILITATION_FORMER");
	assert_int_equal(training_right_upsert(tx, &r, &done, err), 0);
	assert_int_equal(done, UPSERT_UPDATED);
	assert_int_equal(eligible(tx, "C-B3", tx->today), ERR_NONE);
	assert_int_equal(training_right_upsert(tx, &r, &done, err), 0);
	assert_int_equal(done, UPSERT_UNCHANGED);
	snprintf(r.habilitation, sizeof r.habilitation, "HABILITATION_ORGANISER");
	assert_int_equal(training_right_upsert(tx, &r, &done, err), 0);
	assert_int_equal(eligible(tx, "C-B3", tx->today), ERR_NOT_ELIGIBLE); /* and no longer */
}

/* The writer remembers them: a change must be seen at once. */
static void changes_are_seen_at_once(struct tx *tx, struct err *err)
{
	struct course c = {0};
	struct org o;
	enum upsert done;
	int64_t price;

	assert_int_equal(course_find(tx->db, "C-A2", &c, err), 1);
	price = c.price++;
	assert_int_equal(course_upsert(tx, &c, &done, err), 0);
	assert_int_equal(course_find(tx->db, "C-A2", &c, err), 1);
	assert_int_equal(c.price, price + 1);
	assert_int_equal(org_get(tx->db, c.provider, &o, err), 0);
	snprintf(o.name, sizeof o.name, "Renamed");
	assert_int_equal(org_upsert(tx, &o, &done, err), 0);
	assert_int_equal(org_get(tx->db, c.provider, &o, err), 0);
	assert_string_equal(o.name, "Renamed");
}

static void test_changes(void **state)
{
	(void)state;
	fixture_direct(&f, changes_are_seen_at_once);
}

static void test_rights(void **state)
{
	(void)state;
	fixture_direct(&f, only_partners_with_the_right_may_train);
}

static struct key_new asked(const struct org *org, const char *person)
{
	return (struct key_new){.person = person,
				.org = org,
				.role = ROLE_PORTAL,
				.label = "",
				.expires_on = DAY_NONE,
				.sandbox = 1,
				.whole = 1};
}

static void keys_open_while_in_force(struct tx *tx, struct err *err)
{
	char text[KEY_TEXT], wrong[KEY_TEXT];
	struct actor actor;
	struct key_new k;
	struct key key;
	struct org org;

	assert_int_equal(org_find(tx->db, "PORTAL", &org, err), 1);
	assert_int_equal(persons_grant(tx, "PORTAL", ROLE_PORTAL, "anne", err), 0);
	k = asked(&org, "anne");
	k.role = ROLE_ACCOUNTANT;
	assert_int_equal(key_create(tx, &k, text, &key, err), -1);
	assert_int_equal(err->code, ERR_ROLE_NOT_HELD);
	k = asked(&org, "Anne");
	assert_int_equal(key_create(tx, &k, text, &key, err), 0);
	assert_memory_equal(text, "ila_test_", 9);
	assert_int_equal(key_check(tx->db, text, tx->today, &actor, err), 0);
	assert_int_equal(actor.org, org.id);
	assert_int_equal(actor.role, ROLE_PORTAL);
	assert_string_equal(actor.principal, "anne");
	/* Every single changed character is refused, in the same words. */
	for (size_t i = 0; text[i] != '\0'; i++) {
		memcpy(wrong, text, sizeof wrong);
		wrong[i] = wrong[i] == 'x' ? 'y' : 'x';
		assert_int_equal(key_check(tx->db, wrong, tx->today, &actor, err), -1);
		assert_int_equal(err->code, ERR_UNAUTHENTICATED);
	}
	assert_int_equal(key_check(tx->db, "", tx->today, &actor, err), -1);
	assert_int_equal(key_revoke(tx, key.id, err), 0);
	assert_int_equal(key_check(tx->db, text, tx->today, &actor, err), -1);
	assert_int_equal(key_revoke(tx, key.id, err), -1);
	assert_int_equal(err->code, ERR_NOT_FOUND);
}

static void keys_open_with_what_they_are_pinned_to(struct tx *tx, struct err *err)
{
	static const unsigned char one[SHA256_BYTES] = {1}, two[SHA256_BYTES] = {2},
				   other[SHA256_BYTES] = {3}, none[SHA256_BYTES] = {0};
	static const unsigned char *const shut[] = {NULL, other, none};
	char text[KEY_TEXT];
	struct actor actor;
	struct key_new k;
	struct key key;
	struct org org;

	assert_int_equal(org_find(tx->db, "PORTAL", &org, err), 1);
	assert_int_equal(persons_grant(tx, "PORTAL", ROLE_PORTAL, "anne", err), 0);
	k = asked(&org, "anne");
	k.certificate = one;
	assert_int_equal(key_create(tx, &k, text, &key, err), 0);
	assert_int_equal(key_admit(tx->db, text, one, tx->today, &actor, err), 0);
	for (size_t i = 0; i < sizeof shut / sizeof shut[0]; i++) {
		assert_int_equal(key_admit(tx->db, text, shut[i], tx->today, &actor, err), -1);
		assert_int_equal(err->code, ERR_CERTIFICATE_NEEDED);
		assert_int_equal(actor.key, key.id);
	}
	assert_int_equal(key_check(tx->db, text, tx->today, &actor, err), 0);
	tx->actor.role = ROLE_OPERATOR;
	assert_int_equal(key_pin(tx, key.id, two, &key, err), 0);
	assert_int_equal(key_pin(tx, key.id, other, &key, err), -1);
	assert_int_equal(err->code, ERR_LIMIT);
	assert_int_equal(key_unpin(tx, key.id, one, &key, err), 0);
	assert_memory_equal(key_has_pin(&key, 0), two, sizeof two);
	assert_null(key_has_pin(&key, 1));
	assert_int_equal(key_admit(tx->db, text, one, tx->today, &actor, err), -1);
	assert_int_equal(key_admit(tx->db, text, two, tx->today, &actor, err), 0);
	assert_int_equal(key_unpin(tx, key.id, two, &key, err), 0);
	assert_int_equal(key_admit(tx->db, text, NULL, tx->today, &actor, err), 0);
	assert_int_equal(key_revoke(tx, key.id, err), 0);
	assert_int_equal(key_admit(tx->db, text, NULL, tx->today, &actor, err), -1);
	assert_int_equal(err->code, ERR_UNAUTHENTICATED);
	assert_int_equal(key_pin(tx, key.id, two, &key, err), -1);
	assert_int_equal(err->code, ERR_NOT_FOUND);
}

/* What comes of that grant, decided already. */
static enum err_code give(struct tx *tx, const char *person, const char *at, enum role role, day_t from,
			  day_t to, struct role_grant *g)
{
	struct err err = {0};
	struct person p;
	struct org org;

	assert_int_equal(person_find(tx->db, person, &p, &err), 1);
	assert_int_equal(org_find(tx->db, at, &org, &err), 1);
	*g = (struct role_grant){
		.person = p.id, .org = org.id, .role = role, .valid_from = from, .valid_to = to};
	snprintf(g->granted_by, sizeof g->granted_by, "first-operator");
	if (grant_check(tx->db, &p, &org, g, &err) != 0)
		return err.code;
	assert_int_equal(grant_add(tx, g, &err), 0);
	return ERR_NONE;
}

static void add_person(struct tx *tx, const char *code, const char *at, day_t last)
{
	struct person p = {.valid_from = DAY_NONE, .valid_to = last};
	struct err err = {0};
	struct org org;

	assert_int_equal(org_find(tx->db, at, &org, &err), 1);
	p.org = org.id;
	assert_int_equal(person_add(tx, code, &p, &err), 0);
}

/* A key that ends on that day, DAY_NONE: as its ground does. */
static struct key make_key(struct tx *tx, const char *person, const char *at, enum role role, day_t last,
			   char text[KEY_TEXT])
{
	struct err err = {0};
	struct key_new k;
	struct key key;
	struct org org;

	assert_int_equal(org_find(tx->db, at, &org, &err), 1);
	k = asked(&org, person);
	k.role = role;
	k.expires_on = last;
	assert_int_equal(key_create(tx, &k, text, &key, &err), 0);
	return key;
}

static void opens_until(struct tx *tx, const char *text, day_t last)
{
	struct err err = {0};
	struct actor actor;

	assert_int_equal(key_check(tx->db, text, last, &actor, &err), 0);
	assert_int_equal(key_check(tx->db, text, last + 1, &actor, &err), -1);
	assert_int_equal(err.code, ERR_UNAUTHENTICATED);
}

static void keys_open_to_their_last_day(struct tx *tx, struct err *err)
{
	char text[KEY_TEXT], new[KEY_TEXT];
	day_t t = tx->today;
	struct actor actor;
	struct key key;

	assert_int_equal(persons_grant(tx, "PORTAL", ROLE_PORTAL, "anne", err), 0);
	key = make_key(tx, "anne", "PORTAL", ROLE_PORTAL, t + 3, text);
	opens_until(tx, text, t + 3);
	/* Exchanged, the old one opens for the days of the overlap, and no longer than it would have. */
	assert_int_equal(key_check(tx->db, text, t, &tx->actor, err), 0);
	assert_int_equal(key_rotate(tx, key.id, 1, 1, new, &key, err), 0);
	opens_until(tx, text, t + 1);
	assert_int_equal(key_check(tx->db, new, t + 2, &actor, err), 0);
	key = make_key(tx, "anne", "PORTAL", ROLE_PORTAL, t + 3, text);
	assert_int_equal(key_rotate(tx, key.id, 7, 1, new, &key, err), 0);
	opens_until(tx, text, t + 3);
	assert_int_equal(key_check(tx->db, new, t + 8, &actor, err), 0);
}

#define ISSUER "https://login.region.example"

/* A client's key that is asked for; the refusal, or NONE. */
static enum err_code register_client(struct tx *tx, const char *issuer, const char *subject, int whole,
				     struct key *key)
{
	struct err err = {0};
	char text[KEY_TEXT];
	struct key_new k;
	struct org org;

	assert_int_equal(org_find(tx->db, "FC", &org, &err), 1);
	k = asked(&org, "clerk");
	k.role = ROLE_ACCOUNTANT;
	k.whole = whole;
	k.token_issuer = issuer;
	k.token_subject = subject;
	if (key_create(tx, &k, text, key, &err) != 0)
		return err.code;
	assert_string_equal(text, "");
	return ERR_NONE;
}

static enum err_code opened_by(struct tx *tx, const char *issuer, const char *subject, day_t today,
			       struct actor *actor)
{
	struct err err = {0};

	return key_of_client(tx->db, issuer, subject, NULL, today, actor, &err) == 0 ? ERR_NONE : err.code;
}

static void clients_are_keys_without_a_text(struct tx *tx, struct err *err)
{
	char rest[KEY_TEXT], long_name[TOKEN_NAME_MAX + 2];
	struct role_grant g;
	struct actor actor;
	struct key key, other;
	day_t t = tx->today;

	add_person(tx, "clerk", "FC", t + 9);
	assert_int_equal(give(tx, "clerk", "FC", ROLE_ACCOUNTANT, t, DAY_NONE, &g), ERR_NONE);
	memset(long_name, 'x', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	assert_int_equal(register_client(tx, ISSUER, "", 1, &key), ERR_FIELD_MISSING);
	assert_int_equal(register_client(tx, NULL, "payroll", 1, &key), ERR_FIELD_MISSING);
	assert_int_equal(register_client(tx, ISSUER, long_name, 1, &key), ERR_FIELD_INVALID);
	assert_int_equal(register_client(tx, ISSUER, "pay\nroll", 1, &key), ERR_FIELD_INVALID);

	/* One that was revoked while it waited is out of the way. */
	assert_int_equal(register_client(tx, ISSUER, "payroll", 0, &key), ERR_NONE);
	assert_int_equal(key_revoke(tx, key.id, err), 0);
	/* Of a role of money it waits for a second operator's word, and shows nothing. */
	tx->actor.role = ROLE_OPERATOR;
	snprintf(tx->actor.principal, sizeof tx->actor.principal, "first-operator");
	assert_int_equal(register_client(tx, ISSUER, "payroll", 0, &key), ERR_NONE);
	assert_int_equal(opened_by(tx, ISSUER, "payroll", t, &actor), ERR_UNAUTHENTICATED);
	assert_int_equal(register_client(tx, ISSUER, "payroll", 0, &other), ERR_CLIENT_KNOWN);
	assert_int_equal(key_confirm(tx, key.id, rest, &key, err), -1);
	assert_int_equal(err->code, ERR_SEPARATION_OF_DUTIES);
	snprintf(tx->actor.principal, sizeof tx->actor.principal, "second-operator");
	assert_int_equal(key_confirm(tx, key.id, rest, &key, err), 0);
	assert_string_equal(rest, "");
	assert_int_equal(opened_by(tx, ISSUER, "payroll", t + 9, &actor), ERR_NONE);
	assert_int_equal(actor.key, key.id);
	assert_int_equal(actor.role, ROLE_ACCOUNTANT);
	assert_string_equal(actor.principal, "clerk");
	/* Nobody but that client of that issuer, to the letter, and no longer than the person. */
	assert_int_equal(opened_by(tx, ISSUER "/", "payroll", t, &actor), ERR_UNAUTHENTICATED);
	assert_int_equal(opened_by(tx, ISSUER, "Payroll", t, &actor), ERR_UNAUTHENTICATED);
	assert_int_equal(opened_by(tx, ISSUER, "payroll", t + 10, &actor), ERR_UNAUTHENTICATED);

	/* Revoked, it makes room for the next one. */
	assert_int_equal(register_client(tx, ISSUER, "payroll", 1, &other), ERR_CLIENT_KNOWN);
	assert_int_equal(key_revoke(tx, key.id, err), 0);
	assert_int_equal(opened_by(tx, ISSUER, "payroll", t, &actor), ERR_UNAUTHENTICATED);
	assert_int_equal(register_client(tx, ISSUER, "payroll", 1, &other), ERR_NONE);
	assert_int_equal(opened_by(tx, ISSUER, "payroll", t, &actor), ERR_NONE);
	assert_int_equal(actor.key, other.id);
	/* So it does when it has ended, and the new one counts. */
	assert_int_equal(key_limit(tx, other.person, other.org, other.role, t, err), 0);
	tx->today = t + 1;
	assert_int_equal(opened_by(tx, ISSUER, "payroll", t + 1, &actor), ERR_UNAUTHENTICATED);
	assert_int_equal(register_client(tx, ISSUER, "payroll", 1, &key), ERR_NONE);
	assert_int_equal(opened_by(tx, ISSUER, "payroll", t + 1, &actor), ERR_NONE);
	assert_int_equal(actor.key, key.id);
}

/* Not even one that is named so that its hash is a text's. */
static void clients_are_opened_by_no_text(struct tx *tx, struct err *err)
{
	char text[KEY_TEXT];
	struct role_grant g;
	struct actor actor;
	struct key key;
	int64_t next;
	int n, issuer;

	add_person(tx, "clerk", "FC", DAY_NONE);
	assert_int_equal(give(tx, "clerk", "FC", ROLE_ACCOUNTANT, tx->today, DAY_NONE, &g), ERR_NONE);
	assert_int_equal(key_next(tx->db, &next, err), 0);
	issuer = snprintf(text, sizeof text, "ila_test_%lld_aaaaaaaaaaaaaaaaaaaaaa", (long long)next);
	n = issuer + snprintf(text + issuer, sizeof text - (size_t)issuer, "\nbbbbbbbbbbbbbbbbbbbbbb");
	snprintf(text + n, sizeof text - (size_t)n, "%08x", (unsigned)crc32_of(text, (size_t)n));
	text[issuer] = '\0';
	assert_int_equal(register_client(tx, text, text + issuer + 1, 1, &key), ERR_NONE);
	assert_int_equal(key.id, next);
	text[issuer] = '\n';
	assert_int_equal(key_check(tx->db, text, tx->today, &actor, err), -1);
}

/* There is nothing to exchange: the issuer makes new tokens. */
static void clients_are_not_rotated(struct tx *tx, struct err *err)
{
	char text[KEY_TEXT];
	struct role_grant g;
	struct key key;

	add_person(tx, "clerk", "FC", DAY_NONE);
	assert_int_equal(give(tx, "clerk", "FC", ROLE_ACCOUNTANT, tx->today, DAY_NONE, &g), ERR_NONE);
	assert_int_equal(register_client(tx, ISSUER, "payroll", 1, &key), ERR_NONE);
	tx->actor.role = ROLE_ACCOUNTANT;
	snprintf(tx->actor.principal, sizeof tx->actor.principal, "clerk");
	assert_int_equal(key_rotate(tx, key.id, 1, 1, text, &key, err), -1);
	assert_int_equal(err->code, ERR_FORBIDDEN);
	assert_non_null(strstr(err->text, "is a client's"));
}

static void keys_end_with_their_ground(struct tx *tx, struct err *err)
{
	char text[KEY_TEXT], other[KEY_TEXT];
	day_t t = tx->today;
	struct role_grant g;
	struct actor actor;
	struct person p;

	add_person(tx, "clerk", "FC", DAY_NONE);
	assert_int_equal(give(tx, "clerk", "FC", ROLE_CONTROLLER, t, DAY_NONE, &g), ERR_NONE);
	make_key(tx, "clerk", "FC", ROLE_CONTROLLER, DAY_NONE, text);
	assert_int_equal(key_check(tx->db, text, t + 1000, &actor, err), 0);
	assert_int_equal(grant_end(tx, g.id, t + 7, &g, err), 0);
	opens_until(tx, text, t + 7);
	/* A key that is made now ends no later than the role; sooner, where that was asked for. */
	assert_int_equal(make_key(tx, "clerk", "FC", ROLE_CONTROLLER, DAY_NONE, text).expires_on, t + 7);
	assert_int_equal(make_key(tx, "clerk", "FC", ROLE_CONTROLLER, t + 8, text).expires_on, t + 7);
	assert_int_equal(make_key(tx, "clerk", "FC", ROLE_CONTROLLER, t + 6, text).expires_on, t + 6);
	/* The keys of another role go on, until the person ends. */
	assert_int_equal(give(tx, "clerk", "FC", ROLE_AUDITOR, t, DAY_NONE, &g), ERR_NONE);
	make_key(tx, "clerk", "FC", ROLE_AUDITOR, DAY_NONE, other);
	assert_int_equal(grant_end(tx, g.id, t + 9, &g, err), 0);
	opens_until(tx, text, t + 6);
	opens_until(tx, other, t + 9);
	assert_int_equal(person_end(tx, "clerk", t + 5, &p, err), 0);
	opens_until(tx, text, t + 5);
	opens_until(tx, other, t + 5);
	/* A person that is known to leave may hold a role without an end. */
	add_person(tx, "guest", "FC", t + 4);
	assert_int_equal(give(tx, "guest", "FC", ROLE_AUDITOR, t, DAY_NONE, &g), ERR_NONE);
	assert_int_equal(make_key(tx, "guest", "FC", ROLE_AUDITOR, t + 5, text).expires_on, t + 4);
}

/* Two of controller, authoriser and accountant meet on no day. */
static void duties_follow_each_other(struct tx *tx, struct err *err)
{
	day_t t = tx->today;
	struct role_grant g;

	(void)err;
	add_person(tx, "clerk", "FC", DAY_NONE);
	assert_int_equal(give(tx, "clerk", "FC", ROLE_CONTROLLER, t + 10, t + 19, &g), ERR_NONE);
	assert_int_equal(give(tx, "clerk", "FC", ROLE_AUTHORISER, t, t + 10, &g), ERR_SEPARATION_OF_DUTIES);
	assert_int_equal(give(tx, "clerk", "FC", ROLE_AUTHORISER, t, DAY_NONE, &g), ERR_SEPARATION_OF_DUTIES);
	assert_int_equal(give(tx, "clerk", "FC", ROLE_AUTHORISER, t, t + 9, &g), ERR_NONE);
	assert_int_equal(give(tx, "clerk", "FC", ROLE_ACCOUNTANT, t + 19, DAY_NONE, &g),
			 ERR_SEPARATION_OF_DUTIES);
	assert_int_equal(give(tx, "clerk", "FC", ROLE_ACCOUNTANT, t + 20, DAY_NONE, &g), ERR_NONE);
	assert_int_equal(give(tx, "clerk", "FC", ROLE_AUTHORISER, t + 100, t + 101, &g),
			 ERR_SEPARATION_OF_DUTIES);
}

static void test_last_days(void **state)
{
	(void)state;
	fixture_direct(&f, keys_open_to_their_last_day);
}

static void test_grounds(void **state)
{
	(void)state;
	fixture_direct(&f, keys_end_with_their_ground);
}

static void test_duties(void **state)
{
	(void)state;
	fixture_direct(&f, duties_follow_each_other);
}

/* A person is named by a pseudonym: never by a national number, never by a part of what was asked for. */
static void persons_are_pseudonyms(struct tx *tx, struct err *err)
{
	static const char *const refused[] = {
		"1840675123456", "184067512345678", "ledger", "Ledger", "1-84-06-75-123-456", "", "a person"};
	struct person p;
	struct org org;

	assert_int_equal(org_find(tx->db, "PORTAL", &org, err), 1);
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		p = (struct person){.org = org.id, .valid_from = DAY_NONE, .valid_to = DAY_NONE};
		assert_int_equal(person_add(tx, refused[i], &p, err), -1);
		assert_int_equal(err->code, ERR_FIELD_INVALID);
		assert_string_equal(err->field, "code");
		assert_null(refused[i][0] && i < 2 ? strstr(err->text, refused[i]) : NULL);
	}
	p = (struct person){.org = org.id, .valid_from = DAY_NONE, .valid_to = DAY_NONE};
	assert_int_equal(person_add(tx, "Abcdefghijabcdefghijabcdefghijabcdefghi", &p, err), 0);
	assert_string_equal(p.code, "abcdefghijabcdefghijabcdefghijabcdefghi");
	assert_int_equal(person_add(tx, "ABCDEFGHIJabcdefghijabcdefghijabcdefghi", &p, err), -1);
	assert_int_equal(err->code, ERR_EXISTS);
}

static void test_persons(void **state)
{
	(void)state;
	fixture_direct(&f, persons_are_pseudonyms);
}

static void a_client_is_a_key_without_a_text(void **state)
{
	(void)state;
	fixture_direct(&f, clients_are_keys_without_a_text);
}

static void a_client_is_opened_by_no_text(void **state)
{
	(void)state;
	fixture_direct(&f, clients_are_opened_by_no_text);
}

static void a_client_is_not_rotated(void **state)
{
	(void)state;
	fixture_direct(&f, clients_are_not_rotated);
}

static void test_keys(void **state)
{
	(void)state;
	fixture_direct(&f, keys_open_while_in_force);
	fixture_direct(&f, keys_open_with_what_they_are_pinned_to);
}

static void role_lists_are_parsed(void **state)
{
	unsigned bits;

	(void)state;
	assert_int_equal(roles_parse("funder|authoriser", &bits), 0);
	assert_int_equal(bits, ROLE_BIT(ROLE_FUNDER) | ROLE_BIT(ROLE_AUTHORISER));
	assert_int_equal(roles_parse("funder|", &bits), -1);
	assert_int_equal(roles_parse("|funder", &bits), -1);
	assert_int_equal(roles_parse("king", &bits), -1);
	assert_int_equal(roles_parse("ledger", &bits), -1);
}

static const char *sample(const char *name)
{
	static char *plain;
	char file[96];

	if (strcmp(name, "cpf-2026-plain") == 0) {
		plain = plain != NULL ? plain : fixture_rules_text(FIXTURE_SAMPLE);
		return plain;
	}
	snprintf(file, sizeof file, "ledger/rules/samples/%s.json", name);
	for (const struct embedded *e = embedded_files; e->name != NULL; e++)
		if (strcmp(e->name, file) == 0)
			return e->text;
	fail_msg("no sample %s", name);
	return NULL;
}

static int import(struct tx *tx, const char *from, const char *to, enum upsert *done, struct err *err)
{
	static char text[8192];
	const char *cpf = sample("cpf-2026-plain"), *at = strstr(cpf, from);

	assert_non_null(at);
	snprintf(text, sizeof text, "%.*s%s%s", (int)(at - cpf), cpf, to, at + strlen(from));
	memset(err, 0, sizeof *err);
	return rule_enact(tx, text, strlen(text), done, err);
}

static void rule_versions_stand_beside_each_other(struct tx *tx, struct err *err)
{
	const struct rule *rule, *again;
	enum upsert done;

	assert_int_equal(import(tx, "\"2026\"", "\"2026\"", &done, err), 0);
	assert_int_equal(done, UPSERT_UNCHANGED);
	assert_int_equal(import(tx, "10320", "10321", &done, err), -1);
	assert_int_equal(err->code, ERR_VERSION_USED);
	assert_int_equal(import(tx, "\"2026\"", "\"2026b\"", &done, err), -1);
	assert_int_equal(err->code, ERR_RULE_OVERLAP);
	assert_int_equal(rule_on(tx->db, "cpf", tx->today, &rule, err), 0);
	assert_int_equal(rule->copay_flat, 10320);
	assert_int_equal(rule_get(tx->db, rule->id, &again, err), 0);
	assert_ptr_equal(rule, again);
	assert_int_equal(rule_on(tx->db, "cpf", tx->today - 10, &rule, err), -1);
	assert_int_equal(err->code, ERR_NO_RULE);
	assert_non_null(strstr(err->text, "2026 (2026-01-01 to 2026-02-25)"));
}

/* The document with one member changed, all its figures with it where a digit is put before: refused so. */
static void refuse_changed(struct tx *tx, const char *text, const char *from, const char *to,
			   enum err_code code, struct err *err)
{
	const char *at = strstr(text, from);
	char changed[8192];
	enum upsert done;

	assert_non_null(at);
	snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	memset(err, 0, sizeof *err);
	assert_int_equal(rule_enact(tx, changed, strlen(changed), &done, err), -1);
	assert_int_equal(err->code, code);
	memset(err, 0, sizeof *err);
}

/* cpf is in force to the last day of 2026. */
static void rule_versions_leave_no_day_between(struct tx *tx, struct err *err)
{
	static const char head[] =
		"{\"programme\": \"cpf\", \"version\": \"2027\", \"valid_from\": \"2027-01-0%d\", "
		"\"valid_to\": \"2027-12-31\",%s";
	const char *rest = strstr(sample("cpf-2026-plain"), "\"currency\"");
	char text[8192];
	enum upsert done;

	snprintf(text, sizeof text, head, 2, rest);
	assert_int_equal(rule_enact(tx, text, strlen(text), &done, err), -1);
	assert_int_equal(err->code, ERR_RULE_GAP);
	assert_non_null(strstr(err->text, "ends on 2026-12-31; version 2027 would begin on 2027-01-02."));
	snprintf(text, sizeof text, head, 1, rest);
	refuse_changed(tx, text, "\"unspent\": \"pool\"", "\"unspent\": \"funder\"", ERR_FUND_DIFFERS, err);
	refuse_changed(tx, text, "\"ae\": ", "\"ae\": 1", ERR_BUDGET_VOTED, err);
	refuse_changed(tx, text, "\"cp\": 200000000000}]",
		       "\"cp\": 200000000000}], \"over_budget\": \"alert\"", ERR_FUND_DIFFERS, err);
	assert_int_equal(rule_enact(tx, text, strlen(text), &done, err), 0);
	assert_int_equal(rule_enact(tx, sample("skillsfuture"), strlen(sample("skillsfuture")), &done, err),
			 -1);
	assert_string_equal(err->field, "currency");
	/* One ledger, one zone. */
	assert_int_equal(
		rule_enact(tx, sample("bildungsgutschein"), strlen(sample("bildungsgutschein")), &done, err),
		-1);
	assert_int_equal(err->code, ERR_FIELD_INVALID);
	assert_string_equal(err->field, "time_zone");
	assert_string_equal(err->text,
			    "The programme counts its days in Europe/Berlin, this ledger in Europe/Paris. "
			    "Name the ledger's zone, or keep the programme in a ledger of its own (ila init "
			    "--zone Europe/Berlin).");
}

static void test_rule_gaps(void **state)
{
	(void)state;
	fixture_direct(&f, rule_versions_leave_no_day_between);
}

static void every_fault_of_a_document_is_named(void **state)
{
	static struct rule_faults faults;
	static struct rule_funds funds;
	struct rule rule;
	static const char bad[] = "{\"programme\": \"p\", \"colour\": 1,\n\"deadlines\": 3,\n"
				  "\"funds\": [{\"fund\": 1},\n{\"fund\": \"f\"}]}";
	static const char *const fields[] = {"colour",     "version",       "drawdown",       "deadlines",
					     "completion", "funds[0].fund", "funds[1].funder"};

	(void)state;
	rule_file_check(bad, strlen(bad), &rule, &funds, &faults);
	for (size_t i = 0; i < faults.count && i < sizeof fields / sizeof fields[0]; i++)
		assert_string_equal(faults.fault[i].field, fields[i]);
	assert_int_equal(faults.count, sizeof fields / sizeof fields[0]);
	for (const struct embedded *e = embedded_files; e->name != NULL; e++) {
		if (strstr(e->name, ".json") == NULL)
			continue;
		rule_file_check(e->text, strlen(e->text), &rule, &funds, &faults);
		if (faults.count != 0)
			fail_msg("%s: %s", e->name, faults.fault[0].text);
	}
}

static void test_rules(void **state)
{
	(void)state;
	fixture_direct(&f, rule_versions_stand_beside_each_other);
}

/* Each change of the sample makes a document that is refused, naming the member. */
static void rule_documents_are_checked(void **state)
{
	static const struct {
		const char *from, *to, *field;
	} cases[] = {
		{"\"calendar\": \"FR\"", "\"calendar\": \"MARS\"", "calendar"},
		{"Europe/Paris", "Mars/Olympus", "time_zone"},
		{"2026-02-25", "2025-02-25", "valid_to"},
		{"2026-02-25", "2026-02-30", "valid_to"},
		{"\"annual\": 50000", "\"annual\": 500.00", "accrual.annual"},
		{"\"annual\": 50000", "\"annual\": -1", "accrual.annual"},
		{"\"annual\": 50000", "\"anual\": 50000", "accrual.anual"},
		{"cpf-arrete-2020", "first-come", "drawdown.preset"},
		{"\"withdraw_days\": 14,", "", "deadlines.withdraw_days"},
		{"{\"from\": 25", "{\"from\": 0", "completion.pay_curve[1].from"},
		{"\"rate\"", "\"half\"", "completion.pay_curve[1].pay"},
		{"\"notional\"", "\"imaginary\"", "funds[0].nature"},
		{"\"pool\"", "\"gone\"", "funds[0].unspent"},
		{"\"class\": \"law\"", "\"class\": \"The Law\"", "funds[0].class"},
		{"{\"year\": 2026", "{\"year\": 26", "funds[0].budget[0].year"},
		{"\"cp\": 200000000000}]", "\"cp\": 200000000000}], \"carry\": \"keep\"", "funds[0].carry"},
		{"\"bank_account\": \"CDC-COPAY\"", "\"carry\": \"cancel\"", "funds[1].carry"},
		{"\"cp\": 200000000000}]", "\"cp\": 200000000000}], \"over_budget\": \"shout\"",
		 "funds[0].over_budget"},
		{"\"bank_account\": \"CDC-COPAY\"", "\"over_budget\": \"alert\"", "funds[1].over_budget"},
		{"\"programme\": \"cpf\",", "", "programme"},
		{"\"currency\": \"EUR\"", "\"currency\": \"EUX\"", "currency"},
		{"\"flat\": 10320", "\"flat\": 10320, \"pct\": 50", "copay.pct"},
		{"\"flat\": 10320", "\"pct\": 101", "copay.pct"},
		{"\"annual\": 50000", "\"annual\": 50000, \"valid_months\": 0.5", "accrual.valid_months"},
		{"\"first_year\": 2015", "\"first_year\": 1815", "accrual.first_year"},
		{"\"first_year\": 2015", "\"first_year\": 2115", "accrual.first_year"},
		{"\"first_year\": 2015", "\"in_advance\": 1", "accrual.in_advance"},
		{"\"copay\": {", "\"caps\": [{\"repertoire\": \"RS\"}], \"copay\": {", "caps[0].max"},
		{"\"copay\": {", "\"caps\": [{\"repertoire\": \"X\", \"max\": 1}], \"copay\": {",
		 "caps[0].repertoire"},
		{"\"copay\": {", "\"caps\": [{\"max\": 1}], \"copay\": {", "caps[0].repertoire"},
		{"\"copay\": {", "\"caps\": [{\"action_type\": \"dance\", \"max\": 1}], \"copay\": {",
		 "caps[0].action_type"},
		{"\"copay\": {",
		 "\"caps\": [{\"repertoire\": \"RS\", \"max\": 1, \"once_in_years\": 5}], \"copay\": {",
		 "caps[0].once_in_years"},
		{"\"copay\": {",
		 "\"caps\": [{\"repertoire\": \"RS\", \"max\": 1, \"third_party_min\": 5}], \"copay\": {",
		 "caps[0].third_party_min"},
		{"\"copay\": {",
		 "\"caps\": [{\"repertoire\": \"RS\", \"max\": 1, \"third_party_exempt\": [\"a\"]}], \"copay\": {",
		 "caps[0].third_party_exempt"},
		{"\"untitled\": [\"skills_assessment\"", "\"untitled\": [\"training\"", "untitled"},
		{"\"raised_for\": [\"low_qualified\"", "\"raised_for\": [\"tall\"", "accrual.raised_for"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *cpf = sample("cpf-2026-plain"), *at = strstr(cpf, cases[i].from);
		struct err err = {0};
		struct rule rule;
		char text[8192];

		assert_non_null(at);
		snprintf(text, sizeof text, "%.*s%s%s", (int)(at - cpf), cpf, cases[i].to,
			 at + strlen(cases[i].from));
		if (rule_parse(text, strlen(text), &rule, &err) == 0)
			fail_msg("accepted: %s", cases[i].to);
		if (strstr(err.field, cases[i].field) == NULL)
			fail_msg("%s: named \"%s\": %s", cases[i].to, err.field, err.text);
	}
}

/* cpf-2026 with n members put into one of its lists; '#' becomes the member's number. */
static enum err_code with_list(const char *from, const char *member, int n)
{
	const char *cpf = sample("cpf-2026-plain"), *at = strstr(cpf, from);
	struct err err = {0};
	struct rule rule;
	struct buf text;
	int rc;

	assert_non_null(at);
	buf_init(&text, 4 * RULE_BYTES_MAX);
	buf_add(&text, cpf, (size_t)(at - cpf));
	for (int i = 0; i < n; i++)
		for (const char *c = member; *c != '\0'; c++) {
			if (*c == '#')
				buf_format(&text, "%02d", i);
			else
				buf_char(&text, *c);
		}
	buf_text_add(&text, at);
	rc = rule_parse(buf_text(&text), text.len, &rule, &err);
	buf_free(&text);
	return rc == 0 ? ERR_NONE : err.code;
}

static void every_list_of_a_rule_has_a_limit(void **state)
{
	(void)state;
	assert_int_equal(with_list("\"law\", \"corrective\"", "\"c#\", ", CLASSES_MAX - 10), ERR_NONE);
	assert_int_equal(with_list("\"law\", \"corrective\"", "\"c#\", ", CLASSES_MAX - 9), ERR_LIMIT);
	assert_int_equal(
		with_list("{\"year\": 2026", "{\"year\": 20#, \"ae\": 1, \"cp\": 1}, ", BUDGET_YEARS_MAX - 1),
		ERR_NONE);
	assert_int_equal(
		with_list("{\"year\": 2026", "{\"year\": 20#, \"ae\": 1, \"cp\": 1}, ", BUDGET_YEARS_MAX),
		ERR_LIMIT);
	assert_int_equal(with_list("{\"from\": 25", "{\"from\": 1#, \"pay_pct\": 5}, ", CURVE_MAX),
			 ERR_LIMIT);
	assert_int_equal(
		with_list("{\n\t\t\t\"fund\": \"cpf-copay\"",
			  "{\"fund\": \"f#\", \"funder\": \"F\", \"class\": \"c\", \"nature\": \"cash\", "
			  "\"unspent\": \"pool\"}, ",
			  FUNDS_PER_RULE_MAX - 1),
		ERR_LIMIT);
	/* The document as a whole. */
	assert_int_equal(with_list("\"title\"",
				   "                                                                ",
				   RULE_BYTES_MAX / 64),
			 ERR_LIMIT);
}

static void a_learner_holds_so_many_lots_and_no_more(struct tx *tx, struct err *err)
{
	struct lot lot = {.learner = 1, .fund = 1, .credited_on = tx->today};

	for (int i = 0; i < LOTS_MAX; i++) {
		lot.expires_on = tx->today + i;
		assert_int_equal(lot_open(tx, &lot, err), 0);
	}
	lot.expires_on = tx->today + LOTS_MAX;
	assert_int_equal(lot_open(tx, &lot, err), -1);
	assert_int_equal(err->code, ERR_LIMIT);
	lot.expires_on = tx->today;
	assert_int_equal(lot_open(tx, &lot, err), 0); /* one that is there */
}

static void test_lots(void **state)
{
	(void)state;
	fixture_direct(&f, a_learner_holds_so_many_lots_and_no_more);
}

static void the_pay_curve_pays(void **state)
{
	const char *cpf = sample("cpf-2026-plain");
	struct err err = {0};
	struct rule rule;

	(void)state;
	assert_int_equal(rule_parse(cpf, strlen(cpf), &rule, &err), 0);
	assert_int_equal(rule_pay(&rule, 100000, 0, 0), 25000);
	assert_int_equal(rule_pay(&rule, 100000, 24, 0), 25000);
	assert_int_equal(rule_pay(&rule, 100000, 25, 0), 25000);
	assert_int_equal(rule_pay(&rule, 100000, 26, 0), 26000);
	assert_int_equal(rule_pay(&rule, 100000, 79, 0), 79000);
	assert_int_equal(rule_pay(&rule, 100000, 80, 0), 100000);
	assert_int_equal(rule_pay(&rule, 100000, 100, 0), 100000);
	assert_int_equal(rule_pay(&rule, 100000, 80, 1), 80000);
	assert_int_equal(rule_pay(&rule, 100000, 0, 1), 0);
	assert_int_equal(rule_pay(&rule, 99, 33, 1), 33);
	/* A half goes up: 999.99 at 33 % is 329.9967, 0.50 at 25 % is 0.125. */
	assert_int_equal(rule_pay(&rule, 99999, 33, 1), 33000);
	assert_int_equal(rule_pay(&rule, 50, 25, 1), 13);
	assert_int_equal(rule_pay(&rule, 49, 25, 1), 12);
}

static void funds_carry_what_is_left_where_the_rule_says_so(void **state)
{
	const char *branch = sample("branch-agreement"), *cpf = sample("cpf-2026-plain");
	struct err err = {0};
	struct rule rule;

	(void)state;
	assert_int_equal(rule_parse(branch, strlen(branch), &rule, &err), 0);
	assert_int_equal(rule_carries(&rule, "branch-metal-2026"), 1);
	assert_int_equal(rule_carries(&rule, "cpf-law"), 0);
	assert_int_equal(rule_parse(cpf, strlen(cpf), &rule, &err), 0);
	assert_int_equal(rule_carries(&rule, "cpf-law"), 0);
}

static void accruals_follow_time_and_qualification(void **state)
{
	const char *cpf = sample("cpf-2026-plain");
	struct learner l = {.work_pct = 100};
	struct err err = {0};
	struct rule rule;

	(void)state;
	assert_int_equal(rule_parse(cpf, strlen(cpf), &rule, &err), 0);
	assert_int_equal(accrual_expected(&rule, &l), 50000);
	l.work_pct = 50; /* half time earns the whole (R6323-1) */
	assert_int_equal(accrual_expected(&rule, &l), 50000);
	l.work_pct = 49;
	assert_int_equal(accrual_expected(&rule, &l), 24500);
	l.low_qualified = 1;
	assert_int_equal(accrual_expected(&rule, &l), 39200);
	l.work_pct = 100;
	assert_int_equal(accrual_expected(&rule, &l), 80000);
}

static void accruals_stop_at_the_cap_and_run_once(struct tx *tx, struct err *err)
{
	int64_t before, after;
	struct fund fund;

	assert_int_equal(fund_find(tx->db, "cpf-law", &fund, err), 1);
	for (int year = 2015; year <= 2025; year++) {
		struct accrual_run run = {.finished = 0};
		int64_t learners = 0, amount = 0, lost = 0;

		while (!run.finished) {
			assert_int_equal(accrual_go_on(tx, "cpf", year, 4, &run, err), 0);
			learners += run.learners;
			amount += run.amount;
			lost += run.lost;
		}
		assert_int_equal(learners, 9);
		/* 500.00 a year to 5,000.00: the eleventh year gives nothing. */
		assert_int_equal(amount, year < 2025 ? 9 * 50000 : 0);
		assert_int_equal(lost, year < 2025 ? 0 : 9 * 50000);
	}
	assert_int_equal(balance_of_kind(tx->db, fund.id, K_UNFUNDED, &before, err), 0);
	assert_int_equal(before, 9 * 500000);
	for (int year = 2015; year <= 2025; year++) {
		struct accrual_run run;

		assert_int_equal(accrual_go_on(tx, "cpf", year, 100, &run, err), 0);
		assert_int_equal(run.amount, 0);
	}
	assert_int_equal(balance_of_kind(tx->db, fund.id, K_UNFUNDED, &after, err), 0);
	assert_int_equal(after, before);
}

static void test_accrual(void **state)
{
	(void)state;
	fixture_direct(&f, accruals_stop_at_the_cap_and_run_once);
}

static void credit(struct tx *tx, const char *fund_code, day_t expires_on, int64_t amount)
{
	struct err err = {0};
	struct fund fund;
	struct lot lot = {.learner = 1, .expires_on = expires_on, .credited_on = tx->today};
	struct entry e;

	assert_int_equal(fund_find(tx->db, fund_code, &fund, &err), 1);
	lot.fund = fund.id;
	assert_int_equal(lot_open(tx, &lot, &err), 0);
	entry_begin(&e, "test", tx->today);
	entry_transfer(&e, fund.id, K_UNFUNDED, 0, K_AVAILABLE, lot.id, lot.id, amount);
	assert_int_equal(journal_post(tx, &e, &err), 0);
}

static void accrue_first_learner(struct tx *tx, int year, int64_t granted, int64_t lost)
{
	struct err err = {0};
	struct accrual_run run;

	assert_int_equal(accrual_go_on(tx, "cpf", year, 1, &run, &err), 0);
	assert_int_equal(run.learners, 1);
	assert_int_equal(run.amount, granted);
	assert_int_equal(run.lost, lost);
}

/* The cap counts what the fund gave and no other; a right goes to the lot that never ends. */
static void other_lots_neither_receive_nor_count(struct tx *tx, struct err *err)
{
	struct lot lots[LOTS_MAX];
	size_t n;

	credit(tx, "cpf-law", tx->today + 30, 430000);
	credit(tx, "branch-metal-2026", DAY_NONE, 900000);
	accrue_first_learner(tx, 2023, 50000, 0);
	accrue_first_learner(tx, 2024, 20000, 30000);
	accrue_first_learner(tx, 2025, 0, 50000);
	assert_int_equal(lot_list(tx->db, 1, lots, &n, err), 0);
	assert_int_equal(n, 3);
	assert_int_equal(lots[0].balance, 430000);
	assert_int_equal(lots[1].balance, 900000);
	assert_int_equal(lots[2].expires_on, DAY_NONE);
	assert_int_equal(lots[2].balance, 70000);
}

static void test_accrual_lots(void **state)
{
	(void)state;
	fixture_direct(&f, other_lots_neither_receive_nor_count);
}

/* A lot that was just made has no account yet, and after its first posting it has one. */
static void a_new_lot_is_credited_twice(struct tx *tx, struct err *err)
{
	struct lot lots[LOTS_MAX];
	size_t n;

	for (int i = 0; i < 2; i++)
		credit(tx, "cpf-law", DAY_NONE, 100);
	assert_int_equal(lot_list(tx->db, 1, lots, &n, err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(lots[0].balance, 200);
}

static void test_new_lot(void **state)
{
	(void)state;
	fixture_direct(&f, a_new_lot_is_credited_twice);
}

static void what_a_learner_keeps_is_kept(struct tx *tx, struct err *err)
{
	struct learner first = {.programme = "cpf",
				.portal = 4,
				.work_pct = 100,
				.status = "employee",
				.sex = "F",
				.region = "53",
				.active_from = tx->today,
				.closed_on = tx->today + 9};
	struct learner l = {
		.programme = "cpf", .work_pct = 50, .active_from = tx->today, .closed_on = DAY_NONE};
	struct learner stored;
	int64_t last = 0;
	enum upsert done;

	snprintf(first.code, sizeof first.code, "KEPT");
	snprintf(l.code, sizeof l.code, "KEPT");
	assert_int_equal(db_int(tx->db, "SELECT max(id) FROM learner", NO_VALS, &last, err), 1);
	assert_int_equal(learner_upsert(tx, &first, 0, &done, err), 0);
	assert_int_equal(done, UPSERT_CREATED);
	assert_int_equal(first.id, last + 1);
	assert_int_equal(learner_upsert(tx, &l, KEEP_STATUS | KEEP_REGION | KEEP_CLOSED, &done, err), 0);
	assert_int_equal(done, UPSERT_UPDATED);
	assert_int_equal(l.id, first.id);
	assert_int_equal(learner_find(tx->db, "KEPT", &stored, err), 1);
	assert_string_equal(stored.status, "employee");
	assert_string_equal(stored.region, "53");
	assert_int_equal(stored.closed_on, tx->today + 9);
	assert_string_equal(stored.sex, "");
	assert_int_equal(stored.portal, 0);
	assert_int_equal(stored.work_pct, 50);
	assert_int_equal(learner_upsert(tx, &l, 0, &done, err), 0);
	assert_int_equal(done, UPSERT_UNCHANGED);
	/* Those who were known already took no number. */
	snprintf(l.code, sizeof l.code, "NEXT");
	assert_int_equal(learner_upsert(tx, &l, 0, &done, err), 0);
	assert_int_equal(l.id, first.id + 1);
}

static void test_learner(void **state)
{
	(void)state;
	fixture_direct(&f, what_a_learner_keeps_is_kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(f, test_accreditations),
		WITH_FIXTURE(f, test_certifications),
		WITH_FIXTURE(f, test_rights),
		WITH_FIXTURE(f, test_changes),
		WITH_FIXTURE(f, test_keys),
		WITH_FIXTURE(f, a_client_is_a_key_without_a_text),
		WITH_FIXTURE(f, a_client_is_opened_by_no_text),
		WITH_FIXTURE(f, a_client_is_not_rotated),
		WITH_FIXTURE(f, test_last_days),
		WITH_FIXTURE(f, test_grounds),
		WITH_FIXTURE(f, test_duties),
		WITH_FIXTURE(f, test_persons),
		cmocka_unit_test(role_lists_are_parsed),
		WITH_FIXTURE(f, test_rules),
		WITH_FIXTURE(f, test_rule_gaps),
		cmocka_unit_test(every_fault_of_a_document_is_named),
		cmocka_unit_test(rule_documents_are_checked),
		cmocka_unit_test(every_list_of_a_rule_has_a_limit),
		WITH_FIXTURE(f, test_lots),
		cmocka_unit_test(the_pay_curve_pays),
		cmocka_unit_test(funds_carry_what_is_left_where_the_rule_says_so),
		cmocka_unit_test(accruals_follow_time_and_qualification),
		WITH_FIXTURE(f, test_accrual),
		WITH_FIXTURE(f, test_accrual_lots),
		WITH_FIXTURE(f, test_new_lot),
		WITH_FIXTURE(f, test_learner),
	};

	return cmocka_run_group_tests_name("registers/registers", tests, NULL, NULL);
}
