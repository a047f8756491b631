/*
 * JSON from outside, bounded (jansson behind it), read through typed getters.
 *
 * Duplicate keys, bad UTF-8, depth over JSON_DEPTH_MAX and trailing bytes are
 * refused with line and column.  Getters fill *out and return 0, or refuse with
 * -1 and an err that names the field by its path ("accrual.annual").  Integers
 * are integers: 1.0 and 1e2 are refused, as money must be.  (get_object and
 * get_array are not json_object and json_array: those names are jansson's.)
 */
#ifndef ILA_FORMS_JSON_H
#define ILA_FORMS_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/base/buf.h"
#include "ledger/base/date.h"
#include "ledger/base/err.h"
#include "ledger/base/id.h"

struct json;      /* a parsed document; owns everything read from it */
struct json_node; /* an object or array inside it, borrowed */

int json_start(void); /* once, before threads: seeds the tables' hash; 0 or -1 */
struct json *json_parse(const char *text, size_t len, struct err *);
void json_free(struct json *);
const struct json_node *json_root(const struct json *); /* always an object */

int json_has(const struct json_node *, const char *name);      /* present and not null */
int json_is_whole(const struct json_node *, const char *name); /* a number without point or exponent */

/*
 * Required values. path is the prefix put before name in refusals ("" at the root).
 * Texts have 1 to max bytes and pass check_text; dates are "YYYY-MM-DD".
 */
int json_text(const struct json_node *, const char *path, const char *name, size_t max, const char **out,
	      struct err *);
/* json_lines: the same, for text that may hold line breaks and tabs. */
int json_lines(const struct json_node *, const char *path, const char *name, size_t max, const char **out,
	       struct err *);
int json_int(const struct json_node *, const char *path, const char *name, int64_t min, int64_t max,
	     int64_t *out, struct err *);
int json_bool(const struct json_node *, const char *path, const char *name, int *out, struct err *);
int json_day(const struct json_node *, const char *path, const char *name, day_t *out, struct err *);
int json_uuid(const struct json_node *, const char *path, const char *name, struct uuid *out, struct err *);
int json_get_object(const struct json_node *, const char *path, const char *name,
		    const struct json_node **out, struct err *);
int json_get_array(const struct json_node *, const char *path, const char *name, size_t max,
		   const struct json_node **out, struct err *);

/* Arrays: their length; the i-th element as an object (refused when it is not one) or as text. */
size_t json_count(const struct json_node *);
int json_object_at(const struct json_node *, const char *path, size_t i, const struct json_node **out,
		   struct err *);
int json_text_at(const struct json_node *, const char *path, size_t i, size_t max, const char **out,
		 struct err *);

/* json_more(object, name, value): one member more, at the end of an object that was just written; value is
 * JSON. */
void json_more(struct buf *object, const char *name, const char *value);
/*
 * json_each(node, path, each, arg, err): every member, in no order: a text, "" included, of any bytes of
 * UTF-8 that are no NUL; FIELD_INVALID when one is no text; -1 at the first that each refuses.
 */
typedef int json_each_fn(void *arg, const char *name, const char *text, struct err *);
int json_each(const struct json_node *, const char *path, json_each_fn *, void *arg, struct err *);

/* json_only(node, path, names): refuse (FIELD_UNKNOWN) a member that is not in the NULL-terminated list. */
int json_only(const struct json_node *, const char *path, const char *const *names, struct err *);

/*
 * json_line(text, len, path): the line, from 1, on which the member of a refusal's
 * path ("funds[1].class") stands in a text that json_parse accepts; of the
 * innermost part that is there when the member is missing.
 */
int json_line(const char *text, size_t len, const char *path);

/* json_write(node, out): compact, members in the order of their names (RFC 8785 for what a ledger writes). */
void json_write(const struct json_node *, struct buf *out);

#endif
