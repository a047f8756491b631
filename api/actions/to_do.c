#include "api/actions/to_do.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/actions/voucher_step.h"
#include "ledger/oversight/decision.h"

#define BODY_MAX 1024

struct name {
	const char *text;
};

static const struct member name_gives[] = {{"", M_STRING, IN(struct name, text)}, MEMBERS_END};

const struct member to_do_members[] = {
	{"name", M_STRING, IN(struct to_do, name)},
	{"method", M_STRING, IN(struct to_do, method)},
	{"path", M_STRING, IN(struct to_do, path)},
	{"needs", M_LIST, IN(struct to_do, needs), .of = name_gives, .item = sizeof(struct name)},
	{"body", M_RAW, IN(struct to_do, body), .flags = M_OMIT},
	MEMBERS_END,
};

static const struct action *action_named(const char *name)
{
	const struct action *a;

	for (size_t i = 0; (a = action_at(i)) != NULL; i++)
		if (strcmp(a->name, name) == 0)
			return a;
	return NULL;
}

/* --- its address -------------------------------------------------------------------- */

/* A word of an address: what would be taken for more than that becomes %XX. */
static void add_word(const char *word, struct buf *out)
{
	for (; *word != '\0'; word++) {
		if (isalnum((unsigned char)*word) || strchr("-._~:", *word) != NULL)
			buf_char(out, *word);
		else
			buf_format(out, "%%%02X", (unsigned char)*word);
	}
}

static const char *fill_path(struct action_call *c, const char *path, const struct to_do_on *on)
{
	const char *word = on->subject, *told;
	struct buf out;

	buf_init(&out, PATH_TEXT);
	for (; *path != '\0'; path++) {
		if (*path != '{') {
			buf_char(&out, *path);
			continue;
		}
		add_word(word, &out);
		word = on->second;
		path = strchr(path, '}');
	}
	told = call_keep(c, buf_text(&out));
	buf_free(&out);
	return told;
}

/* --- what it takes ---------------------------------------------------------------------- */

/* Of a step of a voucher what that step takes, of any other action its members. */
static enum step_takes takes(const struct action *a, const struct transition *step, const struct member *m)
{
	if ((m->flags & (M_PATH | M_QUERY)) != 0 || m->type == M_FILE || m->type == M_CURRENCY)
		return STEP_LEAVES_OUT;
	if (strcmp(a->name, "voucher step") == 0)
		return step != NULL ? step_takes(step, m->name) : STEP_LEAVES_OUT;
	return (m->flags & M_NEEDED) != 0 ? STEP_NEEDS : STEP_MAY_TAKE;
}

static int fill_needs(struct action_call *c, const struct action *a, const struct transition *step,
		      struct to_do *out, struct err *err)
{
	struct name *name;

	if (list_make(&out->needs, c->arena, MEMBERS_MAX, sizeof *name, err) != 0)
		return -1;
	name = out->needs.at;
	out->needs.count = 0;
	for (const struct member *m = a->takes; m != NULL && m->name != NULL; m++)
		if (takes(a, step, m) == STEP_NEEDS)
			name[out->needs.count++].text = m->name;
	return 0;
}

/* --- what was said ------------------------------------------------------------------------- */

/* Members of a body that a decision keeps by another name. */
static const char *name_said(const char *member)
{
	static const struct {
		const char *member, *said;
	} table[] = {
		{"organisation", "org"},
		{"entered_on", "on"},
		{"started_on", "on"},
		{"exited_on", "on"},
		{"restores_learner", "restores"},
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(table[i].member, member) == 0)
			return table[i].said;
	return member;
}

/* What was said of a member, as it would be typed; "" nothing. */
static void read_said(const struct decision *d, const struct member *m, char *out, size_t size)
{
	int64_t number = decision_number(d, name_said(m->name), INT64_MIN);
	char day[DATE_TEXT];

	if (number == INT64_MIN)
		decision_text(d, name_said(m->name), out, size);
	else if (m->type == M_DAY)
		snprintf(out, size, "%s", day_format((day_t)number, day));
	else if (m->type == M_ONE_OF)
		snprintf(out, size, "%s", m->word((int)number));
	else if (m->type == M_FLAG)
		snprintf(out, size, "%s", number != 0 ? "true" : "");
	else if (m->type == M_AMOUNT && number == 0 && m->absent == 0)
		out[0] = '\0';
	else
		snprintf(out, size, "%" PRId64, number);
}

/* As JSON that is stored is told: its members by name. */
static int keep_body(struct action_call *c, const struct buf *body, struct to_do *out, struct err *err)
{
	struct json *json = json_parse(buf_text(body), body->len, err);
	struct buf told;

	if (json == NULL)
		return -1;
	buf_init(&told, BODY_MAX);
	json_write(json_root(json), &told);
	out->body = call_keep(c, buf_text(&told));
	buf_free(&told);
	json_free(json);
	return 0;
}

/* The arguments that say the same. */
static int fill_args(const struct action *a, const struct transition *step, const struct to_do_on *on,
		     void *args, struct err *err)
{
	char text[DECISION_BYTES_MAX];
	struct decision d = {0};

	snprintf(d.content, sizeof d.content, "%s", on->said);
	for (const struct member *m = a->takes; m->name != NULL; m++) {
		if (takes(a, step, m) == STEP_LEAVES_OUT)
			continue;
		read_said(&d, m, text, sizeof text);
		if (on->named_by != NULL && strcmp(m->name, on->named_by) == 0)
			snprintf(text, sizeof text, "%s", on->subject);
		if (text[0] != '\0' && member_from_text(m, text, 0, args, err) != 0)
			return -1;
	}
	return 0;
}

static int fill_body(struct action_call *c, const struct action *a, const struct transition *step,
		     const struct to_do_on *on, struct to_do *out, struct err *err)
{
	struct action_call same;
	struct buf body;
	int rc;

	if (call_begin(&same, a, c->arena, err) != 0 || fill_args(a, step, on, same.args, err) != 0)
		return -1;
	buf_init(&body, BODY_MAX);
	members_to_body(a->takes, same.args, c->settings, &body);
	rc = buf_ok(&body) ? keep_body(c, &body, out, err)
			   : err_bug(err, "to_do: what was said is too long to say again");
	buf_free(&body);
	return rc;
}

/* A file is sent again as a whole. */
static int is_said_in_a_body(const struct action *a)
{
	const struct member *m = a->takes;

	while (m != NULL && m->name != NULL && m->type != M_FILE)
		m++;
	return m != NULL && m->name == NULL;
}

/* The step as the caller's role has it; of one who only looks on, as any has. */
static const struct transition *find_step(const struct action_call *c, const char *name)
{
	const struct transition *step = transition_find(name, (enum role)c->actor.role);

	for (int r = ROLE_NONE + 1; r < ROLE__MAX && step == NULL; r++)
		step = transition_find(name, (enum role)r);
	return step;
}

int to_do_fill(struct action_call *c, const struct to_do_on *on, struct to_do *out, struct err *err)
{
	const struct transition *step = on->second[0] != '\0' ? find_step(c, on->second) : NULL;
	const struct action *a = action_named(on->action);

	if (a == NULL)
		return err_bug(err, "to_do: no action is called that");
	*out = (struct to_do){.known = 1,
			      .name = a->name,
			      .method = a->method,
			      .path = fill_path(c, a->path, on),
			      .body = ""};
	if (fill_needs(c, a, step, out, err) != 0)
		return -1;
	return on->said[0] != '\0' && is_said_in_a_body(a) ? fill_body(c, a, step, on, out, err) : 0;
}
