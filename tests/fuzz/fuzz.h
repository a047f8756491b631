/*
 * What the harnesses of this folder share.  A harness is one file with a
 * LLVMFuzzerTestOneInput(): libFuzzer calls it with what it makes up (make fuzz), corpus.c with the files of
 * the corpus, one by one (make check).  Any input may be refused; what a harness claims holds of all of them.
 */
#ifndef ILA_TESTS_FUZZ_H
#define ILA_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/base/err.h"

/* One input; 0.  What does not hold ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of each harness: where its inputs lie, patterns of files, NULL at the end. */
extern const char *const fuzz_inputs[];

/* libFuzzer's, before the first input: it learns of those files. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* FUZZ_MUST(holds, fmt, ...): a claim; where it does not hold, it is told and the process aborts. */
#define FUZZ_MUST(holds, ...)                                                                                \
	do {                                                                                                 \
		if (!(holds))                                                                                \
			fuzz_fail(__FILE__, __LINE__, __VA_ARGS__);                                          \
	} while (0)
void fuzz_fail(const char *file, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)))
__attribute__((noreturn));

/* fuzz_text(data, size): a copy with a NUL behind it, to be freed. */
char *fuzz_text(const uint8_t *data, size_t size);

/* fuzz_refused(err): it is a refusal, of what was asked and not of a program that failed, in words that can
 * be printed, and its problem is JSON. */
void fuzz_refused(const struct err *);

/*
 * fuzz_file(data, size): the path of a file that holds it, overwritten by the next; without a name, so that
 * nothing of it is left.
 */
const char *fuzz_file(const uint8_t *data, size_t size);

#endif
