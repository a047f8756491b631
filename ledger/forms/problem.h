/*
 * A struct err as RFC 9457 problem+json: the same text in an HTTP reply and in
 * the answer that is kept for a retry.
 */
#ifndef ILA_FORMS_PROBLEM_H
#define ILA_FORMS_PROBLEM_H

#include "ledger/base/buf.h"
#include "ledger/base/err.h"

#define PROBLEM_TYPE_PREFIX "https://ila.example/problems/" /* and the code, with '-' for '_' */

/*
 * problem_write(err, instance, errors, out): members type, title, status, detail, code,
 * retryable; instance when it is not NULL; errors[] as given (a JSON array), else
 * with the JSON pointer of the member at fault, what is wrong with it standing in
 * detail; missing and next_due for a shortfall.
 */
void problem_write(const struct err *, const char *instance, const char *errors, struct buf *out);

#endif
