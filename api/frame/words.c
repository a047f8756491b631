#include "api/frame/words.h"

#include "ledger/registers/org.h"

const struct member move_gives[] = {
	{"move", M_NUMBER, IN(struct move_told, move)},
	{"seq", M_NUMBER, IN(struct move_told, seq)},
	{"booked_at", M_INSTANT, IN(struct move_told, booked_at)},
	{"value_date", M_DAY, IN(struct move_told, value_date), .flags = M_NULL},
	{"kind", M_STRING, IN(struct move_told, kind)},
	{"amount", M_AMOUNT, IN(struct move_told, amount)},
	{"balance", M_AMOUNT, IN(struct move_told, balance)},
	MEMBERS_END,
};

void move_tell(struct action_call *c, const struct movement *m, size_t n, struct move_told *rows)
{
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct move_told){.move = m[i].move,
					     .seq = m[i].seq,
					     .booked_at = m[i].booked_at,
					     .value_date = m[i].value_date,
					     .kind = call_keep(c, m[i].kind),
					     .amount = m[i].amount,
					     .balance = m[i].balance};
}

int metadata_well(const struct metadata *m, struct err *err)
{
	return metadata_check(m, "external_reference", err);
}

int metadata_tell(struct db *db, struct action_call *c, enum metadata_kind kind, int64_t subject,
		  enum metadata_side side, struct metadata_told *told, struct err *err)
{
	char reference[CODE_MAX + 1];
	struct buf pairs;
	int rc;

	buf_init(&pairs, METADATA_TEXT_MAX);
	rc = metadata_read(db, kind, subject, side, reference, &pairs, err);
	told->reference = rc == 1 ? call_keep(c, reference) : "";
	told->pairs = rc == 1 ? call_keep(c, buf_text(&pairs)) : "";
	buf_free(&pairs);
	return rc < 0 ? -1 : 0;
}

const char *word_of_role(int value)
{
	return value >= ROLE__MAX ? 0 : value == ROLE_NONE ? "" : role_name((enum role)value);
}

const char *word_of_decision(int value)
{
	if (value >= DECISION__MAX)
		return NULL;
	return value < DECISION_PROPOSED ? "" : decision_state_name((enum decision_state)value);
}

const char *decision_told(enum decision_state state)
{
	static const char *const told[DECISION__MAX] = {
		[DECISION_PROPOSED] = "awaits confirmation by a second person",
		[DECISION_AGREED] = "is agreed",
		[DECISION_IN_FORCE] = "is in force",
		[DECISION_WITHDRAWN] = "is withdrawn",
	};

	return told[state];
}

void say_replaced(FILE *out, const struct decision_replaced *r)
{
	if (r->number != 0)
		fprintf(out, "; proposal %lld, by %s, is withdrawn", (long long)r->number, r->proposed_by);
}
