/*
 * What clients note on a voucher or a payment for themselves: changed at any time,
 * whatever has become of it.  On a contribution it is noted by sending that again.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/views/voucher_view.h"
#include "ledger/voucher/payment.h"

/* --- vouchers -------------------------------------------------------------------- */

struct note {
	struct uuid id;
	struct metadata noted;
};

static const struct member note_takes[] = {
	{"id", M_UUID, IN(struct note, id), .flags = M_NEEDED | M_PATH | M_POSITION,
	 .noun = "a voucher's id (a UUID)", .option = "VOUCHER",
	 .example = "0198c0de-0000-7000-8000-000000000001"},
	METADATA_TAKES(struct note, noted),
	MEMBERS_END,
};

static const struct member voucher_gives[] = {
	{"", M_INLINE, .offset = 0, .size = sizeof(struct voucher_view), .of = voucher_members},
	MEMBERS_END,
};

static int check_note(struct action_call *c, struct err *err)
{
	const struct note *in = c->args;

	if (!metadata_said(&in->noted))
		return err_set(err, ERR_FIELD_MISSING, "metadata",
			       "Name what is to be noted: external_reference, metadata, or both.");
	return metadata_well(&in->noted, err);
}

static void note_ahead(struct db *db, const struct action_call *c, int round)
{
	const struct note *in = c->args;

	voucher_ahead(db, &in->id, round);
}

static int note(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct note *in = c->args;
	struct voucher v;
	int rc = voucher_find(tx->db, &in->id, &v, err);

	if (rc == 1)
		rc = voucher_may_read(tx->db, &v, &tx->actor, err);
	/* Unknown and not for this client look alike. */
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "Nothing has that id.");
	if (rc < 0 || metadata_put(tx, METADATA_VOUCHER, v.id, &in->noted, err) != 0)
		return -1;
	return voucher_view(tx->db, &v, c, 0, c->answer, err);
}

static void print_voucher(FILE *out, const struct action_call *c, const void *answer)
{
	voucher_print(out, c, answer);
}

/* --- payments -------------------------------------------------------------------- */

struct noted_payment {
	struct uuid id;
	struct metadata_told noted;
};

static const struct member payment_takes[] = {
	{"id", M_UUID, IN(struct note, id), .flags = M_NEEDED | M_PATH | M_POSITION, .option = "PAYMENT",
	 .noun = "a payment's id (a UUID)", .example = "0198c0de-0000-7000-8000-000000000001"},
	METADATA_TAKES(struct note, noted),
	MEMBERS_END,
};

static const struct member payment_gives[] = {
	{"id", M_UUID, IN(struct noted_payment, id)},
	METADATA_GIVES(struct noted_payment, noted),
	MEMBERS_END,
};

static int note_payment(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct note *in = c->args;
	struct noted_payment *out = c->answer;
	struct payment p;

	if (payment_need(tx->db, &in->id, NULL, &p, err) != 0 ||
	    metadata_put(tx, METADATA_PAYMENT, p.id, &in->noted, err) != 0)
		return -1;
	out->id = p.uuid;
	return metadata_tell(tx->db, c, METADATA_PAYMENT, p.id, METADATA_OF_CLIENT, &out->noted, err);
}

/* --- the actions ----------------------------------------------------------------- */

static const struct action noted = {
	.name = "voucher metadata",
	.method = "POST",
	.path = "/v1/vouchers/{id}/metadata",
	.roles = BY(PORTAL) | BY(PROVIDER),
	.takes = note_takes,
	.takes_size = sizeof(struct note),
	.gives = voucher_gives,
	.gives_size = sizeof(struct voucher_view),
	.check = check_note,
	.run = note,
	.ahead = note_ahead,
	.print = print_voucher,
	.summary = "note a reference and pairs of your own on a voucher, beside those that are there",
	.help = "A key that is there gets the new value; one without a value (key=) is taken away.  What a portal notes\n"
		"its provider does not see, and the other way round.  No personal data.\n",
};

static const struct action payment_noted = {
	.name = "pay metadata",
	.method = "POST",
	.path = "/v1/payments/{id}/metadata",
	.roles = BY(AUTHORISER) | BY(ACCOUNTANT),
	.takes = payment_takes,
	.takes_size = sizeof(struct note),
	.gives = payment_gives,
	.gives_size = sizeof(struct noted_payment),
	.check = check_note,
	.run = note_payment,
	.print = print_answer,
	.summary = "note a reference and pairs on a payment, beside those that are there",
};

const struct action *const actions_of_metadata[] = {&noted, &payment_noted, NULL};
