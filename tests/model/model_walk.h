/*
 * What the programs that take random walks share.
 */
#ifndef ILA_TESTS_MODEL_WALK_H
#define ILA_TESTS_MODEL_WALK_H

#include "tests/lib/fixture.h"
#include "tests/model/model.h"

/* The schemes that are walked. */
struct preset {
	const char *begins; /* a line of tests/tables; "": the fixture's own */
	const char *first, *sample;
};
extern const struct preset walk_presets[];
extern const size_t walk_presets_count;

/* walk_meet(f): whoever a line may name has a key before anything is made to fail. */
void walk_meet(struct fixture *);

/* walk_see(m, db): what a draw goes by, which no model can know, is as in the ledger. */
void walk_see(struct model *, struct db *);

#endif
