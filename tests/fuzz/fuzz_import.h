/*
 * Files of one kind: imported on trial, for real and with bad rows left out.
 */
#ifndef ILA_TESTS_FUZZ_IMPORT_H
#define ILA_TESTS_FUZZ_IMPORT_H

#include "tests/fuzz/fuzz.h"

/*
 * fuzz_import(kind, data, size): what a dry run says is what the import then does, row for row; every row is
 * counted once; the same file again does nothing; leaving bad rows out takes the good ones.  0.
 */
int fuzz_import(const char *kind, const uint8_t *data, size_t size);

#endif
