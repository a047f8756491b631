/*
 * The contract of the API, made while the program runs from the tables that serve: actions, members, steps of
 * a voucher, refusals.  As OpenAPI 3.1, and as pages for people that need nothing from elsewhere.
 *
 * base: where the API is found, without a '/' at its end: "https://ledger.example/cpf"; "" where the page is.
 */
#ifndef ILA_API_CONTRACT_CONTRACT_H
#define ILA_API_CONTRACT_CONTRACT_H

#include "ledger/base/buf.h"
#include "ledger/base/err.h"

#define CONTRACT_MAX (4 << 20) /* bytes of the longest of them */

/* contract_openapi(base, out): the document. */
void contract_openapi(const char *base, struct buf *out);

/* contract_page(base, out): the document as a page, every operation with its members and an example. */
void contract_page(const char *base, struct buf *out);

/* contract_problems(base, out): the catalogue of refusals as a page; contract_problem(base, code, out): the
 * page of one, that the `type` of a problem names. */
void contract_problems(const char *base, struct buf *out);
void contract_problem(const char *base, enum err_code, struct buf *out);

/* contract_problem_find(text): the code that an address names, "insufficient-entitlement" or with '_';
 * ERR__MAX: none. */
enum err_code contract_problem_find(const char *text);

#endif
