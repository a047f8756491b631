/* The members caps and untitled of a programme document: what an order of a kind may take, and must be. */
#include <stdio.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/rules/programme_member.h"

/* What an order that the cap is of must be. */
static int parse_conditions(const struct json_node *n, const char *path, struct rule_cap *c, struct err *err)
{
	if ((json_has(n, "hours_min") &&
	     member_int(n, path, "hours_min", COURSE_HOURS_MAX, &c->hours_min, err) != 0) ||
	    (json_has(n, "once_in_years") &&
	     member_int(n, path, "once_in_years", ONCE_YEARS_MAX, &c->once_in_years, err) != 0) ||
	    (json_has(n, "third_party_min") &&
	     json_int(n, path, "third_party_min", 0, AMOUNT_MAX, &c->third_party_min, err) != 0) ||
	    member_words(n, path, "third_party_exempt", c->third_party_exempt, &c->third_party_exempts,
			 err) != 0)
		return -1;
	if (c->once_in_years > 0 && c->action[0] == '\0')
		return member_refuse(path, "once_in_years",
				     "counts orders of an action_type, which is missing", err);
	if (c->third_party_min > 0 && c->classes == 0)
		return member_refuse(path, "third_party_min",
				     "is paid by other classes than those of classes, which is missing", err);
	if (c->third_party_exempts > 0 && c->third_party_min == 0)
		return member_refuse(path, "third_party_exempt",
				     "is exempt from third_party_min, which is missing", err);
	return 0;
}

static int parse_cap(const struct json_node *n, const char *path, struct rule_cap *c, struct err *err)
{
	static const char *const names[] = {"repertoire",
					    "action_type",
					    "except",
					    "max",
					    "classes",
					    "hours_min",
					    "once_in_years",
					    "third_party_min",
					    "third_party_exempt",
					    NULL};
	const struct json_node *list;
	const char *word;

	if (json_only(n, path, names, err) != 0 ||
	    json_int(n, path, "max", 0, AMOUNT_MAX, &c->max, err) != 0 ||
	    member_words(n, path, "classes", c->class_, &c->classes, err) != 0)
		return -1;
	if (json_has(n, "repertoire")) {
		if (json_text(n, path, "repertoire", CODE_MAX, &word, err) != 0)
			return -1;
		if (strcmp(word, "RS") != 0 && strcmp(word, "RNCP") != 0)
			return member_refuse(path, "repertoire", "is one of RS, RNCP", err);
		snprintf(c->repertoire, sizeof c->repertoire, "%s", word);
	}
	if (json_has(n, "action_type")) {
		enum action_type known;

		if (member_word(n, path, "action_type", c->action, err) != 0)
			return -1;
		if (action_type_find(c->action, &known) != 0)
			return member_refuse(path, "action_type", "is not an action type known here", err);
	}
	if (c->repertoire[0] == '\0' && c->action[0] == '\0')
		return member_refuse(path, "repertoire",
				     "or action_type says what the cap holds for; both are missing", err);
	if (parse_conditions(n, path, c, err) != 0)
		return -1;
	if (!json_has(n, "except"))
		return 0;
	if (json_get_array(n, path, "except", CAP_EXCEPT_MAX, &list, err) != 0)
		return -1;
	for (; c->excepts < json_count(list); c->excepts++) {
		if (member_text_at(list, path, "except", c->excepts, sizeof c->except[0] - 1, &word, err) !=
		    0)
			return -1;
		if (!check_code(word))
			return member_refuse(path, "except", "holds codes of certifications", err);
		snprintf(c->except[c->excepts], sizeof c->except[0], "%s", word);
	}
	return 0;
}

int member_caps(const struct json_node *root, struct rule *r, struct err *err)
{
	const struct json_node *list, *n;

	if (!json_has(root, "caps"))
		return 0;
	if (json_get_array(root, "", "caps", CAPS_MAX, &list, err) != 0)
		return -1;
	for (; r->caps < json_count(list); r->caps++) {
		char at[sizeof err->field];

		snprintf(at, sizeof at, "caps[%zu]", r->caps);
		if (json_object_at(list, "caps", r->caps, &n, err) != 0 ||
		    parse_cap(n, at, &r->cap[r->caps], err) != 0)
			return -1;
	}
	return 0;
}

int member_untitled(const struct json_node *root, struct rule *r, struct err *err)
{
	char word[CLASSES_MAX][REASON_MAX + 1];
	enum action_type action;
	size_t words;

	if (member_words(root, "", "untitled", word, &words, err) != 0)
		return -1;
	for (size_t i = 0; i < words; i++) {
		if (action_type_find(word[i], &action) != 0 || !action_untitled(action))
			return member_refuse(
				"", "untitled",
				"holds skills_assessment, light_vehicle_licence, heavy_vehicle_licence", err);
		r->untitled[action] = 1;
	}
	return 0;
}
