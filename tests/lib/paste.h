/*
 * Pages whose shell blocks a reader pastes: the blocks become one script, which
 * runs as pasted at the top of the checkout.  Fails the test (cmocka) where a page
 * has no such block, a command fails, or a text that is expected is not printed.
 */
#ifndef ILA_TESTS_LIB_PASTE_H
#define ILA_TESTS_LIB_PASTE_H

#include <stddef.h>

#define PASTE_SCRIPT_MAX 32768
#define PASTE_OUTPUT_MAX 262144

struct paste {
	char script[PASTE_SCRIPT_MAX];
	char output[PASTE_OUTPUT_MAX]; /* stdout and stderr, as they came */
};

/*
 * paste_add(paste, path, mark): append the blocks fenced as sh that stand between
 * the lines "<!-- MARK -->" and "<!-- end of MARK -->" of the file.
 */
void paste_add(struct paste *, const char *path, const char *mark);

/*
 * paste_run(paste): run the script with bash, with a temporary folder of its own;
 * it ends at the first command that fails.  "$PWD/build" becomes the folder of
 * $ILA_BIN, and port 8080 another one.
 */
void paste_run(struct paste *);

/* paste_printed(paste, texts): each of the texts (NULL ends) stands in the output. */
void paste_printed(const struct paste *, const char *const *texts);

/* paste_refusals(paste): how many problem documents (RFC 9457) the output holds. */
int paste_refusals(const struct paste *);

/* paste_skip(): 1, with a line that says so, where bash or curl is not installed. */
int paste_skip(const char *test);

#endif
