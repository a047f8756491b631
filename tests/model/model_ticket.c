/*
 * Orders that wait for their draw.  What the ledger draws at random is read from it before the draw; the
 * order of the tickets is worked out here as ledger/seasons/draw.h says that anybody can.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/crypto.h"
#include "tests/model/model.h"

int m_ticket_named(const struct model *m, const char *name)
{
	for (int i = 1; i <= m->tickets; i++)
		if (m_is(m->ticket[i].name, name))
			return i;
	return 0;
}

const char *m_take_ticket(struct model *m, const struct m_ticket *t)
{
	for (int i = 1; i <= m->tickets; i++) {
		const struct m_ticket *o = &m->ticket[i];

		if (o->rule == t->rule && o->learner == t->learner && o->course == t->course)
			return o->first == t->first && o->last == t->last && o->paid == t->paid &&
					       o->own == t->own && (t->paid == 0 || m_is(o->card, t->card))
				       ? CODE_DONE
				       : "ticket_exists";
	}
	if (t->first <= m->rule[t->rule].intake_to)
		return "session_too_early";
	for (int i = 1; t->paid > 0 && i <= m->tickets; i++) {
		const struct m_ticket *o = &m->ticket[i];

		if (o->rank == 0 && o->paid > 0 && m_is(o->card, t->card))
			return "reference_used";
	}
	m->ticket[++m->tickets] = *t;
	return CODE_DONE;
}

/* SHA-256 of what stands before it and an id. */
static void chain(unsigned char *before, size_t n, const unsigned char id[16], unsigned char out[32])
{
	memcpy(before + n, id, 16);
	sha256(before, n + 16, out);
}

/* The numbers of the draw's tickets in the order of their places; how many there are. */
static int put_in_order(const struct model *m, int rule, int order[M_TICKETS])
{
	unsigned char list[32 + 16] = {0}, seeded[64 + 16], place[M_TICKETS + 1][32];
	int n = 0;

	for (int i = 1; i <= m->tickets; i++)
		if (m->ticket[i].rule == rule)
			chain(list, 32, m->ticket[i].id, list);
	memcpy(seeded, m->rule[rule].seed, 32);
	memcpy(seeded + 32, list, 32);
	for (int i = 1; i <= m->tickets; i++) {
		int at = n;

		if (m->ticket[i].rule != rule)
			continue;
		chain(seeded, 64, m->ticket[i].id, place[i]);
		for (; at > 0 && memcmp(place[i], place[order[at - 1]], 32) < 0; at--)
			order[at] = order[at - 1];
		order[at] = i;
		n++;
	}
	return n;
}

void m_draw(struct model *m, int rule)
{
	struct model *before = malloc(sizeof *before);
	int order[M_TICKETS], n = put_in_order(m, rule, order);

	for (int i = 0; i < n; i++) {
		const char *code;

		*before = *m;
		code = m_serve(m, &m->ticket[order[i]]);
		if (!m_is(code, CODE_DONE))
			*m = *before;
		m->ticket[order[i]].rank = i + 1;
		m->ticket[order[i]].voucher = m_is(code, CODE_DONE) ? m->vouchers : 0;
		m_copy(m->ticket[order[i]].refusal, code);
	}
	free(before);
}

/* collect-code TICKET */
const char *m_collect_code(struct model *m)
{
	struct m_ticket *t = &m->ticket[m_ticket_named(m, m_word(m, 1))];
	struct m_voucher *v = &m->voucher[t->voucher];

	if (!m_is(m->org, "PORTAL"))
		return "not_found";
	if (t->voucher == 0)
		return "ticket_not_accepted";
	if (t->collected)
		return "code_shown";
	if (v->state != M_ACCEPTED)
		return "no_code";
	t->collected = 1;
	memcpy(v->name, t->name, sizeof v->name);
	return CODE_DONE;
}
