/*
 * Programmes, and the rule of one as it is in force on a day.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "ledger/registers/programme.h"

/* --- list ------------------------------------------------------------------------------- */

struct asked {
	struct page_in page;
};

struct listed {
	struct page_out page;
};

struct row {
	const char *programme, *account, *version;
	int64_t versions;
	day_t valid_from, valid_to;
};

static const struct member list_takes[] = {PAGE_TAKES(struct asked), MEMBERS_END};

static const struct member row_gives[] = {
	{"programme", M_STRING, IN(struct row, programme)},
	{"account", M_STRING, IN(struct row, account)},
	{"version", M_STRING, IN(struct row, version), .flags = M_NULL},
	{"versions", M_NUMBER, IN(struct row, versions)},
	{"valid_from", M_DAY, IN(struct row, valid_from)},
	{"valid_to", M_DAY, IN(struct row, valid_to)},
	MEMBERS_END,
};

static const struct member list_gives[] = {PAGE_GIVES(struct listed, row_gives, struct row), MEMBERS_END};

/* Its version of today, where one is in force. */
static int fill(struct db *db, struct action_call *c, const struct programme_row *from, struct row *to,
		struct err *err)
{
	day_t today = ledger_today(c->ledger);
	char account[CODE_MAX + 1] = "";
	const struct rule *rule;
	int rc = rule_last(db, from->programme, today, &rule, err);

	if (rc < 0 || programme_account(db, from->programme, account, err) < 0)
		return -1;
	*to = (struct row){.programme = call_keep(c, from->programme),
			   .account = call_keep(c, account),
			   .version = rc == 1 && rule->valid_to >= today ? call_keep(c, rule->version) : "",
			   .versions = from->versions,
			   .valid_from = from->valid_from,
			   .valid_to = from->valid_to};
	return 0;
}

static int list(struct db *db, struct action_call *c, struct err *err)
{
	struct programme_row *from;
	struct page page;
	struct row *rows;
	size_t n;

	if (page_open(c, &page, err) != 0 || (from = page_rows(c, &page, sizeof *from, err)) == NULL ||
	    (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    programme_list(db, page.after, page.limit + 1, from, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n && i < page.limit; i++)
		if (fill(db, c, &from[i], &rows[i], err) != 0)
			return -1;
	page_close(c, &page, rows, n, n > page.limit ? from[page.limit - 1].first : 0);
	return 0;
}

/* --- the rule ------------------------------------------------------------------------------- */

struct rule_asked {
	char id[CODE_MAX + 1];
	day_t on;
};

struct ruled {
	const char *programme, *version, *sha256, *document;
	day_t valid_from, valid_to;
};

static const struct member rule_takes[] = {
	{"id", M_CODE, IN(struct rule_asked, id), .flags = M_NEEDED | M_PATH | M_POSITION,
	 .option = "PROGRAMME", .example = "cpf"},
	{"on", M_DAY, IN(struct rule_asked, on), .flags = M_QUERY, .help = "the day (today)",
	 .example = "2026-01-05"},
	MEMBERS_END,
};

static const struct member rule_gives[] = {
	{"programme", M_STRING, IN(struct ruled, programme)},
	{"version", M_STRING, IN(struct ruled, version)},
	{"valid_from", M_DAY, IN(struct ruled, valid_from)},
	{"valid_to", M_DAY, IN(struct ruled, valid_to)},
	{"sha256", M_STRING, IN(struct ruled, sha256)},
	{"document", M_LINES, IN(struct ruled, document)},
	MEMBERS_END,
};

static int give_text(struct db *db, struct action_call *c, const struct rule *rule, struct ruled *out,
		     struct err *err)
{
	unsigned char hash[SHA256_BYTES] = {0};
	char hex[SHA256_HEX];
	struct buf text;
	int rc;

	buf_init(&text, RULE_BYTES_MAX);
	rc = rule_text(db, rule->id, &text, hash, err);
	out->document = call_keep(c, buf_text(&text));
	out->sha256 = call_keep(c, sha256_hex(hash, hex));
	buf_free(&text);
	return rc;
}

static int show_rule(struct db *db, struct action_call *c, struct err *err)
{
	const struct rule_asked *in = c->args;
	struct ruled *out = c->answer;
	day_t on = in->on != DAY_NONE ? in->on : ledger_today(c->ledger);
	char account[CODE_MAX + 1];
	const struct rule *rule;
	int rc = programme_account(db, in->id, account, err);

	if (rc == 0)
		return err_missing(err, NULL, "There is no programme %s.", in->id);
	if (rc < 0 || rule_on(db, in->id, on, &rule, err) != 0)
		return -1;
	out->programme = call_keep(c, rule->programme);
	out->version = call_keep(c, rule->version);
	out->valid_from = rule->valid_from;
	out->valid_to = rule->valid_to;
	return give_text(db, c, rule, out, err);
}

/* --- the actions ------------------------------------------------------------------------------ */

static const struct action listing = {
	.name = "programme list",
	.method = "GET",
	.path = "/v1/programmes",
	.roles = BY_EVERY_ROLE,
	.takes = list_takes,
	.takes_size = sizeof(struct asked),
	.gives = list_gives,
	.gives_size = sizeof(struct listed),
	.read = list,
	.again = page_again,
	.print_part = print_answer,
	.summary = "programmes, with the version of their rules that is in force today",
};

static const struct action ruling = {
	.name = "programme rule",
	.method = "GET",
	.path = "/v1/programmes/{id}/rule",
	.roles = BY_EVERY_ROLE,
	.takes = rule_takes,
	.takes_size = sizeof(struct rule_asked),
	.gives = rule_gives,
	.gives_size = sizeof(struct ruled),
	.read = show_rule,
	.print = print_answer,
	.summary = "a programme's rules as in force on a day: the document as it was imported, and its hash",
};

const struct action *const actions_of_programmes[] = {&listing, &ruling, NULL};
