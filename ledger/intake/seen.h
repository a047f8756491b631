/*
 * Keys that a file has named already, to tell a key that stands twice with
 * different content.  Bounded: the first SEEN_ROWS_MAX keys are remembered,
 * which takes SEEN_SLOTS_MAX * 16 bytes at most.
 */
#ifndef ILA_INTAKE_SEEN_H
#define ILA_INTAKE_SEEN_H

#include <stddef.h>
#include <stdint.h>

#define SEEN_SLOTS_MAX (1u << 21)
#define SEEN_ROWS_MAX  (SEEN_SLOTS_MAX / 4 * 3)

struct seen;

struct seen *seen_open(void); /* NULL when memory is exhausted */
void seen_close(struct seen *);

/*
 * seen_check(s, key, cell, n, line, first): whether key stood before, on line
 * *first, with the same n cells or with others.  A new key is remembered.
 */
enum seen_before { SEEN_NEW, SEEN_SAME, SEEN_OTHER };
enum seen_before seen_check(struct seen *, const char *key, const char *const *cell, size_t n, int64_t line,
			    int64_t *first);

#endif
