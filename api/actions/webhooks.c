/*
 * Webhooks: addresses that events are sent to.
 */
#include <inttypes.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/views/event_view.h"
#include "api/frame/page.h"
#include "api/frame/words.h"
#include "ledger/book/journal.h"
#include "ledger/events/late.h"

#define MAKERS (BY(PROVIDER) | BY(PORTAL) | BY(FUNDER) | BY(OPERATOR))

static const char *word_of_state(int value)
{
	return value < WEBHOOK__MAX ? webhook_state_name((enum webhook_state)value) : NULL;
}

static const char *word_of_late(int value)
{
	return value < LATE__MAX ? late_state_name((enum late_state)value) : NULL;
}

/* One as it is shown. */
struct row {
	int64_t id;
	const char *org;
	enum role role;
	const char *url, *types;
	enum webhook_state state;
	const char *cause;
	char secret[WEBHOOK_KEY_TEXT]; /* shown once */
	char public_key[WEBHOOK_KEY_TEXT];
	int64_t old_until, created_at;
	const char *created_by;
	int64_t through, delivered, failing_since, ended_at;
};

#define ROW_GIVES                                                                                            \
	{"id", M_NUMBER, IN(struct row, id)}, {"org", M_STRING, IN(struct row, org)},                        \
		{"role", M_ONE_OF, IN(struct row, role), .word = word_of_role},                              \
		{"url", M_STRING, IN(struct row, url)},                                                      \
		{"types", M_STRING, IN(struct row, types), .flags = M_NULL},                                 \
		{"state", M_ONE_OF, IN(struct row, state), .word = word_of_state},                           \
		{"cause", M_STRING, IN(struct row, cause), .flags = M_OMIT},                                 \
		{"public_key", M_TEXT, IN(struct row, public_key)},                                          \
		{"old_secret_until", M_INSTANT, IN(struct row, old_until), .flags = M_NULL},                 \
		{"created_at", M_INSTANT, IN(struct row, created_at)},                                       \
		{"created_by", M_STRING, IN(struct row, created_by)},                                        \
		{"delivered_through", M_NUMBER, IN(struct row, through)},                                    \
		{"delivered", M_NUMBER, IN(struct row, delivered)},                                          \
		{"failing_since", M_INSTANT, IN(struct row, failing_since), .flags = M_NULL},                \
	{                                                                                                    \
		"ended_at", M_INSTANT, IN(struct row, ended_at), .flags = M_NULL                             \
	}

static const struct member row_gives[] = {ROW_GIVES, MEMBERS_END};

static const struct member shown_gives[] = {
	ROW_GIVES,
	{"secret", M_TEXT, IN(struct row, secret)},
	MEMBERS_END,
};

static int fill(struct db *db, struct action_call *c, const struct webhook *w, struct row *row,
		struct err *err)
{
	struct reach r;
	struct org org;

	if (org_get(db, w->org, &org, err) != 0 || late_reach(db, w->id, &r, err) != 0)
		return -1;
	*row = (struct row){.id = w->id,
			    .org = call_keep(c, org.code),
			    .role = w->role,
			    .url = call_keep(c, w->url),
			    .types = call_keep(c, w->types),
			    .state = w->state,
			    .cause = call_keep(c, w->cause),
			    .old_until = w->old_until,
			    .created_at = w->created_at,
			    .created_by = call_keep(c, w->created_by),
			    .through = r.through,
			    .delivered = r.delivered,
			    .failing_since = r.failing_since,
			    .ended_at = w->ended_at};
	webhook_public_text(ledger_master(c->ledger), w, row->public_key);
	return 0;
}

static int fill_with_secret(struct db *db, struct action_call *c, const struct webhook *w, struct err *err)
{
	struct row *row = c->answer;

	if (fill(db, c, w, row, err) != 0)
		return -1;
	webhook_secret_text(ledger_master(c->ledger), w, row->secret);
	return 0;
}

/* The secret alone on stdout, so that a script may keep it in a variable. */
static void print_secret(FILE *out, const struct action_call *c, const void *answer)
{
	const struct row *w = answer;

	(void)c;
	fprintf(out, "%s\n", w->secret);
	fprintf(stderr, "webhook %" PRId64 " of %s, to %s; the secret above is shown this once\n", w->id,
		w->org, w->url);
	fprintf(stderr, "public key for signatures v1a: %s\n", w->public_key);
}

static void print_one(FILE *out, const struct action_call *c, const void *answer)
{
	const struct row *w = answer;

	(void)c;
	fprintf(out, "webhook %" PRId64 "  %-20s %-9s %-12s %s%s%s", w->id, w->org, role_name(w->role),
		webhook_state_name(w->state), w->url, w->types != NULL && w->types[0] != '\0' ? "  " : "",
		w->types != NULL ? w->types : "");
	fprintf(out, "  through %" PRId64 ", delivered %" PRId64 "%s\n", w->through, w->delivered,
		w->failing_since != 0 ? ", failing" : "");
}

/* --- create, rotate ------------------------------------------------------------------- */

struct create {
	char url[WEBHOOK_URL_MAX + 1];
	char types[EVENT_TYPES_MAX + 1];
};

static const struct member create_takes[] = {
	{"url", M_TEXT, IN(struct create, url), .flags = M_NEEDED | M_POSITION,
	 .help = "where events go: https://", .example = "https://provider.example/events"},
	{"types", M_TEXT, IN(struct create, types),
	 .help = "only events of these types, with a blank between them; voucher.* is all of vouchers",
	 .example = "voucher.*"},
	MEMBERS_END,
};

static int create(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct create *in = c->args;
	struct webhook w;

	if (webhook_create(tx, in->url, in->types, c->settings->sandbox, &w, err) != 0)
		return -1;
	c->status = 201;
	return fill_with_secret(tx->db, c, &w, err);
}

struct named {
	int64_t id;
	int hours; /* of rotate; -1: WEBHOOK_OVERLAP_HOURS */
};

#define ID                                                                                                   \
	{                                                                                                    \
		"id", M_NUMBER, IN(struct named, id), .flags = M_NEEDED | M_PATH | M_POSITION, .absent = -1, \
						      .noun = "id of a webhook", .option = "WEBHOOK",        \
						      .example = "1"                                         \
	}

static const struct member named_takes[] = {ID, MEMBERS_END};

static const struct member rotate_takes[] = {
	ID,
	{"overlap_hours", M_NUMBER, IN(struct named, hours), .max = WEBHOOK_OVERLAP_MAX, .absent = -1,
	 .help = "hours for which the old secret signs, too; 24 when left out", .example = "24"},
	MEMBERS_END,
};

static int rotate(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct named *in = c->args;
	struct webhook w;

	if (webhook_rotate(tx, in->id, in->hours < 0 ? WEBHOOK_OVERLAP_HOURS : in->hours, &w, err) != 0)
		return -1;
	return fill_with_secret(tx->db, c, &w, err);
}

/* --- end, resume, test ------------------------------------------------------------------ */

static int end(struct tx *tx, struct action_call *c, struct err *err)
{
	struct webhook w;

	return webhook_end(tx, ((const struct named *)c->args)->id, &w, err) == 0
		       ? fill(tx->db, c, &w, c->answer, err)
		       : -1;
}

static int resume(struct tx *tx, struct action_call *c, struct err *err)
{
	struct webhook w;

	return webhook_resume(tx, ((const struct named *)c->args)->id, &w, err) == 0
		       ? fill(tx->db, c, &w, c->answer, err)
		       : -1;
}

static int test(struct tx *tx, struct action_call *c, struct err *err)
{
	struct webhook w;

	if (webhook_need_live(tx->db, &tx->actor, ((const struct named *)c->args)->id, &w, err) != 0 ||
	    late_test(tx, w.id, err) != 0)
		return -1;
	c->status = 202;
	return fill(tx->db, c, &w, c->answer, err);
}

/* --- list ----------------------------------------------------------------------------------- */

struct asked {
	struct page_in page;
	int64_t id; /* of failures */
};

struct listed {
	struct page_out page;
};

static const struct member list_takes[] = {PAGE_TAKES(struct asked), MEMBERS_END};
static const struct member list_gives[] = {PAGE_GIVES(struct listed, row_gives, struct row), MEMBERS_END};

static int list(struct db *db, struct action_call *c, struct err *err)
{
	struct page page;
	struct row *rows;
	struct webhook *all;
	size_t n = 0;

	if (page_open(c, &page, err) != 0 || (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    (all = page_rows(c, &page, sizeof *all, err)) == NULL ||
	    webhook_list(db, &c->actor, page.after, page.limit + 1, all, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (fill(db, c, &all[i], &rows[i], err) != 0)
			return -1;
	page_close(c, &page, rows, n, n > page.limit ? all[page.limit - 1].id : 0);
	return 0;
}

static void print_list(FILE *out, const struct action_call *c, const void *answer)
{
	const struct list *all = &((const struct listed *)answer)->page.data;

	for (size_t i = 0; i < all->count; i++)
		print_one(out, c, (const struct row *)all->at + i);
}

/* --- failures --------------------------------------------------------------------------------- */

struct failure {
	char event[EVENT_ID_TEXT];
	int64_t seq; /* below 0: a test */
	enum late_state state;
	int attempts;
	int64_t next_at;
	int status;
	const char *problem;
};

static const struct member failure_gives[] = {
	{"event", M_TEXT, IN(struct failure, event)},
	{"seq", M_NUMBER, IN(struct failure, seq), .flags = M_NULL},
	{"state", M_ONE_OF, IN(struct failure, state), .word = word_of_late},
	{"attempts", M_NUMBER, IN(struct failure, attempts)},
	{"next_at", M_INSTANT, IN(struct failure, next_at), .flags = M_NULL},
	{"status", M_NUMBER, IN(struct failure, status), .flags = M_NULL},
	{"problem", M_STRING, IN(struct failure, problem), .flags = M_NULL},
	MEMBERS_END,
};

static const struct member failures_takes[] = {
	PAGE_TAKES(struct asked),
	{"id", M_NUMBER, IN(struct asked, id), .flags = M_NEEDED | M_PATH | M_POSITION, .absent = -1,
	 .noun = "id of a webhook", .option = "WEBHOOK", .example = "1"},
	MEMBERS_END,
};
static const struct member failures_gives[] = {PAGE_GIVES(struct listed, failure_gives, struct failure),
					       MEMBERS_END};

static int failures(struct db *db, struct action_call *c, struct err *err)
{
	const struct asked *in = c->args;
	struct late late[PAGE_MAX + 1];
	struct event_told told;
	struct failure *rows;
	struct webhook w;
	struct page page;
	size_t n = 0;

	if (webhook_need(db, &c->actor, in->id, &w, err) != 0 || page_open(c, &page, err) != 0 ||
	    (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    late_list(db, w.id, page.after != 0 ? page.within : INT64_MIN, page.limit + 1, late, &n, err) !=
		    0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (late[i].seq < 0)
			event_tell_test(c->settings, -late[i].seq, &told);
		else
			event_tell(c->settings, &(struct event){.seq = late[i].seq}, &told);
		rows[i] = (struct failure){.seq = late[i].seq,
					   .state = late[i].state,
					   .attempts = late[i].attempts,
					   .next_at = late[i].state == LATE_WAITING ? late[i].next_at : 0,
					   .status = late[i].status,
					   .problem = call_keep(c, late[i].problem)};
		memcpy(rows[i].event, told.id, sizeof rows[i].event);
	}
	/* Tests bear numbers below 0. */
	page_give_at(c, &page, rows, n < page.limit ? n : page.limit, n > page.limit, 1,
		     n > page.limit ? late[page.limit - 1].seq : 0);
	return 0;
}

/* --- replay ------------------------------------------------------------------------------------- */

struct replay {
	int64_t id, from, to;
};

struct replayed {
	int64_t queued, after;
	int finished;
};

static const struct member replay_takes[] = {
	{"id", M_NUMBER, IN(struct replay, id), .flags = M_NEEDED | M_PATH | M_POSITION, .absent = -1,
	 .noun = "id of a webhook", .option = "WEBHOOK", .example = "1"},
	{"from", M_NUMBER, IN(struct replay, from), .flags = M_NEEDED, .absent = -1,
	 .help = "number of the entry that the event is, or that the range begins with", .example = "1200"},
	{"to", M_NUMBER, IN(struct replay, to), .absent = -1, .help = "last entry of a range",
	 .example = "1300"},
	MEMBERS_END,
};

static const struct member replay_gives[] = {
	{"queued", M_NUMBER, IN(struct replayed, queued)},
	{"after", M_NUMBER, IN(struct replayed, after)},
	{"finished", M_FLAG, IN(struct replayed, finished)},
	MEMBERS_END,
};

static int replay(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct replay *in = c->args;
	struct replayed *out = c->answer;
	int64_t to = in->to < 0 ? in->from : in->to, looked;
	struct webhook w;
	struct head head;

	if (in->from < 1 || to < in->from)
		return err_set(err, ERR_FIELD_INVALID, in->from < 1 ? "from" : "to",
			       "A range is from one entry, 1 at least, to the same or a later one.");
	if (webhook_need_live(tx->db, &tx->actor, in->id, &w, err) != 0 ||
	    journal_head(tx->db, &head, err) != 0)
		return -1;
	if (to > head.seq)
		to = head.seq;
	looked = in->from - 1;
	if (to >= in->from && late_replay(tx, &w, in->from, to, &out->queued, &looked, err) != 0)
		return -1;
	out->after = looked;
	out->finished = looked >= to;
	c->status = 202;
	return 0;
}

static int replay_again(struct action_call *c, void *total)
{
	struct replay *in = c->args;
	const struct replayed *part = c->answer;
	struct replayed *all = total;

	all->queued += part->queued;
	all->after = part->after;
	all->finished = part->finished;
	in->from = part->after + 1;
	return !part->finished;
}

static void print_replayed(FILE *out, const struct action_call *c, const void *answer)
{
	const struct replayed *done = answer;

	(void)c;
	fprintf(out, "%" PRId64 " event%s sent again\n", done->queued, done->queued == 1 ? " is" : "s are");
}

/* --- the actions --------------------------------------------------------------------------------- */

static const struct action created = {
	.name = "webhook create",
	.method = "POST",
	.path = "/v1/webhooks",
	.roles = MAKERS,
	.flags = ACTION_SECRET,
	.takes = create_takes,
	.takes_size = sizeof(struct create),
	.gives = shown_gives,
	.gives_size = sizeof(struct row),
	.run = create,
	.print = print_secret,
	.summary = "send events to an address, as Standard Webhooks; the secret is shown once",
	.help = "It is told what a key of the same organisation and role reads as events, from now on.  The\n"
		"secret stands alone on stdout.  A sandbox also takes http://.\n",
};

static const struct action listed = {
	.name = "webhook list",
	.method = "GET",
	.path = "/v1/webhooks",
	.roles = MAKERS,
	.flags = ACTION_OF_LEDGER,
	.takes = list_takes,
	.takes_size = sizeof(struct asked),
	.gives = list_gives,
	.gives_size = sizeof(struct listed),
	.read = list,
	.again = page_again,
	.print_part = print_list,
	.summary = "the organisation's webhooks, how far each was served; an operator sees all",
};

static const struct action rotated = {
	.name = "webhook rotate",
	.method = "POST",
	.path = "/v1/webhooks/{id}/rotate",
	.roles = MAKERS,
	.flags = ACTION_SECRET,
	.takes = rotate_takes,
	.takes_size = sizeof(struct named),
	.gives = shown_gives,
	.gives_size = sizeof(struct row),
	.run = rotate,
	.print = print_secret,
	.summary = "a new secret; the old one signs beside it for some hours",
};

static const struct action ended = {
	.name = "webhook end",
	.method = "POST",
	.path = "/v1/webhooks/{id}/end",
	.roles = MAKERS,
	.takes = named_takes,
	.takes_size = sizeof(struct named),
	.gives = row_gives,
	.gives_size = sizeof(struct row),
	.run = end,
	.print = print_one,
	.summary = "end a webhook: nothing more is sent",
};

static const struct action resumed = {
	.name = "webhook resume",
	.method = "POST",
	.path = "/v1/webhooks/{id}/resume",
	.roles = MAKERS,
	.takes = named_takes,
	.takes_size = sizeof(struct named),
	.gives = row_gives,
	.gives_size = sizeof(struct row),
	.run = resume,
	.print = print_one,
	.summary = "go on with a webhook that was switched off, where it was",
};

static const struct action tested = {
	.name = "webhook test",
	.method = "POST",
	.path = "/v1/webhooks/{id}/test",
	.roles = MAKERS,
	.takes = named_takes,
	.takes_size = sizeof(struct named),
	.gives = row_gives,
	.gives_size = sizeof(struct row),
	.run = test,
	.print = print_one,
	.summary = "send an event of type webhook.test",
};

static const struct action failed = {
	.name = "webhook failures",
	.method = "GET",
	.path = "/v1/webhooks/{id}/failures",
	.roles = MAKERS,
	.flags = ACTION_OF_LEDGER,
	.takes = failures_takes,
	.takes_size = sizeof(struct asked),
	.gives = failures_gives,
	.gives_size = sizeof(struct listed),
	.read = failures,
	.again = page_again,
	.print_part = print_answer,
	.summary = "events that wait for another attempt, and those given up: dead letters",
};

static const struct action replayed = {
	.name = "webhook replay",
	.method = "POST",
	.path = "/v1/webhooks/{id}/replay",
	.roles = MAKERS,
	.takes = replay_takes,
	.takes_size = sizeof(struct replay),
	.gives = replay_gives,
	.gives_size = sizeof(struct replayed),
	.run = replay,
	.again = replay_again,
	.print = print_replayed,
	.summary = "send one event, or those of a range, again, each under its id",
	.over_http = "some hundred events a call: again from after + 1 until finished",
};

const struct action *const actions_of_webhooks[] = {&created, &listed, &rotated,  &ended, &resumed,
						    &tested,  &failed, &replayed, NULL};
