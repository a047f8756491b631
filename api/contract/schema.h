/*
 * Members as JSON Schema (draft 2020-12, as OpenAPI 3.1 has it).  What is taken is described as strictly as
 * it is checked; of what is given only type, format and words are told, since more may come.
 */
#ifndef ILA_API_CONTRACT_SCHEMA_H
#define ILA_API_CONTRACT_SCHEMA_H

#include "api/frame/member.h"

/* schema_taken(m, out), schema_given(m, out): one member, as a schema object. */
void schema_taken(const struct member *, struct buf *out);
void schema_given(const struct member *, struct buf *out);

/* schema_answer(members, out): an answer, or one item of it; NULL: an object without members. */
void schema_answer(const struct member *, struct buf *out);

/* schema_shared(members): the name under which answers share a schema, NULL: they do not.
 * schema_shared_at(i, name): the i-th of them, NULL past the last. */
const char *schema_shared(const struct member *);
const struct member *schema_shared_at(size_t i, const char **name);

#endif
