#include "api/token/issuers.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ledger/forms/json.h"

#define AT_TEXT 32 /* where in the file: "issuers[3].algorithms" */

/* --- files ------------------------------------------------------------------------ */

static int cannot_read(const char *path, const char *why, struct err *err)
{
	return err_set(err, ERR_USAGE, NULL, "%s cannot be read: %s.", path, why);
}

/* Whoever may write it makes tokens that are taken here. */
static int may_be_believed(FILE *file, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fileno(file), &st) != 0)
		return cannot_read(path, strerror(errno), err);
	if ((st.st_mode & S_IWOTH) != 0)
		return err_set(err, ERR_USAGE, NULL, "%s may be written by everybody: chmod o-w it.", path);
	return 0;
}

static int read_file(const char *path, struct buf *text, struct err *err)
{
	FILE *file = fopen(path, "re");
	char part[4096];
	size_t n;
	int rc;

	if (file == NULL)
		return cannot_read(path, strerror(errno), err);
	rc = may_be_believed(file, path, err);
	while (rc == 0 && buf_ok(text) && (n = fread(part, 1, sizeof part, file)) > 0)
		buf_add(text, part, n);
	if (rc == 0 && ferror(file))
		rc = cannot_read(path, strerror(errno), err);
	else if (rc == 0 && !buf_ok(text))
		rc = cannot_read(path, "it is too large", err);
	fclose(file);
	return rc;
}

/* The refusal of a part of the text, with its place. */
static int place(const char *path, const struct buf *text, struct err *err)
{
	struct err why = *err;
	int line = why.field[0] != '\0' ? json_line(buf_text(text), text->len, why.field) : 0;

	*err = (struct err){0};
	if (line > 0)
		return err_set(err, ERR_USAGE, NULL, "%s:%d: %s", path, line, why.text);
	return err_set(err, ERR_USAGE, NULL, "%s: %s", path, why.text);
}

/* name, beside the file at path unless it says otherwise. */
static int beside(const char *path, const char *name, char out[PATH_MAX])
{
	const char *slash = name[0] == '/' ? NULL : strrchr(path, '/');
	int n = snprintf(out, PATH_MAX, "%.*s%s", slash != NULL ? (int)(slash - path) + 1 : 0, path, name);

	return n < PATH_MAX ? 0 : -1;
}

static int read_keys(const char *path, const char *name, struct issuer *i, struct err *err)
{
	char file[PATH_MAX];
	struct buf text;
	int rc;

	if (beside(path, name, file) != 0)
		return err_set(err, ERR_USAGE, NULL, "%s: the path of a key set is too long.", path);
	buf_init(&text, TOKEN_FILE_MAX);
	rc = read_file(file, &text, err);
	if (rc == 0 && jws_keys_read(buf_text(&text), text.len, &i->keys, err) != 0)
		rc = place(file, &text, err);
	buf_free(&text);
	return rc;
}

/* --- one issuer -------------------------------------------------------------------- */

static int wrong(const char *at, const char *name, const char *wanted, struct err *err)
{
	char field[2 * AT_TEXT];

	snprintf(field, sizeof field, "%s.%s", at, name);
	return err_set(err, ERR_FIELD_INVALID, field, "The field %s must be %s.", field, wanted);
}

static int read_algorithms(const struct json_node *node, const char *at, struct issuer *i, struct err *err)
{
	const struct json_node *list;
	const char *name;

	if (json_get_array(node, at, "algorithms", JWS__MAX, &list, err) != 0)
		return -1;
	for (size_t k = 0; k < json_count(list); k++) {
		if (json_text_at(list, at, k, 16, &name, err) != 0 || jws_alg_find(name) == JWS_NONE)
			return wrong(
				at, "algorithms",
				"a list of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512",
				err);
		i->algs |= JWS_BIT(jws_alg_find(name));
	}
	return i->algs != 0 ? 0 : wrong(at, "algorithms", "a list of one at least", err);
}

/* One of two or three words; the first when it is left out. */
static int read_word(const struct json_node *node, const char *at, const char *name,
		     const char *const words[4], const char **out, struct err *err)
{
	const char *said = words[0];
	int k = 0;

	if (json_has(node, name) && json_text(node, at, name, 32, &said, err) != 0)
		return -1;
	while (words[k] != NULL && strcmp(words[k], said) != 0)
		k++;
	if (words[k] == NULL)
		return wrong(at, name, words[2] != NULL ? "sub, client_id or azp" : "at+jwt or JWT", err);
	*out = words[k];
	return 0;
}

static int read_issuer(const struct json_node *node, const char *at, struct issuer *i, const char **keys,
		       struct err *err)
{
	static const char *const members[] = {"issuer", "audience", "keys",           "algorithms",
					      "type",   "client",   "max_lifetime_s", NULL};
	static const char *const types[4] = {"at+jwt", "JWT"};
	static const char *const clients[4] = {"sub", "client_id", "azp"};
	const char *name, *audience, *type;

	i->max_lifetime_s = TOKEN_LIFETIME_S;
	if (json_only(node, at, members, err) != 0 ||
	    json_text(node, at, "issuer", TOKEN_NAME_MAX, &name, err) != 0 ||
	    json_text(node, at, "audience", TOKEN_NAME_MAX, &audience, err) != 0 ||
	    json_text(node, at, "keys", PATH_MAX, keys, err) != 0 || read_algorithms(node, at, i, err) != 0 ||
	    read_word(node, at, "type", types, &type, err) != 0 ||
	    read_word(node, at, "client", clients, &i->client, err) != 0 ||
	    (json_has(node, "max_lifetime_s") &&
	     json_int(node, at, "max_lifetime_s", 1, TOKEN_LIFETIME_MAX_S, &i->max_lifetime_s, err) != 0))
		return -1;
	i->is_access = type == types[0];
	snprintf(i->name, sizeof i->name, "%s", name);
	snprintf(i->audience, sizeof i->audience, "%s", audience);
	return 0;
}

/* --- all of them -------------------------------------------------------------------- */

static int add(const char *path, const struct buf *text, const struct json_node *list, size_t k,
	       struct issuers *all, struct err *err)
{
	struct issuer *i = &all->at[all->count];
	const struct json_node *node;
	char at[AT_TEXT];
	const char *keys;

	snprintf(at, sizeof at, "issuers[%zu]", k);
	if (json_object_at(list, "issuers", k, &node, err) != 0 || read_issuer(node, at, i, &keys, err) != 0)
		return place(path, text, err);
	if (issuers_find(all, i->name) != NULL) {
		wrong(at, "issuer", "of one issuer alone", err);
		return place(path, text, err);
	}
	all->count++;
	return read_keys(path, keys, i, err);
}

static int read_all(const char *path, const struct buf *text, const struct json_node *root,
		    struct issuers *all, struct err *err)
{
	static const char *const members[] = {"issuers", NULL};
	const struct json_node *list;

	if (json_only(root, "", members, err) != 0 ||
	    json_get_array(root, "", "issuers", TOKEN_ISSUERS_MAX, &list, err) != 0)
		return place(path, text, err);
	for (size_t k = 0; k < json_count(list); k++)
		if (add(path, text, list, k, all, err) != 0)
			return -1;
	return 0;
}

int issuers_read(const char *path, struct issuers **out, struct err *err)
{
	struct issuers *all = calloc(1, sizeof *all);
	struct json *doc = NULL;
	struct buf text;
	int rc;

	if (all == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	buf_init(&text, TOKEN_FILE_MAX);
	rc = read_file(path, &text, err);
	if (rc == 0 && (doc = json_parse(buf_text(&text), text.len, err)) == NULL)
		rc = place(path, &text, err);
	if (rc == 0)
		rc = read_all(path, &text, json_root(doc), all, err);
	json_free(doc);
	buf_free(&text);
	if (rc == 0)
		*out = all;
	else
		issuers_free(all);
	return rc;
}

void issuers_free(struct issuers *all)
{
	if (all == NULL)
		return;
	for (size_t i = 0; i < all->count; i++)
		jws_keys_free(all->at[i].keys);
	free(all);
}

const struct issuer *issuers_find(const struct issuers *all, const char *name)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->at[i].name, name) == 0)
			return &all->at[i];
	return NULL;
}
