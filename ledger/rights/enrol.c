#include "ledger/rights/enrol.h"

#include <string.h>

#include "ledger/base/check.h"
#include "ledger/oversight/conflict.h"
#include "ledger/registers/programme.h"

int enrol_check_pseudonym(const char *text, const char *field, struct err *err)
{
	if (check_pseudonym(text))
		return 0;
	return err_set(
		err, ERR_FIELD_INVALID, field,
		"This is no pseudonym (it is not repeated here): 1 to %d letters, digits and _.:/-, and never a "
		"national number.",
		CODE_MAX);
}

/* A programme nobody has imported is a slip of the pen: its learners could never spend anything. */
static int check_programme(struct tx *tx, const struct learner *l, struct err *err)
{
	char account[CODE_MAX + 1];
	int rc = programme_account(tx->db, l->programme, account, err);

	if (rc == 0)
		return err_set(err, ERR_UNKNOWN_REFERENCE, "programme",
			       "No programme %s is known: import programmes first.", l->programme);
	if (rc < 0)
		return -1;
	if (strcmp(account, l->programme) != 0)
		return err_set(err, ERR_FIELD_INVALID, "programme",
			       "Programme %s has no accounts of its own: it tops up those of %s.",
			       l->programme, account);
	return 0;
}

static int find_portal(struct tx *tx, const char *code, int64_t *id, struct err *err)
{
	int rc;

	*id = 0;
	if (code[0] == '\0')
		return 0;
	rc = org_in_role(tx->db, code, ROLE_PORTAL, id, err);
	if (rc == 0)
		return err_set(
			err, ERR_UNKNOWN_REFERENCE, "portal",
			"No organisation %s with the role portal is known: import organisations first.",
			code);
	return rc < 0 ? -1 : 0;
}

int enrol(struct tx *tx, struct learner *l, const char *portal, unsigned keep, enum upsert *done,
	  struct err *err)
{
	if (check_programme(tx, l, err) != 0)
		return -1;
	if ((keep & KEEP_PORTAL) == 0 && find_portal(tx, portal, &l->portal, err) != 0)
		return -1;
	if (learner_upsert(tx, l, keep, done, err) != 0)
		return -1;
	return *done == UPSERT_UPDATED ? conflict_refuse(tx, l->id, err) : 0;
}
