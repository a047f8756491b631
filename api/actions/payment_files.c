/*
 * Files of payments for the bank: made once, fetched by those who pay.
 */
#include <inttypes.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "api/frame/say.h"
#include "ledger/treasury/payment_file.h"

/* A file, as it is shown: what is in it only those who pay may read. */
struct shown {
	struct uuid id;
	day_t execution_on, made_on;
	const char *made_by, *sha256;
	int64_t transfers, amount;
};

#define FILE_GIVES(t, m)                                                                                     \
	{"id", M_UUID, IN(t, m.id), .flags = M_NULL},                                                        \
		{"execution_on", M_DAY, IN(t, m.execution_on), .flags = M_NULL},                             \
		{"made_on", M_DAY, IN(t, m.made_on), .flags = M_NULL},                                       \
		{"made_by", M_STRING, IN(t, m.made_by), .flags = M_NULL},                                    \
		{"transfers", M_NUMBER, IN(t, m.transfers)}, {"amount", M_AMOUNT, IN(t, m.amount)},          \
		CURRENCY,                                                                                    \
	{                                                                                                    \
		"sha256", M_STRING, IN(t, m.sha256), .flags = M_NULL                                         \
	}

static void fill(struct action_call *c, const struct payment_file *f, struct shown *out)
{
	char hash[SHA256_HEX];

	*out = (struct shown){.id = f->uuid,
			      .execution_on = f->execution_on,
			      .made_on = f->made_on,
			      .made_by = call_keep(c, f->made_by),
			      .sha256 = call_keep(c, sha256_hex(f->hash, hash)),
			      .transfers = f->transfers,
			      .amount = f->amount};
}

/* --- make ------------------------------------------------------------------------- */

struct left {
	struct uuid payment;
	const char *code, *reason;
};

struct made {
	struct shown file; /* id absent: none */
	struct list left_out;
	int64_t decision; /* 0 it took one person */
	const char *state;
	int finished;
};

static const struct member make_takes[] = {
	{"execution_on", M_DAY, IN(struct payment_file_wish, execution_on),
	 .help = "day on which the bank shall pay (today)", .example = "2026-02-05"},
	{"payment", M_UUID, IN(struct payment_file_wish, payment), .noun = "a payment's id (a UUID)",
	 .help = "only that payment; where it is in a file already, two persons send it once more",
	 .example = "0198c0de-0000-7000-8000-000000000001"},
	MEMBERS_END,
};

static const struct member left_gives[] = {
	{"payment", M_UUID, IN(struct left, payment)},
	{"code", M_STRING, IN(struct left, code)},
	{"reason", M_STRING, IN(struct left, reason)},
	MEMBERS_END,
};

static const struct member make_gives[] = {
	FILE_GIVES(struct made, file),
	{"left_out", M_LIST, IN(struct made, left_out), .of = left_gives, .item = sizeof(struct left)},
	{"decision", M_NUMBER, IN(struct made, decision), .flags = M_OMIT},
	{"state", M_STRING, IN(struct made, state)},
	{"finished", M_FLAG, IN(struct made, finished)},
	MEMBERS_END,
};

static int say_left(struct action_call *c, const struct payment_file_made *from, struct list *list,
		    struct err *err)
{
	struct left *l;

	if (list_make(list, c->arena, from->left_count, sizeof *l, err) != 0)
		return -1;
	l = list->at;
	for (size_t i = 0; i < from->left_count; i++)
		l[i] = (struct left){from->left[i].payment, err_name(from->left[i].why.code),
				     call_keep(c, from->left[i].why.text)};
	return 0;
}

static int make(struct tx *tx, struct action_call *c, struct err *err)
{
	static _Thread_local struct payment_file_made from;
	struct made *out = c->answer;
	int rc = payment_file_make(tx, c->args, &from, err);

	if (rc < 0 || say_left(c, &from, &out->left_out, err) != 0)
		return -1;
	if (from.file.id != 0)
		fill(c, &from.file, &out->file);
	out->decision = from.decision.number;
	out->state = rc == 0 ? "proposed" : from.file.id != 0 ? "made" : "nothing_waits";
	out->finished = from.finished;
	c->status = rc == 0 ? 202 : from.file.id != 0 ? 201 : 200;
	return 0;
}

static int make_again(struct action_call *c, void *total)
{
	const struct made *part = c->answer;
	struct made *all = total;

	all->file.transfers += part->file.transfers;
	all->file.amount += part->file.amount;
	all->state = part->state;
	return !part->finished && part->file.transfers > 0;
}

static void print_made(FILE *out, const struct action_call *c, const void *answer)
{
	const struct made *m = answer;
	const struct left *l = m->left_out.at;
	char uuid[UUID_TEXT], amount[SAY_MONEY], day[DATE_TEXT];

	if (strcmp(m->state, "proposed") == 0)
		fputs("awaits confirmation by a second person\n", out);
	else if (m->file.transfers == 0)
		fputs("no payment waits for a file\n", out);
	else
		fprintf(out, "file %s  %" PRId64 " transfer%s  %s  on %s  SHA-256 %s\n",
			uuid_format(&m->file.id, uuid), m->file.transfers, m->file.transfers == 1 ? "" : "s",
			say_money(c->settings, m->file.amount, amount), day_format(m->file.execution_on, day),
			m->file.sha256);
	for (size_t i = 0; i < m->left_out.count; i++)
		fprintf(out, "left out %s: %s [%s]\n", uuid_format(&l[i].payment, uuid), l[i].reason,
			l[i].code);
}

/* --- fetch -------------------------------------------------------------------------- */

struct fetch {
	struct uuid id;
};

static const struct member fetch_takes[] = {
	{"id", M_UUID, IN(struct fetch, id), .flags = M_NEEDED | M_PATH | M_POSITION, .option = "FILE",
	 .noun = "a payment file's id (a UUID)", .example = "0198c0de-0000-7000-8000-000000000001"},
	MEMBERS_END,
};

static int fetch(struct action_call *c, const struct sink *sink, struct err *err)
{
	const struct fetch *in = c->args;
	struct payment_file f;
	char uuid[UUID_TEXT];
	struct buf content;
	struct db *db = ledger_reader(c->ledger, err);
	int rc;

	if (db == NULL)
		return -1;
	buf_init(&content, FILE_BYTES_MAX);
	rc = payment_file_read(db, &in->id, &f, &content, err);
	ledger_reader_back(c->ledger, db);
	if (rc == 0)
		rc = sink->write(sink->to, buf_text(&content), content.len, err);
	buf_free(&content);
	snprintf(c->file_name, sizeof c->file_name, "payments-%s.xml", uuid_format(&in->id, uuid));
	return rc;
}

/* --- list ---------------------------------------------------------------------------- */

struct asked {
	struct page_in page;
};

struct listed {
	struct page_out page;
};

struct only {
	struct shown file;
};

static const struct member list_takes[] = {PAGE_TAKES(struct asked), MEMBERS_END};
static const struct member row_gives[] = {FILE_GIVES(struct only, file), MEMBERS_END};
static const struct member list_gives[] = {PAGE_GIVES(struct listed, row_gives, struct only), MEMBERS_END};

static int list(struct db *db, struct action_call *c, struct err *err)
{
	struct payment_file *from;
	struct only *rows;
	struct page page;
	size_t n;

	if (page_open(c, &page, err) != 0 || (from = page_rows(c, &page, sizeof *from, err)) == NULL ||
	    (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    payment_file_list(db, page.after ? page.after : INT64_MAX, page.limit, from, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		fill(c, &from[i], &rows[i].file);
	page_give(c, &page, rows, n, n > 0 && from[n - 1].id > 1, n > 0 ? from[n - 1].id : 0);
	return 0;
}

/* --- the actions ----------------------------------------------------------------------- */

static const struct action making = {
	.name = "pay file",
	.method = "POST",
	.path = "/v1/payment-files",
	.roles = BY(ACCOUNTANT) | BY(AUTHORISER),
	.takes = make_takes,
	.takes_size = sizeof(struct payment_file_wish),
	.gives = make_gives,
	.gives_size = sizeof(struct made),
	.run = make,
	.again = make_again,
	.print_part = print_made,
	.summary = "make a file for the bank of what was ordered and is in none yet: pain.001",
	.over_http = "some hundred transfers a file: again until finished",
	.help = "By an accountant.  A payment goes into one file; into another only if an accountant and an\n"
		"authoriser say so.  The file itself: ila pay fetch FILE > payments.xml\n",
};

static const struct action fetching = {
	.name = "pay fetch",
	.method = "GET",
	.path = "/v1/payment-files/{id}.xml",
	.roles = BY(ACCOUNTANT) | BY(AUTHORISER),
	.takes = fetch_takes,
	.takes_size = sizeof(struct fetch),
	.stream = fetch,
	.content_type = "application/xml",
	.summary = "a payment file as it goes to the bank, with whole IBANs; the same bytes each time",
};

static const struct action listing = {
	.name = "pay files",
	.method = "GET",
	.path = "/v1/payment-files",
	.roles = BY(ACCOUNTANT) | BY(AUTHORISER) | BY(OPERATOR) | BY(CONTROLLER) | BY(AUDITOR),
	.takes = list_takes,
	.takes_size = sizeof(struct asked),
	.gives = list_gives,
	.gives_size = sizeof(struct listed),
	.read = list,
	.again = page_again,
	.print_part = print_answer,
	.summary = "payment files, newest first: who made them, sums, hashes",
};

const struct action *const actions_of_payment_files[] = {&making, &fetching, &listing, NULL};
