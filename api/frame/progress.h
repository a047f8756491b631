/*
 * Progress of long work, on stderr: a bar with rate and time left on a
 * terminal, a line every few seconds elsewhere, nothing for work too
 * short to need it.
 */
#ifndef ILA_API_FRAME_PROGRESS_H
#define ILA_API_FRAME_PROGRESS_H

#include <stdint.h>

struct progress {
	const char *what; /* "learners.csv" */
	const char *unit; /* "rows" */
	int64_t total;    /* 0 unknown */
	int64_t started;  /* monotonic microseconds */
	int64_t from;     /* done by then */
	int64_t shown;
	int terminal;
	int drawn;
};

/* Begin, show how far it is (total units of what), end. */
void progress_start(struct progress *, const char *what, const char *unit, int64_t total);
void progress_at(struct progress *, int64_t done); /* as often as you like */
/* progress_pass(p, unit, done): what is counted now; where it is something else than before, the rate begins
 * anew. */
void progress_pass(struct progress *, const char *unit, int64_t done);
/* progress_show(p, done, total): as a callback for work that knows its total as it goes. */
void progress_show(void *progress, int64_t done, int64_t total);
void progress_end(struct progress *); /* leave the terminal's line clean */

/* progress_of(n, bytes, size): of how many rows or lines of a file these are the first, as far as that can be
 * told; at the end exactly; 0 before the first. */
int64_t progress_of(int64_t n, int64_t bytes, int64_t size);

#endif
