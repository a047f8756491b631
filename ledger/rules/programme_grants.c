/*
 * The member grants[] of a programme document: what an agreement gives by itself
 * when an order is short (grant.h).
 */
#include <stdio.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/rules/programme_member.h"

static int read_codes(const struct json_node *n, const char *path, const char *name, struct rule_codes *out,
		      struct err *err)
{
	const struct json_node *list;
	const char *text;

	out->count = 0;
	if (!json_has(n, name))
		return 0;
	if (json_get_array(n, path, name, GRANT_CODES_MAX, &list, err) != 0)
		return -1;
	for (size_t i = 0; i < json_count(list); i++) {
		if (member_text_at(list, path, name, i, CODE_MAX, &text, err) != 0)
			return -1;
		if (!check_code(text))
			return member_refuse(path, name, "holds codes of letters, digits and _.:/- only",
					     err);
		snprintf(out->code[out->count++], CODE_MAX + 1, "%s", text);
	}
	return 0;
}

static int read_titles(const struct json_node *n, const char *path, struct rule_grant *g, struct err *err)
{
	const struct json_node *list;
	const char *text;

	if (json_has(n, "certifications")) {
		if (json_get_array(n, path, "certifications", GRANT_TITLES_MAX, &list, err) != 0)
			return -1;
		for (size_t i = 0; i < json_count(list); i++) {
			if (member_text_at(list, path, "certifications", i, sizeof g->certification[0] - 1,
					   &text, err) != 0)
				return -1;
			if (!check_code(text))
				return member_refuse(path, "certifications",
						     "holds codes such as RNCP35191 only", err);
			snprintf(g->certification[g->certifications++], sizeof g->certification[0], "%s",
				 text);
		}
	}
	if (read_codes(n, path, "courses", &g->courses, err) != 0)
		return -1;
	if (g->certifications == 0 && g->courses.count == 0)
		return member_refuse(path, "certifications",
				     "or courses says what is granted for, and both are empty", err);
	return 0;
}

/* The public of a grant, by what the register holds of a learner; absent: everybody. */
static int read_public(const struct json_node *n, const char *path, struct rule_grant *g, struct err *err)
{
	static const char *const names[] = {"status", "age_band",      "qualification",
					    "region", "low_qualified", NULL};
	const struct json_node *p;
	char at[sizeof err->field];

	if (!json_has(n, "public"))
		return 0;
	snprintf(at, sizeof at, "%.30s.public", path);
	if (json_get_object(n, path, "public", &p, err) != 0 || json_only(p, at, names, err) != 0 ||
	    read_codes(p, at, "status", &g->status, err) != 0 ||
	    read_codes(p, at, "age_band", &g->age_band, err) != 0 ||
	    read_codes(p, at, "qualification", &g->qualification, err) != 0 ||
	    read_codes(p, at, "region", &g->region, err) != 0)
		return -1;
	return json_has(p, "low_qualified") ? json_bool(p, at, "low_qualified", &g->low_qualified, err) : 0;
}

static int read_money(const struct json_node *n, const char *path, struct rule_grant *g, struct err *err)
{
	const char *per;

	if (member_code(n, path, "fund", g->fund, err) != 0 ||
	    json_int(n, path, "envelope", 1, AMOUNT_MAX, &g->envelope, err) != 0 ||
	    json_text(n, path, "per", CODE_MAX, &per, err) != 0 ||
	    json_int(n, path, "max", 1, AMOUNT_MAX, &g->max, err) != 0)
		return -1;
	g->yearly = strcmp(per, "year") == 0;
	if (!g->yearly && strcmp(per, "period") != 0)
		return member_refuse(path, "per", "is one of year, period", err);
	if (g->max > g->envelope)
		return member_refuse(path, "max", "is more than the whole envelope", err);
	return 0;
}

static int read_days(const struct json_node *n, const char *path, const struct rule *r, struct rule_grant *g,
		     struct err *err)
{
	g->from = r->valid_from;
	g->to = r->valid_to;
	if ((json_has(n, "from") && json_day(n, path, "from", &g->from, err) != 0) ||
	    (json_has(n, "to") && json_day(n, path, "to", &g->to, err) != 0))
		return -1;
	if (g->from < r->valid_from)
		return member_refuse(path, "from", "lies before valid_from", err);
	if (g->to > r->valid_to)
		return member_refuse(path, "to", "lies after valid_to", err);
	return g->to < g->from ? member_refuse(path, "to", "lies before from", err) : 0;
}

static int read_grant(const struct json_node *n, const char *path, struct rule *r, struct rule_grant *g,
		      struct err *err)
{
	static const char *const names[] = {"grant", "fund",   "envelope",       "per",     "max", "from",
					    "to",    "public", "certifications", "courses", NULL};

	if (json_only(n, path, names, err) != 0 || member_code(n, path, "grant", g->grant, err) != 0 ||
	    read_money(n, path, g, err) != 0 || read_days(n, path, r, g, err) != 0 ||
	    read_public(n, path, g, err) != 0 || read_titles(n, path, g, err) != 0)
		return -1;
	for (size_t i = 0; i < r->grants; i++)
		if (strcmp(r->grant[i].grant, g->grant) == 0)
			return member_refuse(path, "grant", "is the name of another grant already", err);
	return 0;
}

int member_grants(const struct json_node *root, struct rule *r, struct err *err)
{
	const struct json_node *list, *n;
	char at[sizeof err->field];

	if (!json_has(root, "grants"))
		return 0;
	if (json_get_array(root, "", "grants", GRANTS_PER_RULE_MAX, &list, err) != 0)
		return -1;
	for (size_t i = 0; i < json_count(list); i++) {
		snprintf(at, sizeof at, "grants[%zu]", i);
		if (json_object_at(list, "grants", i, &n, err) != 0 ||
		    read_grant(n, at, r, &r->grant[r->grants], err) != 0)
			return -1;
		r->grants++;
	}
	return 0;
}
