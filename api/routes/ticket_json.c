#include "api/routes/ticket_json.h"

#include "api/routes/args.h"

/* Its voucher, by the name it has outside. */
static int write_voucher(struct db *db, const struct ticket *t, struct buf *out, struct err *err)
{
	char uuid[UUID_TEXT] = "";
	struct voucher v;
	int rc;

	if (t->voucher != 0) {
		rc = voucher_get(db, t->voucher, &v, err);
		if (rc != 1)
			return rc < 0 ? -1 : err_bug(err, "a ticket names no voucher");
		uuid_format(&v.uuid, uuid);
	}
	out_optional(out, "voucher", uuid);
	return 0;
}

int ticket_json(struct db *db, const struct ticket *t, const struct ledger_settings *settings,
		struct buf *out, struct err *err)
{
	char uuid[UUID_TEXT], hex[SHA256_HEX];
	const struct rule *rule;
	struct learner learner;
	struct course course;
	struct draw draw;

	if (rule_get(db, t->rule, &rule, err) != 0 || learner_get(db, t->learner, &learner, err) != 0 ||
	    course_get(db, t->course, &course, err) != 0)
		return -1;
	if (draw_find(db, t->rule, &draw, err) != 1)
		return err->code != ERR_NONE ? -1 : err_bug(err, "a ticket without its draw");
	buf_char(out, '{');
	out_text(out, "ticket", uuid_format(&t->uuid, uuid));
	out_int(out, "number", t->number);
	out_text(out, "state", ticket_state_name(t->state));
	out_known(out, "rank", t->rank > 0 ? t->rank : -1);
	if (write_voucher(db, t, out, err) != 0)
		return -1;
	out_optional(out, "refusal", t->refusal);
	out_bool(out, "collected", t->collected_at != 0);
	out_text(out, "learner", learner.code);
	out_text(out, "course", course.code);
	out_day(out, "session_start", t->session_start);
	out_text(out, "programme", rule->programme);
	out_text(out, "version", rule->version);
	out_day(out, "drawn_on", rule->intake_to + 1);
	out_text(out, "seed_hash", sha256_hex(draw.seed_hash, hex));
	out_bool(out, "livemode", !settings->sandbox);
	buf_char(out, '}');
	return 0;
}
