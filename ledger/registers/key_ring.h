/*
 * API keys, and tokens of clients, that were found in force within the last second, each with the certificate
 * that was shown with it,
 * so that those who send one command after the other are not looked up for each.  It spares a wait for a
 * server and decides nothing: the desk asks the writing connection again before each command (key_permit() of
 * org.h).  For many threads at once.
 */
#ifndef ILA_REGISTERS_KEY_RING_H
#define ILA_REGISTERS_KEY_RING_H

#include "ledger/registers/org.h"

struct key_ring;

struct key_ring *key_ring_open(void);   /* NULL without memory */
void key_ring_close(struct key_ring *); /* harmless on NULL */

/*
 * key_ring_find(ring, text, certificate, now, actor): 1, and the actor is filled; 0 it is not there.
 * key_ring_keep(ring, text, certificate, now, actor): key_admit() or key_of_client() has admitted the
 * two.  now: of env_ticks().
 */
int key_ring_find(struct key_ring *, const char *text, const unsigned char *certificate, int64_t now,
		  struct actor *);
void key_ring_keep(struct key_ring *, const char *text, const unsigned char *certificate, int64_t now,
		   const struct actor *);

#endif
