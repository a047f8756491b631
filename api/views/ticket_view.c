#include "api/views/ticket_view.h"

#include "ledger/voucher/voucher.h"

const struct member ticket_members[] = {
	{"ticket", M_UUID, IN(struct ticket_view, ticket)},
	{"number", M_NUMBER, IN(struct ticket_view, number)},
	{"state", M_STRING, IN(struct ticket_view, state)},
	{"rank", M_NUMBER, IN(struct ticket_view, rank), .flags = M_NULL, .absent = -1},
	{"voucher", M_UUID, IN(struct ticket_view, voucher), .flags = M_NULL},
	{"refusal", M_STRING, IN(struct ticket_view, refusal), .flags = M_NULL},
	{"collected", M_FLAG, IN(struct ticket_view, collected)},
	{"learner", M_STRING, IN(struct ticket_view, learner)},
	{"course", M_STRING, IN(struct ticket_view, course)},
	{"session_start", M_DAY, IN(struct ticket_view, session_start), .flags = M_NULL},
	{"programme", M_STRING, IN(struct ticket_view, programme)},
	{"version", M_STRING, IN(struct ticket_view, version)},
	{"drawn_on", M_DAY, IN(struct ticket_view, drawn_on), .flags = M_NULL},
	{"seed_hash", M_STRING, IN(struct ticket_view, seed_hash)},
	METADATA_GIVES(struct ticket_view, noted),
	LIVEMODE,
	MEMBERS_END,
};

/* Its voucher, by the name it has outside. */
static int fill_voucher(struct db *db, const struct ticket *t, struct ticket_view *out, struct err *err)
{
	return t->voucher != 0 ? voucher_name(db, t->voucher, &out->voucher, err) : 0;
}

int ticket_view(struct db *db, const struct ticket *t, struct action_call *c, struct ticket_view *out,
		struct err *err)
{
	const struct rule *rule;
	struct learner learner;
	struct course course;
	struct draw draw;
	char hex[SHA256_HEX];

	members_clear(ticket_members, out);
	if (rule_get(db, t->rule, &rule, err) != 0 || learner_get(db, t->learner, &learner, err) != 0 ||
	    course_get(db, t->course, &course, err) != 0)
		return -1;
	if (draw_find(db, t->rule, &draw, err) != 1)
		return err->code != ERR_NONE ? -1 : err_bug(err, "a ticket without its draw");
	out->known = 1;
	out->ticket = t->uuid;
	out->number = ticket_number(t);
	out->state = ticket_state_name(t->state);
	out->rank = t->rank > 0 ? t->rank : -1;
	out->refusal = call_keep(c, t->refusal);
	out->collected = t->collected_at != 0;
	out->learner = call_keep(c, learner.code);
	out->course = call_keep(c, course.code);
	out->session_start = t->session_start;
	out->programme = call_keep(c, rule->programme);
	out->version = call_keep(c, rule->version);
	out->drawn_on = rule->intake_to + 1;
	out->seed_hash = call_keep(c, sha256_hex(draw.seed_hash, hex));
	if (metadata_tell(db, c, t->voucher != 0 ? METADATA_VOUCHER : METADATA_TICKET,
			  t->voucher != 0 ? t->voucher : t->id, METADATA_OF_CLIENT, &out->noted, err) != 0)
		return -1;
	return fill_voucher(db, t, out, err);
}

void ticket_print(FILE *out, const struct ticket_view *t)
{
	char uuid[UUID_TEXT], day[DATE_TEXT];

	fprintf(out, "ticket %s is %s: number %lld in the draw of %s %s on %s, course %s, learner %s\n",
		uuid_format(&t->ticket, uuid), t->state, (long long)t->number, t->programme, t->version,
		day_format(t->drawn_on, day), t->course, t->learner);
	if (t->rank > 0)
		fprintf(out, "  rank %lld\n", (long long)t->rank);
	if (t->refusal[0] != '\0')
		fprintf(out, "  refused: %s\n", t->refusal);
	if (t->collected)
		fputs("  its voucher is collected\n", out);
	if (t->noted.reference[0] != '\0')
		fprintf(out, "  reference %s\n", t->noted.reference);
}
