/*
 * What breaks under the ledger of a walk: the disk below a file; on a server the connection, the server
 * itself, and the process.
 */
#ifndef ILA_TESTS_MODEL_FAULT_H
#define ILA_TESTS_MODEL_FAULT_H

#include "tests/lib/fixture.h"

/* On a server: fault_lines_begin(), and end: there is one that walks may break. */
void fault_lines_begin(void);
void fault_lines_end(void);

/* fault_lines_under(f): that ledger of it, which was just opened, is opened again over the cable. */
void fault_lines_under(struct fixture *);

/* fault_line(random, line, size): a line that breaks something: "fault KIND AT STAYS SEED", during the line
 * behind it, or "crash SEED". */
void fault_line(uint64_t random, char *line, size_t size);

/* fault_line_arm(line): what that "fault" asks for happens from now on.  fault_line_met(f, code): it is over,
 * 1 when it happened, or when the line behind it, which was told that code, failed by it: the ledger then
 * goes on again. fault_line_crash(f, line): the process ends, or the server, and what ended is there again.
 */
void fault_line_arm(const char *line);
int fault_line_met(struct fixture *, const char *code);
void fault_line_crash(struct fixture *, const char *line);

/* Is that the code of a failure, and of no refusal? */
int fault_line_failed(const char *code);

#endif
