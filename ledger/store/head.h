/*
 * The head of a journal: its last entry, whose hash holds all that came before.
 */
#ifndef ILA_STORE_HEAD_H
#define ILA_STORE_HEAD_H

#include "ledger/base/crypto.h"

struct head {
	int64_t seq, booked_at; /* 0 and 0 for an empty journal */
	unsigned char hash[SHA256_BYTES];
};

#endif
