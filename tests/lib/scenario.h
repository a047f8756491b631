/*
 * Ledger scenarios as text: one event a line, an expected refusal at its end,
 * readable by an accountant.  tests/tables/README.md describes the lines.
 *
 * After every refused line the ledger must be byte-identical to what it was
 * (fixture_digest); at the end all audits must hold.
 */
#ifndef ILA_TESTS_SCENARIO_H
#define ILA_TESTS_SCENARIO_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/base/err.h"
#include "ledger/store/head.h"

/* scenario_run(path): run one file; a line that does not go as written fails the test with FILE:LINE. */
void scenario_run(const char *path);

/* scenario_play(path): run one file likewise, and leave its ledger open for the test to go on with. */
struct scenario;
struct scenario *scenario_play(const char *path);

/*
 * Line by line, for tests that make their lines themselves.  scenario_try: "" done,
 * else the code of the refusal; a line that makes no sense fails the test.  Beside
 * the fixture nothing is looked at.
 */
struct scenario *scenario_open(void);
void scenario_opened(struct scenario *);                 /* its ledger was closed and opened again */
void scenario_meet(struct scenario *, const char *line); /* whom it names for the first time gets a key */
const char *scenario_try(struct scenario *, const char *line);
struct fixture *scenario_fixture(struct scenario *);
void scenario_audit(struct scenario *); /* all audits must hold */
void scenario_close(struct scenario *);

/* scenario_of(f, programme): lines for that open ledger; it is the scenario's from here on. */
struct fixture;
struct scenario *scenario_of(const struct fixture *, const char *programme);

/*
 * scenario_together(s, lines, n, said): lines that are commands, queued together, and what was said to each.
 * Their numbers tell how the dice fall; a key that was used before asks for the answer that was given then.
 */
#define SCENARIO_TOGETHER 128
struct scenario_line {
	const char *text;
	uint64_t number, key;
	int other_body; /* its request is another one than the line's */
};
struct scenario_said {
	enum err_code code; /* ERR_NONE: done */
	char text[1024];
	char answer[2048];
	int replayed;
	struct head head; /* of the journal, when it was answered */
};
void scenario_together(struct scenario *, const struct scenario_line *, size_t n, struct scenario_said *);

#endif
