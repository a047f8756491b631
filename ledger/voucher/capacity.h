/*
 * Capacity for one more order: places per course and per provider
 * (ledger/field.md#new-providers), and how much may be at risk with one provider.
 *
 * The exposure of a provider is what its vouchers hold on 240, 250, 260, 261 and
 * 150: a running figure, moved in the transaction that moves the shares, so that
 * an order reads one row however many came before.  "ila verify" recounts it, and
 * the places.
 *
 * A provider is new for the rule's days after the accreditation that the order
 * rests on was first seen, also one that comes back: a voucher keeps what held
 * at its acceptance.
 */
#ifndef ILA_VOUCHER_CAPACITY_H
#define ILA_VOUCHER_CAPACITY_H

#include "ledger/voucher/voucher.h"

/*
 * capacity_check(tx, rule, v, err): may v, of its price, be accepted now?  Fills
 * v->provider_new and writes nothing.  CAP_REACHED; PROVIDER_EXPOSURE, with what
 * is too much in err->missing.
 */
int capacity_check(struct tx *, const struct rule *, struct voucher *, struct err *);

/*
 * capacity_take, capacity_give_back: a place of v's course and of its provider, where its rule counts them.
 */
int capacity_take(struct tx *, const struct rule *, const struct voucher *, struct err *);
int capacity_give_back(struct tx *, const struct voucher *, struct err *);

/* capacity_follow(tx, v, err): the exposure of v's provider follows v's shares, v->exposed too. */
int capacity_follow(struct tx *, struct voucher *, struct err *);

/* capacity_exposed(v): cents of v that count. */
int64_t capacity_exposed(const struct voucher *);

#endif
