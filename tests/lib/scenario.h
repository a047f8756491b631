/*
 * Ledger scenarios as text: one event a line, an expected refusal at its end,
 * readable by an accountant.  tests/tables/README.md describes the lines.
 *
 * After every refused line the ledger must be byte-identical to what it was
 * (fixture_digest); at the end all audits must hold.
 */
#ifndef ILA_TESTS_SCENARIO_H
#define ILA_TESTS_SCENARIO_H

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

#endif
