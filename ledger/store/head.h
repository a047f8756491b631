/*
 * The head of a journal: its last entry, whose hash holds all that came before.
 * Written down it is SEQ:HASH.
 */
#ifndef ILA_STORE_HEAD_H
#define ILA_STORE_HEAD_H

#include <stdint.h>

#include "ledger/base/crypto.h"

struct head {
	int64_t seq, booked_at; /* 0 and 0 for an empty journal */
	unsigned char hash[SHA256_BYTES];
};

/* head_format(h, out): SEQ:HASH; returns out.  head_parse(text, h): 0, or -1; booked_at is not in it. */
#define HEAD_TEXT (20 + SHA256_HEX + 1)
char *head_format(const struct head *, char out[HEAD_TEXT]);
int head_parse(const char *text, struct head *);

#endif
