#include "api/http/routes.h"
#include "api/actions/all.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* A path has one spelling, whoever reads it on its way: what needs no escape has none. */
static int is_spelt_plainly(const char *escaped, const char *plain)
{
	for (; *escaped != '\0'; escaped++, plain++) {
		if (*escaped != '%')
			continue;
		if (isalnum((unsigned char)*plain) || strchr("-._~:", *plain) != NULL)
			return 0;
		escaped += 2;
	}
	return 1;
}

/* One segment of the template against one of the path; a {name} stores its value, a '/' in which comes as
 * %2F. */
static int match_segment(const char *t, size_t tn, const char *p, size_t pn, struct request *r)
{
	const char *close = memchr(t, '}', tn);
	char value[PARAM_MAX];
	struct param *param;
	size_t suffix;

	if (tn == 0 || t[0] != '{' || close == NULL)
		return tn == pn && memcmp(t, p, tn) == 0;
	suffix = tn - (size_t)(close + 1 - t);
	if (pn <= suffix || memcmp(close + 1, p + pn - suffix, suffix) != 0 || pn - suffix >= PARAM_MAX ||
	    r->path_params == PATH_PARAMS_MAX)
		return 0;
	param = &r->path_param[r->path_params++];
	param->name = arena_copy(r->arena, t + 1, (size_t)(close - t - 1));
	if (param->name == NULL)
		return 0;
	memcpy(value, p, pn - suffix);
	value[pn - suffix] = '\0';
	return request_decode(value, param->value) == 0 && is_spelt_plainly(value, param->value);
}

/* Segment by segment, all of them. */
static int match_path(const char *t, const char *p, struct request *r)
{
	r->path_params = 0;
	while (*t == '/' && *p == '/') {
		size_t tn = strcspn(++t, "/"), pn = strcspn(++p, "/");

		if (!match_segment(t, tn, p, pn, r))
			return 0;
		t += tn;
		p += pn;
	}
	return *t == '\0' && *p == '\0';
}

/* The methods of an address, for Allow: what is read can be asked for without its body, and all can be asked
 * what they offer. */
static void name_methods(int get, int post, char allow[64])
{
	snprintf(allow, 64, "%s%sOPTIONS", get ? "GET, HEAD, " : "", post ? "POST, " : "");
}

static int refuse(const char *allow, struct err *err)
{
	if (allow[0] == '\0')
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no such address in this API.");
	return err_set(err, ERR_METHOD_NOT_ALLOWED, NULL, "This address offers %s only.", allow);
}

int route_match(const char *method, const char *path, struct request *r, char allow[64], struct err *err)
{
	const struct action *a;
	int get = 0, post = 0;

	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	allow[0] = '\0';
	for (size_t i = 0; (a = action_at(i)) != NULL; i++) {
		if (!match_path(a->path, path, r))
			continue;
		if (strcmp(a->method, method) == 0) {
			r->action = a;
			return 0;
		}
		get |= strcmp(a->method, "GET") == 0;
		post |= strcmp(a->method, "POST") == 0;
	}
	r->path_params = 0;
	if (get || post)
		name_methods(get, post, allow);
	return (get || post) && strcmp(method, "OPTIONS") == 0 ? 0 : refuse(allow, err);
}

static int takes_query(const struct action *a, const char *name)
{
	for (const struct member *m = a->takes; m != NULL && m->name != NULL; m++)
		if ((m->flags & M_QUERY) != 0 && strcmp(m->name, name) == 0)
			return 1;
	return 0;
}

int route_check_queries(const struct request *r, struct err *err)
{
	char known[256] = "none";
	size_t n = 0;

	for (const struct member *m = r->action->takes; m != NULL && m->name != NULL; m++)
		if ((m->flags & M_QUERY) != 0 && n < sizeof known)
			n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", n > 0 ? " " : "", m->name);
	for (size_t i = 0; i < r->queries; i++)
		if (!takes_query(r->action, r->query[i].name))
			return err_set(err, ERR_FIELD_UNKNOWN, r->query[i].name,
				       "This address takes no query parameter of that name. It takes: %s.",
				       known);
	return 0;
}

int route_takes_file(const struct action *a)
{
	for (const struct member *m = a->takes; m != NULL && m->name != NULL; m++)
		if (m->type == M_FILE)
			return 1;
	return 0;
}
