/*
 * A struct err as RFC 9457 problem+json: the same text in an HTTP reply and in
 * the answer that is kept for a retry.
 */
#ifndef ILA_FORMS_PROBLEM_H
#define ILA_FORMS_PROBLEM_H

#include "ledger/base/buf.h"
#include "ledger/base/err.h"
#include "ledger/forms/json.h"

#define PROBLEM_TYPE_PATH "/problems/" /* and the code, with '-' for '_' */
#define PROBLEM_BASE_MAX  256

/*
 * problem_base_set(url): what stands before that path from now on, for the whole process: the server's public
 * URL, without a '/' at its end, and of such letters as need no escape.  Until then the type is a reference
 * to the server that answers (RFC 9457, section 3.1.1).  Before threads begin.  problem_base(): that URL; "".
 */
void problem_base_set(const char *url);
const char *problem_base(void);

/*
 * problem_write(err, writes, instance, errors, out): members type, title, status, detail, code,
 * retryable; for work that was to change something (writes) the effect, by name and as the last sentence
 * of detail; instance when it is not NULL; errors[] as given (a JSON array), else
 * the JSON pointer of the member at fault, which detail is about; missing and
 * next_due for a shortfall.
 */
void problem_write(const struct err *, int writes, const char *instance, const char *errors, struct buf *out);

/*
 * problem_read(root, err): read code, detail, effect, missing and the pointer of the first error
 * back.  0; -1, and err as it was, when root is not such a problem.
 */
int problem_read(const struct json_node *root, struct err *);

#endif
