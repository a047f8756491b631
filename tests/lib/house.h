/*
 * What the checks of the house (tests/tidy) share: the files that git knows,
 * their text, findings.  A check looks at one file and reports each fault with
 * house_find(); it is tried on a planted fault before it is let loose.
 */
#ifndef ILA_TESTS_HOUSE_H
#define ILA_TESTS_HOUSE_H

#include <stddef.h>

typedef void house_check(const char *path, const char *in);

/* Group setup: lists the files, tracked and new, that git does not ignore. */
int house_list(void **state);

/* The list, *count long.  Skips the test where git names none. */
char *const *house_files(size_t *count);

/* The text of a file, valid until the next call; NULL if it is not there. */
const char *house_text(const char *path);

/* Reports a fault. */
__attribute__((format(printf, 3, 4))) void house_find(const char *path, int line, const char *fmt, ...);

/* How many faults the check finds in this text; nothing is printed. */
int house_faults(house_check *check, const char *path, const char *in);

/* Fails the test unless the check finds one fault in bad and none in good. */
void house_tell_apart(house_check *check, const char *path, const char *bad, const char *good);

/* Runs the check on every file that is chosen; fails the test, after all of them, on a fault. */
void house_on_all(house_check *check, int (*chosen)(const char *path));

/* Whether s starts, or ends, with the other text. */
int starts(const char *s, const char *with);
int ends(const char *s, const char *with);

/* Which files: C; of a product room; both. */
int is_code(const char *path);
int is_product(const char *path);
int is_product_code(const char *path);

/* Comments, strings and character constants become blanks; lines stay where they are.  Valid until the next
 * call. */
const char *code_of(const char *in);

/* The reverse: only what stands in strings is left, without their quotes and escapes. */
const char *strings_of(const char *in);

/* Where word stands by itself, not as a part of a longer one; NULL if nowhere. */
const char *word_in(const char *in, const char *word);

#endif
