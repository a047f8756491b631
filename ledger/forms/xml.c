#include "ledger/forms/xml.h"

#include <ctype.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/base/limits.h"

static const char mark[] = "\xEF\xBB\xBF"; /* byte order mark of UTF-8 */

struct xml {
	xmlDocPtr doc;
};

static void start(void)
{
	xmlInitParser();
}

static size_t skip_space(const char *text, size_t len)
{
	size_t at = len >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;

	while (at < len && isspace((unsigned char)text[at]))
		at++;
	return at;
}

int xml_looks(const char *text, size_t len)
{
	size_t at = skip_space(text, len);

	return at < len && text[at] == '<';
}

static long long line_at(const char *text, const char *place)
{
	long long line = 1;

	for (const char *p = text; p < place; p++)
		line += *p == '\n';
	return line;
}

/* Before a parser sees it: what only attacks need is not in it. */
static int check_bytes(const char *text, size_t len, struct err *err)
{
	const char *type;

	if (memchr(text, '\0', len) != NULL || !check_utf8(text, len))
		return err_set(err, ERR_MALFORMED, NULL, "The file is not UTF-8.");
	type = memmem(text, len, "<!DOCTYPE", 9);
	if (type == NULL)
		type = memmem(text, len, "<!ENTITY", 8);
	return type == NULL ? 0
			    : err_set(err, ERR_MALFORMED, NULL,
				      "Line %lld: a document type is not taken, nor entities of its own.",
				      line_at(text, type));
}

static int check_depth(const xmlNode *node, int depth, struct err *err)
{
	if (depth > XML_DEPTH_MAX)
		return err_set(err, ERR_LIMIT, NULL, "Line %ld: more than %d elements lie in each other.",
			       xmlGetLineNo(node), XML_DEPTH_MAX);
	for (const xmlNode *n = node->children; n != NULL; n = n->next)
		if (n->type == XML_ELEMENT_NODE && check_depth(n, depth + 1, err) != 0)
			return -1;
	return 0;
}

/* The parser's own words, on one line. */
static void say_parser(struct err *err)
{
	const xmlError *why = xmlGetLastError();
	char text[160];

	if (why == NULL || why->message == NULL) {
		err_set(err, ERR_MALFORMED, NULL, "The file is not XML.");
		return;
	}
	check_show(why->message, text, sizeof text);
	text[strcspn(text, "\\")] = '\0';
	err_set(err, ERR_MALFORMED, NULL, "Line %d: not well-formed XML: %s.", why->line, text);
}

struct xml *xml_parse(const char *text, size_t len, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct xml *x;
	size_t at = skip_space(text, len);
	int refused = 0;

	pthread_once(&once, start);
	if (len > INT_MAX) {
		err_set(err, ERR_LIMIT, NULL, "The file is too large.");
		return NULL;
	}
	if (check_bytes(text, len, err) != 0)
		return NULL;
	x = calloc(1, sizeof *x);
	if (x == NULL) {
		err_bug(err, "xml: memory is exhausted");
		return NULL;
	}
	xmlResetLastError();
	x->doc = xmlReadMemory(text + at, (int)(len - at), NULL, "UTF-8",
			       XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA |
				       XML_PARSE_BIG_LINES);
	if (x->doc != NULL && xmlDocGetRootElement(x->doc) != NULL) {
		refused = check_depth(xmlDocGetRootElement(x->doc), 1, err) != 0;
		if (!refused)
			return x;
	}
	if (!refused)
		say_parser(err);
	xml_free(x);
	return NULL;
}

void xml_free(struct xml *x)
{
	if (x == NULL)
		return;
	xmlFreeDoc(x->doc);
	free(x);
}

static const xmlNode *inner(const struct xml_node *node)
{
	return (const xmlNode *)(const void *)node;
}

static const struct xml_node *outer(const xmlNode *node)
{
	return (const struct xml_node *)(const void *)node;
}

const struct xml_node *xml_root(const struct xml *x)
{
	return outer(xmlDocGetRootElement(x->doc));
}

const char *xml_name(const struct xml_node *node)
{
	return (const char *)inner(node)->name;
}

const char *xml_space(const struct xml_node *node)
{
	const xmlNs *ns = inner(node)->ns;

	return ns != NULL && ns->href != NULL ? (const char *)ns->href : "";
}

long long xml_line(const struct xml_node *node)
{
	return xmlGetLineNo(inner(node));
}

static int is_named(const xmlNode *n, const char *name, size_t len)
{
	return n->type == XML_ELEMENT_NODE && strlen((const char *)n->name) == len &&
	       memcmp(n->name, name, len) == 0;
}

const struct xml_node *xml_child(const struct xml_node *node, const char *path)
{
	const xmlNode *n = inner(node);

	while (n != NULL && *path != '\0') {
		size_t len = strcspn(path, "/");

		for (n = n->children; n != NULL && !is_named(n, path, len); n = n->next)
			;
		path += len + (path[len] == '/');
	}
	return outer(n);
}

const struct xml_node *xml_next(const struct xml_node *node)
{
	const char *name = xml_name(node);
	const xmlNode *n = inner(node)->next;

	while (n != NULL && !is_named(n, name, strlen(name)))
		n = n->next;
	return outer(n);
}

/* Cut in place, once: the document is ours. */
static const char *trimmed(char *text)
{
	size_t n;

	while (isspace((unsigned char)*text))
		text++;
	n = strlen(text);
	while (n > 0 && isspace((unsigned char)text[n - 1]))
		n--;
	text[n] = '\0';
	return text;
}

const char *xml_text(const struct xml_node *node, const char *path)
{
	const struct xml_node *at = xml_child(node, path);
	const xmlNode *n = at == NULL ? NULL : inner(at)->children;

	/* Text that is cut by comments, or mixed with elements, is no value. */
	if (n == NULL || n->next != NULL || n->type != XML_TEXT_NODE || n->content == NULL)
		return "";
	return trimmed((char *)n->content);
}

const char *xml_attribute(const struct xml_node *node, const char *path, const char *name)
{
	const struct xml_node *at = xml_child(node, path);
	const xmlAttr *a = at == NULL ? NULL : inner(at)->properties;

	for (; a != NULL; a = a->next)
		if (strcmp((const char *)a->name, name) == 0 && a->children != NULL &&
		    a->children->type == XML_TEXT_NODE && a->children->next == NULL)
			return trimmed((char *)a->children->content);
	return "";
}
