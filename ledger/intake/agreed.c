#include "ledger/intake/agreed.h"

#include <string.h>

#include "ledger/oversight/role_decide.h"
#include "ledger/treasury/cash.h"

static const char import_word[] = "import";

static const struct decision_kind by_operators = {import_word, ROLE_BIT(ROLE_OPERATOR),
						  ROLE_BIT(ROLE_OPERATOR), 0};

static const struct {
	const char *name;
	int is_public;                    /* a register that somebody else publishes */
	const struct decision_kind *like; /* its two sides are those of that decision */
} kinds[] = {
	{"organisations", 0, &by_operators},     {"bank_accounts", 0, &by_operators},
	{"programmes", 0, &by_operators},        {"certifications", 1, &by_operators},
	{"partners", 1, &by_operators},          {"providers", 1, &by_operators},
	{"contributions", 0, &decision_on_cash},
};

static int place_of(const char *name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return (int)i;
	return -1;
}

int agreed_needed(const char *name)
{
	return place_of(name) >= 0;
}

void agreed_sides(const char *name, unsigned *roles, unsigned *second)
{
	int i = place_of(name);

	*roles = i >= 0 ? kinds[i].like->roles : 0;
	*second = i >= 0 ? kinds[i].like->second : 0;
}

/* The last word on these bytes, of that kind; 1, 0 nobody has spoken, -1. */
static int last_word(struct db *db, const struct agreed_file *f, struct decision *d, struct err *err)
{
	char subject[SHA256_HEX], of_kind[REASON_MAX + 1];
	size_t n = 0;

	memset(d, 0, sizeof *d);
	if (decision_list(db, import_word, sha256_hex(f->hash, subject), INT64_MAX, 1, d, sizeof *d, &n,
			  err) != 0)
		return -1;
	if (n == 0)
		return 0;
	decision_text(d, "kind", of_kind, sizeof of_kind);
	return strcmp(of_kind, f->kind) == 0 && d->state != DECISION_WITHDRAWN;
}

/* As the first has said it, where the second says nothing. */
static const char *origin_of(const struct agreed_file *f, const struct decision *d, int known,
			     char out[ORIGIN_MAX + 1])
{
	if (f->origin[0] != '\0' || !known)
		return f->origin;
	decision_text(d, "origin", out, ORIGIN_MAX + 1);
	return out;
}

static int is_said(const struct agreed_file *f, const struct decision *d)
{
	char origin[ORIGIN_MAX + 1];

	decision_text(d, "origin", origin, sizeof origin);
	return f->origin[0] == '\0' || strcmp(f->origin, origin) == 0;
}

int agreed_ask(struct tx *tx, const struct agreed_file *f, struct decision *d, struct err *err)
{
	int known = last_word(tx->db, f, d, err);

	if (known < 0)
		return -1;
	if (known && is_said(f, d)) {
		if (d->state == DECISION_IN_FORCE)
			return 1;
		if (strcmp(d->proposed_by, tx->actor.principal) != 0)
			return person_can(tx->db, d->proposed_by, (enum role)d->proposed_role, tx->today,
					  err);
	}
	if (!known && kinds[place_of(f->kind)].is_public && f->origin[0] == '\0')
		return err_set(
			err, ERR_FIELD_MISSING, "origin",
			"Say where this file of a public register was fetched: its publisher's address.");
	return 0;
}

/* roles: of one of the two sides. */
static int say(struct tx *tx, const struct agreed_file *f, unsigned roles, struct decision *d,
	       struct err *err)
{
	const struct decision_kind kind = {import_word, roles, kinds[place_of(f->kind)].like->second, 0};
	char subject[SHA256_HEX], before[ORIGIN_MAX + 1];
	const char *origin;
	int known = last_word(tx->db, f, d, err);

	if (known < 0 || (known && is_said(f, d) && d->state == DECISION_IN_FORCE))
		return known;
	origin = origin_of(f, d, known, before);
	sha256_hex(f->hash, subject);
	return decision_take(tx, &kind, subject,
			     (struct content[]){{"kind", v_text(f->kind)},
						{"origin", origin[0] != '\0' ? v_text(origin) : v_null()},
						{"sha256", v_text(subject)}},
			     3, d, err);
}

int agreed_say(struct tx *tx, const struct agreed_file *f, struct decision *d, struct err *err)
{
	return say(tx, f, kinds[place_of(f->kind)].like->roles, d, err);
}

struct saying {
	const struct agreed_file *f;
	struct decision *d;
};

static int say_as_one(struct tx *tx, void *arg, struct err *err)
{
	struct saying *s = arg;

	return say(tx, s->f, ROLE_BIT(ROLE_OPERATOR), s->d, err);
}

int agreed_by_both(struct tx *tx, const struct agreed_file *f, struct decision *d, struct err *err)
{
	return role_by_first(tx, say_as_one, &(struct saying){f, d}, err);
}
