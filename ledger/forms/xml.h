/*
 * XML from outside, bounded (libxml2 behind it).
 *
 * A document type, an entity of its own, bytes that are not UTF-8, another
 * declared encoding and nesting over XML_DEPTH_MAX are refused with the line; nothing is
 * fetched from anywhere.  Elements are found by their local name: whoever needs the
 * namespace of the document asks for it once.
 */
#ifndef ILA_FORMS_XML_H
#define ILA_FORMS_XML_H

#include <stddef.h>

#include "ledger/base/err.h"

struct xml;      /* a parsed document; owns what is read from it */
struct xml_node; /* an element in it, borrowed */

/* xml_looks(text, len): it begins as XML does, after a byte order mark and white space. */
int xml_looks(const char *text, size_t len);

/* xml_parse(text, len, err): MALFORMED ("Line 7: ..."), LIMIT (depth). */
struct xml *xml_parse(const char *text, size_t len, struct err *);
void xml_free(struct xml *); /* harmless on NULL */

const struct xml_node *xml_root(const struct xml *); /* the outermost element: there is always one */
const char *xml_name(const struct xml_node *);       /* local name */
const char *xml_space(const struct xml_node *);      /* URI of its namespace, "" none */
long long xml_line(const struct xml_node *);         /* on which it begins */

/*
 * xml_child(node, path): the first element at "Acct/Id/IBAN" below it, NULL none; an
 * element of which there may be several is the first of its name.  xml_next(node): the next
 * sibling of the same name.
 */
const struct xml_node *xml_child(const struct xml_node *, const char *path);
const struct xml_node *xml_next(const struct xml_node *);

/* xml_text(node, path): what that element holds, without white space around it; "" when there is none or it
 * holds elements.  Lasts as long as the document. */
const char *xml_text(const struct xml_node *, const char *path);
/* xml_attribute(node, path, name): "" none. */
const char *xml_attribute(const struct xml_node *, const char *path, const char *name);

#endif
