/*
 * A receiver of webhooks on a thread of this process, which answers 200 to everything, as fast as it can, and
 * looks into nothing; tests/lib/receiver.h hears what is said.
 */
#ifndef ILA_TESTS_TAKER_H
#define ILA_TESTS_TAKER_H

#include <stdint.h>

/* taker_start(): its port on 127.0.0.1; 0 there can be none.  It takes until the process ends. */
unsigned taker_start(void);

/* Requests so far, since taker_forget(). */
int64_t taker_count(void);
void taker_forget(void);

#endif
