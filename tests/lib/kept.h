/*
 * What takes time to make is made once in a program: the files of a ledger, kept in
 * memory under a name and written again wherever another test begins with them.
 */
#ifndef ILA_TESTS_KEPT_H
#define ILA_TESTS_KEPT_H

/* kept_take(name, path): keeps the closed ledger at path, as long as there is room. */
void kept_take(const char *name, const char *path);

/* kept_write(name, path): 1 and the files are there again; 0 when nothing is kept under the name. */
int kept_write(const char *name, const char *path);

/* The folder for what tests write: $ILA_TEST_DIR, else memory where there is some.  What is durable is tested
 * in tests/crash, elsewhere the disk would only be waited for. */
const char *kept_place(void);

#endif
