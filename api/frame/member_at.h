/*
 * What member.c and member_json.c share: a member's place in its struct.
 */
#ifndef ILA_API_FRAME_MEMBER_AT_H
#define ILA_API_FRAME_MEMBER_AT_H

#include "api/frame/member.h"

/* Its address; its value where it is a number of any kind; its text. */
void *member_at(const struct member *, void *base);
const void *member_in(const struct member *, const void *base);
void member_set(const struct member *, void *base, int64_t value);
int64_t member_value(const struct member *, const void *base);
void member_set_text(const struct member *, void *base, const char *text);
const char *member_text(const struct member *, const void *base);

/* Not stored: computed by the ledger. */
int member_is_virtual(const struct member *);

/* member_range: the least and the greatest value; member_check_text: the form of a code, word or text. */
void member_range(const struct member *, int64_t *min, int64_t *max);
int member_check_text(const struct member *, const char *text, struct err *);

/* member_find_word: the value of a word of its list; FIELD_INVALID lists them. */
int member_find_word(const struct member *, const char *text, void *base, struct err *);

/*
 * Pairs of key and value (member_pairs.c): out of a body, out of "key=value,key=value", and back into each.
 * What they are borrowed from lasts as long as the call.
 */
int member_pairs_from_body(const struct member *, const struct json_node *body, const char *path, void *base,
			   struct err *);
int member_pairs_from_text(const struct member *, const char *text, void *base, struct err *);
size_t member_pairs_count(const struct member *, const void *base);
void member_pairs_to_json(const struct member *, const void *base, struct buf *out);
void member_pairs_to_text(const struct member *, const void *base, struct buf *out);

/* A certificate (member_certificate.c): out of a body; as typed, where it may be the name of a file.  No path
 * or query holds one. */
int member_certificate_from_body(const struct member *, const struct json_node *body, const char *path,
				 void *base, struct err *);
int member_certificate_typed(const struct member *, const char *text, void *base, struct err *);

#endif
