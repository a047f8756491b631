#include "tests/lib/replay_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ledger/audit/audit.h"
#include "ledger/base/check.h"
#include "ledger/base/csv_in.h"
#include "ledger/base/limits.h"
#include "ledger/ledger.h"
#include "ledger/scheme/accrual.h"
#include "ledger/scheme/contribution.h"
#include "ledger/scheme/payment.h"
#include "reports/report.h"

#define ROWS_MAX   1000000
#define BATCH      200 /* vouchers in one command */
#define LEAD_DAYS  60  /* the ledger begins this long before the first month */
#define COPAY      10000
#define COPAY_FROM "2024-05-01" /* decret 2024-394: a flat co-payment of 100.00 from May 2024 */

/* One key of the input, summed. */
struct row {
	day_t month; /* its first day */
	char code[16];
	char siret[15];
	char title[TITLE_MAX + 1];
	int64_t entries;
	char course[CODE_MAX + 1];
	int64_t price;
};

struct ticket {
	struct uuid uuid;
	char code[VOUCHER_CODE_TEXT];
	const struct row *row;
	int64_t learner;
	int64_t number;
	int64_t payable;
};

struct replay {
	struct ledger *l;
	struct row *row;
	size_t rows;
	day_t first, last; /* first days of the first and the last month */
	struct actor portal, provider, controller, authoriser, accountant, itself;
	int64_t learners; /* made so far */
	int64_t invoices;
	/* the month at work */
	struct ticket *ticket;
	size_t tickets, done;
	struct accrual_run accrual;
	struct replay_result *result;
};

typedef int step(struct tx *, struct replay *, struct err *);

/* By month, code and SIRET: the keys of the input. */
static int compare_rows(const void *a_, const void *b_)
{
	const struct row *a = a_, *b = b_;
	int c = (a->month > b->month) - (a->month < b->month);

	if (c == 0)
		c = strcmp(a->code, b->code);
	return c ? c : strcmp(a->siret, b->siret);
}

static int bad_row(const struct csv_row *r, const char *what, struct err *err)
{
	return err_set(err, ERR_MALFORMED, NULL, "line %lld: %s", (long long)r->line, what);
}

static int parse_row(const struct csv_row *r, const int *column, struct row *out, struct err *err)
{
	char month[16], code[CODE_MAX + 1];
	char *end;

	snprintf(month, sizeof month, "%s-01", r->field[column[0]]);
	snprintf(code, sizeof code, "%s%s", strncmp(r->field[column[1]], "RNCP", 4) == 0 ? "" : "RNCP",
		 r->field[column[1]]);
	if (day_parse(month, &out->month) != 0)
		return bad_row(r, "annee_mois is no month such as 2024-01", err);
	if (!check_certification(code))
		return bad_row(r, "code_rncp is no RNCP code", err);
	if (!check_siret(r->field[column[3]]))
		return bad_row(r, "siret_of_contractant is no SIRET", err);
	out->entries = strtoll(r->field[column[4]], &end, 10);
	if (*end != '\0' || out->entries < 0 || out->entries > 100000)
		return bad_row(r, "entrees_formation is no number from 0 to 100000", err);
	snprintf(out->code, sizeof out->code, "%.15s", code);
	snprintf(out->siret, sizeof out->siret, "%s", r->field[column[3]]);
	snprintf(out->title, sizeof out->title, "%.*s", TITLE_MAX, r->field[column[2]]);
	return 0;
}

/* Keys that occur twice are summed; rows of no entries ask for nothing. */
static void sum_rows(struct replay *p)
{
	size_t n = 0;

	qsort(p->row, p->rows, sizeof *p->row, compare_rows);
	for (size_t i = 0; i < p->rows; i++) {
		if (n > 0 && compare_rows(&p->row[n - 1], &p->row[i]) == 0)
			p->row[n - 1].entries += p->row[i].entries;
		else if (p->row[i].entries > 0)
			p->row[n++] = p->row[i];
	}
	p->rows = n;
}

static int read_rows(struct replay *p, struct csv_in *in, struct err *err)
{
	static const char *const names[] = {"annee_mois", "code_rncp", "intitule_certification",
					    "siret_of_contractant", "entrees_formation"};
	int column[5];
	struct csv_row r;
	int rc;

	for (int i = 0; i < 5; i++)
		if ((column[i] = csv_in_column(in, names[i])) < 0)
			return err_set(err, ERR_MALFORMED, NULL, "there is no column %s", names[i]);
	while ((rc = csv_in_next(in, &r, err)) == 1) {
		struct row *grown =
			p->rows < ROWS_MAX ? realloc(p->row, (p->rows + 1) * sizeof *p->row) : NULL;

		if (grown == NULL)
			return err_set(err, ERR_LIMIT, NULL, "more than %d rows", ROWS_MAX);
		p->row = grown;
		if (r.count != csv_in_header(in)->count)
			return bad_row(&r, "the number of fields differs from the header's", err);
		if (parse_row(&r, column, &p->row[p->rows], err) != 0)
			return -1;
		p->rows++;
	}
	return rc;
}

static int load(struct replay *p, const char *data, struct err *err)
{
	struct csv_in *in = csv_in_open(data, err);
	int rc;

	if (in == NULL)
		return -1;
	rc = read_rows(p, in, err);
	csv_in_close(in);
	if (rc != 0)
		return -1;
	sum_rows(p);
	if (p->rows == 0)
		return err_set(err, ERR_MALFORMED, NULL, "%s holds no entries", data);
	p->first = p->row[0].month;
	p->last = p->row[p->rows - 1].month;
	return 0;
}

/* A number that depends on nothing but the text: prices and outcomes are made from it. */
static uint32_t mix(const char *text, uint32_t salt)
{
	uint32_t h = 2166136261u ^ salt;

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 16777619u;
	return h ^ h >> 15;
}

static int run_step(struct tx *tx, struct command *c, struct err *err)
{
	struct {
		step *run;
		struct replay *p;
	} *args = c->args;

	return args->run(tx, args->p, err);
}

static int act(struct replay *p, const struct actor *actor, step *run, struct err *err)
{
	struct {
		step *run;
		struct replay *p;
	} args = {run, p};
	struct command c = {.name = "replay", .run = run_step, .args = &args, .actor = *actor};
	int rc;

	buf_init(&c.answer, HTTP_BODY_MAX);
	rc = desk_call(ledger_desk(p->l), &c, err);
	buf_free(&c.answer);
	return rc;
}

/* Repeat a step until it has been through every ticket of the month. */
static int act_on_all(struct replay *p, const struct actor *actor, step *run, struct err *err)
{
	for (p->done = 0; p->done < p->tickets;) {
		size_t before = p->done;

		if (act(p, actor, run, err) != 0)
			return -1;
		if (p->done == before)
			return err_bug(err, "replay makes no progress");
	}
	return 0;
}

static int put_org(struct tx *tx, const char *code, unsigned roles, struct actor *actor, enum role role,
		   const char *person, struct err *err)
{
	struct org o = {.roles = roles};
	enum put done;

	snprintf(o.code, sizeof o.code, "%s", code);
	snprintf(o.name, sizeof o.name, "%s", code);
	if (org_put(tx, &o, &done, err) != 0)
		return -1;
	actor->org = o.id;
	actor->role = (int)role;
	snprintf(actor->principal, sizeof actor->principal, "%s", person);
	return 0;
}

static int put_bodies(struct tx *tx, struct replay *p, struct err *err)
{
	unsigned fc = ROLE_BIT(ROLE_FUNDER) | ROLE_BIT(ROLE_CONTROLLER) | ROLE_BIT(ROLE_AUTHORISER) |
		      ROLE_BIT(ROLE_ACCOUNTANT);

	if (put_org(tx, "FC", fc, &p->controller, ROLE_CONTROLLER, "controller", err) != 0 ||
	    put_org(tx, "FC", fc, &p->authoriser, ROLE_AUTHORISER, "authoriser", err) != 0 ||
	    put_org(tx, "FC", fc, &p->accountant, ROLE_ACCOUNTANT, "accountant", err) != 0)
		return -1;
	return put_org(tx, "PORTAL", ROLE_BIT(ROLE_PORTAL), &p->portal, ROLE_PORTAL, "portal", err);
}

/* "FR" and the check digits that make the rest pass ISO 13616. */
static void make_iban(uint32_t number, char out[35])
{
	for (int check = 2; check <= 98; check++) {
		snprintf(out, 35, "FR%02d30006000011%010u%02u", check, (unsigned)number,
			 (unsigned)(number % 97));
		if (check_iban(out))
			return;
	}
}

static int put_provider(struct tx *tx, const char *siret, struct err *err)
{
	struct provider provider = {0};
	struct org org = {.roles = ROLE_BIT(ROLE_PROVIDER)};
	enum put done;

	snprintf(provider.nda, sizeof provider.nda, "1175%07u", mix(siret, 1) % 10000000u);
	snprintf(provider.siret, sizeof provider.siret, "%s", siret);
	snprintf(provider.siren, sizeof provider.siren, "%.9s", siret);
	snprintf(provider.name, sizeof provider.name, "Organisme %s", siret);
	provider.certified[ACTION_TRAINING] = 1;
	snprintf(org.code, sizeof org.code, "%s", siret);
	make_iban(mix(siret, 2), org.iban);
	if (provider_put(tx, &provider, tx->today, &done, err) != 0)
		return -1;
	return org_put(tx, &org, &done, err);
}

static int put_course(struct tx *tx, struct row *row, struct err *err)
{
	struct certification c = {.effect_on = DAY_NONE, .ends_on = DAY_NONE, .active = 1};
	struct training_right right = {.kind = RIGHT_CERTIFIER};
	struct course course = {.action_type = ACTION_TRAINING, .hours = 35, .days = 5, .open_to = DAY_NONE};
	struct org provider;
	enum put done;

	snprintf(c.code, sizeof c.code, "%s", row->code);
	snprintf(c.title, sizeof c.title, "%s", row->title);
	snprintf(right.certification, sizeof right.certification, "%s", row->code);
	snprintf(right.siret, sizeof right.siret, "%s", row->siret);
	snprintf(right.name, sizeof right.name, "Organisme %s", row->siret);
	snprintf(row->course, sizeof row->course, "%s-%s", row->code, row->siret);
	row->price = 30000 + mix(row->course, 3) % 420000;
	snprintf(course.code, sizeof course.code, "%s", row->course);
	snprintf(course.certification, sizeof course.certification, "%s", row->code);
	snprintf(course.title, sizeof course.title, "%s", row->title);
	course.price = row->price;
	course.open_from = tx->today;
	if (certification_put(tx, &c, tx->today, &done, err) != 0 ||
	    training_right_put(tx, &right, &done, err) != 0 ||
	    org_find(tx->db, row->siret, &provider, err) != 1)
		return -1;
	course.provider = provider.id;
	return course_put(tx, &course, &done, err);
}

static void write_budget(struct replay *p, struct buf *out)
{
	buf_text_add(out, "\"budget\":[");
	for (int year = day_year(p->first - LEAD_DAYS); year <= day_year(p->last) + 1; year++)
		buf_format(out, "%s{\"year\":%d,\"ae\":9000000000000,\"cp\":9000000000000}",
			   out->data[out->len - 1] == '[' ? "" : ",", year);
	buf_text_add(out, "]");
}

/* One version of the rules; the second has the co-payment. */
static int put_rule(struct tx *tx, struct replay *p, const char *version, day_t from, day_t to, int copay,
		    struct err *err)
{
	char a[DATE_TEXT], b[DATE_TEXT];
	struct buf text;
	enum put done;
	int rc;

	if (from > to)
		return 0;
	buf_init(&text, RULE_BYTES_MAX);
	buf_format(
		&text,
		"{\"programme\":\"cpf\",\"version\":\"%s\",\"valid_from\":\"%s\",\"valid_to\":\"%s\",\"currency\":\"EUR\","
		"\"time_zone\":\"Europe/Paris\",\"calendar\":\"FR\",\"funds\":[{\"fund\":\"cpf-law\",\"funder\":\"FC\","
		"\"class\":\"law\",\"nature\":\"notional\",\"unspent\":\"pool\",",
		version, day_format(from, a), day_format(to, b));
	write_budget(p, &text);
	buf_text_add(
		&text,
		"},{\"fund\":\"cpf-copay\",\"funder\":\"FC\",\"class\":\"learner\",\"nature\":\"copay\","
		"\"unspent\":\"pool\"}],\"accrual\":{\"fund\":\"cpf-law\",\"annual\":500000,\"cap\":500000,"
		"\"full_time_threshold_pct\":50},");
	if (copay)
		buf_format(&text, "\"copay\":{\"fund\":\"cpf-copay\",\"flat\":%d},", COPAY);
	buf_text_add(&text,
		     "\"drawdown\":{\"preset\":\"cpf-arrete-2020\",\"classes\":[\"law\",\"learner\"]},"
		     "\"deadlines\":{\"withdraw_days\":14,\"cancel_free_working_days\":7,"
		     "\"entry_declare_working_days\":3,\"exit_declare_working_days\":3,"
		     "\"validate_auto_working_days\":5,\"pay_days\":30,\"iban_quiet_days\":10,"
		     "\"start_within_days\":0},\"completion\":{\"pay_curve\":[{\"from\":0,\"pay_pct\":25},"
		     "{\"from\":25,\"pay\":\"rate\"},{\"from\":80,\"pay_pct\":100}]}}");
	rc = programme_import(tx, buf_text(&text), text.len, &done, err);
	buf_free(&text);
	return rc;
}

static int set_up(struct tx *tx, struct replay *p, struct err *err)
{
	day_t begin = p->first - LEAD_DAYS, end = day_month_next(p->last) + 365, change;

	day_parse(COPAY_FROM, &change);
	if (put_bodies(tx, p, err) != 0 ||
	    put_rule(tx, p, "free", begin, change - 1 < end ? change - 1 : end, 0, err) != 0 ||
	    put_rule(tx, p, "copay", change > begin ? change : begin, end, 1, err) != 0)
		return -1;
	for (size_t i = 0; i < p->rows; i++)
		if (put_provider(tx, p->row[i].siret, err) != 0 || put_course(tx, &p->row[i], err) != 0)
			return -1;
	return 0;
}

/* The public money that the month's trainings will need. */
static int pay_in(struct tx *tx, struct replay *p, struct err *err)
{
	struct contribution c = {.kind = CONTRIBUTION_PAYMENT, .fund = "cpf-law", .value_date = tx->today};
	char day[DATE_TEXT];
	enum put done;
	int64_t seq;

	snprintf(c.reference, sizeof c.reference, "STATE-%s", day_format(tx->today, day));
	for (size_t i = 0; i < p->tickets; i++)
		c.amount += p->ticket[i].row->price;
	return contribution_post(tx, &c, &seq, &done, err);
}

static int make_learners(struct tx *tx, struct replay *p, struct err *err)
{
	for (size_t end = p->done + BATCH; p->done < p->tickets && p->done < end; p->done++) {
		struct learner l = {.work_pct = 100,
				    .active_from = tx->today,
				    .closed_on = DAY_NONE,
				    .portal = p->portal.org};
		enum put done;

		snprintf(l.code, sizeof l.code, "P-%06lld", (long long)++p->learners);
		snprintf(l.programme, sizeof l.programme, "cpf");
		if (learner_put(tx, &l, &done, err) != 0)
			return -1;
		p->ticket[p->done].learner = l.id;
	}
	return 0;
}

static int accrue(struct tx *tx, struct replay *p, struct err *err)
{
	int64_t after = p->accrual.after;

	p->accrual =
		(struct accrual_run){.period = day_year(tx->today), .value_date = tx->today, .after = after};
	if (rule_on(tx->db, "cpf", tx->today, &p->accrual.rule, err) != 0)
		return -1;
	return accrual_step(tx, &p->accrual, 5000, err);
}

static int accept_all(struct tx *tx, struct replay *p, struct err *err)
{
	const struct rule *rule;

	if (rule_on(tx->db, "cpf", tx->today, &rule, err) != 0)
		return -1;
	tx->idempotency_key = "replay";
	for (size_t end = p->done + BATCH; p->done < p->tickets && p->done < end; p->done++) {
		struct ticket *t = &p->ticket[p->done];
		struct accept a = {.master = ledger_master(p->l),
				   .session_end = DAY_NONE,
				   .learner_pays = rule->copay_flat};
		struct learner l;
		struct voucher v;

		if (learner_get(tx->db, t->learner, &l, err) != 0)
			return -1;
		snprintf(a.learner, sizeof a.learner, "%s", l.code);
		snprintf(a.course, sizeof a.course, "%s", t->row->course);
		if (rule->copay_flat > 0)
			snprintf(a.copay_reference, sizeof a.copay_reference, "CARD-%.32s", l.code);
		a.session_start = t->row->month + 9;
		if (voucher_accept(tx, &a, &v, err) != 0)
			return -1;
		t->uuid = v.uuid;
		t->number = v.id;
		voucher_code(a.master, v.id, "replay", t->code);
	}
	return 0;
}

/* The acquirer pays the co-payments out. */
static int settle_all(struct tx *tx, struct replay *p, struct err *err)
{
	for (size_t end = p->done + BATCH; p->done < p->tickets && p->done < end; p->done++) {
		struct ticket *t = &p->ticket[p->done];
		struct contribution c = {.kind = CONTRIBUTION_SETTLEMENT,
					 .fund = "cpf-copay",
					 .value_date = tx->today,
					 .voucher = t->uuid,
					 .has_voucher = 1};
		struct voucher v;
		enum put done;
		int64_t seq;

		if (voucher_get(tx->db, t->number, &v, err) != 1)
			return -1;
		if (v.copay == 0)
			continue;
		c.amount = v.copay;
		snprintf(c.reference, sizeof c.reference, "SETTLE-%lld", (long long)t->number);
		if (contribution_post(tx, &c, &seq, &done, err) != 0)
			return -1;
	}
	return 0;
}

static int enter_all(struct tx *tx, struct replay *p, struct err *err)
{
	for (size_t end = p->done + BATCH; p->done < p->tickets && p->done < end; p->done++) {
		struct ticket *t = &p->ticket[p->done];
		struct enter in = {.master = ledger_master(p->l), .started_on = tx->today};
		struct voucher v;
		struct org org;

		snprintf(in.code, sizeof in.code, "%s", t->code);
		snprintf(in.course, sizeof in.course, "%s", t->row->course);
		if (org_find(tx->db, t->row->siret, &org, err) != 1)
			return -1;
		tx->actor.org = org.id;
		if (voucher_enter(tx, &in, &v, err) != 0)
			return -1;
	}
	return 0;
}

/* Most finish; some give up, some are stopped by force majeure. */
static void outcome(const struct ticket *t, struct step *s)
{
	uint32_t h = mix(t->code, 5);

	s->completion = 100;
	snprintf(s->cause, sizeof s->cause, "full");
	if (h % 10 == 0) {
		s->completion = 10 + (int)(h / 10 % 80);
		snprintf(s->cause, sizeof s->cause, "abandon");
	} else if (h % 10 == 1) {
		s->completion = (int)(h / 10 % 100);
		snprintf(s->cause, sizeof s->cause, "force_majeure");
	}
}

static int walk(struct tx *tx, struct replay *p, struct ticket *t, enum transition_id id, struct step *s,
		struct voucher *v, struct err *err)
{
	struct org org;

	(void)p;
	if (tx->actor.role == ROLE_PROVIDER) {
		if (org_find(tx->db, t->row->siret, &org, err) != 1)
			return -1;
		tx->actor.org = org.id;
	}
	s->voucher = t->uuid;
	return voucher_step(tx, transition_get(id), s, v, err);
}

static int leave_all(struct tx *tx, struct replay *p, struct err *err)
{
	for (size_t end = p->done + BATCH; p->done < p->tickets && p->done < end; p->done++) {
		struct ticket *t = &p->ticket[p->done];
		struct step s = {.on = tx->today, .missed_hours = -1};
		struct voucher v;

		if (walk(tx, p, t, T16, &s, &v, err) != 0)
			return -1;
		outcome(t, &s);
		if (walk(tx, p, t, T17, &s, &v, err) != 0)
			return -1;
	}
	return 0;
}

/* Two of three by a controller; the timer validates the rest after five working days. */
static int validate_some(struct tx *tx, struct replay *p, struct err *err)
{
	for (size_t end = p->done + BATCH; p->done < p->tickets && p->done < end; p->done++) {
		struct ticket *t = &p->ticket[p->done];
		struct step s = {0};
		struct voucher v;

		if (mix(t->code, 6) % 3 != 0 && walk(tx, p, t, T18, &s, &v, err) != 0)
			return -1;
	}
	return 0;
}

static int bill_all(struct tx *tx, struct replay *p, struct err *err)
{
	for (size_t end = p->done + BATCH; p->done < p->tickets && p->done < end; p->done++) {
		struct ticket *t = &p->ticket[p->done];
		struct step s = {0};
		struct voucher v;

		if (voucher_get(tx->db, t->number, &v, err) != 1)
			return -1;
		if (v.billing != BILLING_TO_BILL)
			continue;
		s.amount = t->payable = v.payable;
		snprintf(s.invoice, sizeof s.invoice, "F-%07lld", (long long)++p->invoices);
		if (walk(tx, p, t, T22, &s, &v, err) != 0)
			return -1;
	}
	return 0;
}

/* One run per provider of the month, in payments of up to PAYMENT_LINES_MAX vouchers. */
static int order_all(struct tx *tx, struct replay *p, struct err *err)
{
	for (; p->done < p->tickets; p->done++) {
		struct payment payment;
		struct org org;
		int rc;

		if (p->done > 0 &&
		    strcmp(p->ticket[p->done].row->siret, p->ticket[p->done - 1].row->siret) == 0)
			continue;
		if (org_find(tx->db, p->ticket[p->done].row->siret, &org, err) != 1)
			return -1;
		while ((rc = payment_order(tx, org.id, PAYMENT_LINES_MAX, &payment, err)) == 1)
			;
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int pay_all(struct tx *tx, struct replay *p, struct err *err)
{
	for (size_t end = p->done + BATCH; p->done < p->tickets && p->done < end; p->done++) {
		struct payment payment;
		struct voucher v;

		if (voucher_get(tx->db, p->ticket[p->done].number, &v, err) != 1)
			return -1;
		if (v.billing != BILLING_ORDERED)
			continue;
		if (payment_get(tx->db, v.payment, &payment, err) != 0 ||
		    payment_settle(tx, &payment, 1, "BANK", err) != 0)
			return -1;
		p->result->paid += payment.amount;
	}
	return 0;
}

static int clock_to(struct replay *p, day_t day, struct err *err)
{
	int64_t executed;

	return ledger_clock(p->l, day * US_PER_DAY + 9 * 3600 * US_PER_S, &executed, err);
}

/* Tickets of the month that begins at row i, ordered by provider; *i becomes the next month's first row. */
static int issue_tickets(struct replay *p, size_t *i, struct err *err)
{
	day_t month = p->row[*i].month;
	size_t n = 0, end = *i;

	for (; end < p->rows && p->row[end].month == month; end++)
		n += (size_t)p->row[end].entries;
	free(p->ticket);
	p->ticket = calloc(n, sizeof *p->ticket);
	if (p->ticket == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	p->tickets = 0;
	for (; *i < end; (*i)++)
		for (int64_t k = 0; k < p->row[*i].entries; k++)
			p->ticket[p->tickets++].row = &p->row[*i];
	return 0;
}

static int run_month(struct replay *p, struct err *err)
{
	day_t month = p->ticket[0].row->month;

	if (clock_to(p, month + 4, err) != 0 || act(p, &p->itself, pay_in, err) != 0 ||
	    act_on_all(p, &p->itself, make_learners, err) != 0)
		return -1;
	do {
		if (act(p, &p->itself, accrue, err) != 0)
			return -1;
	} while (!p->accrual.finished);
	if (act_on_all(p, &p->portal, accept_all, err) != 0 || clock_to(p, month + 7, err) != 0 ||
	    act_on_all(p, &p->itself, settle_all, err) != 0 || clock_to(p, month + 9, err) != 0 ||
	    act_on_all(p, &p->provider, enter_all, err) != 0 || clock_to(p, month + 13, err) != 0 ||
	    act_on_all(p, &p->provider, leave_all, err) != 0 ||
	    act_on_all(p, &p->controller, validate_some, err) != 0 || clock_to(p, month + 26, err) != 0 ||
	    act_on_all(p, &p->provider, bill_all, err) != 0)
		return -1;
	p->done = 0;
	if (act(p, &p->authoriser, order_all, err) != 0)
		return -1;
	return act_on_all(p, &p->accountant, pay_all, err);
}

static int run_months(struct replay *p, struct err *err)
{
	int64_t spoken = env_ticks();

	for (size_t i = 0; i < p->rows;) {
		char month[DATE_TEXT];

		if (issue_tickets(p, &i, err) != 0 || run_month(p, err) != 0)
			return -1;
		p->result->months++;
		p->result->entries += (int64_t)p->tickets;
		if (env_ticks() - spoken < 3 * US_PER_S)
			continue;
		spoken = env_ticks();
		fprintf(stderr, "  %.7s: %lld entries so far\n", day_format(p->ticket[0].row->month, month),
			(long long)p->result->entries);
	}
	return clock_to(p, day_month_next(p->last) + 4, err);
}

static int write_reports(struct replay *p, struct db *db, const char *out, struct err *err)
{
	struct report_options o = {
		.from = p->first, .to = day_month_next(p->last) - 1, .today = ledger_today(p->l)};
	const struct report *report;

	for (size_t i = 0; (report = report_at(i)) != NULL; i++) {
		struct report_result result;

		if (report_write(db, ledger_settings(p->l), report, &o, out, &result, err) != 0)
			return -1;
	}
	return 0;
}

/* Take one row of the report off the input's count. */
static int64_t compare_row(struct replay *p, const struct csv_row *r, const int *column)
{
	int64_t entries = strtoll(r->field[column[3]], NULL, 10);
	struct row key = {0}, *found;
	char month[16];

	if (entries == 0)
		return 0; /* a month in which somebody only left */
	snprintf(month, sizeof month, "%s-01", r->field[column[0]]);
	snprintf(key.code, sizeof key.code, "RNCP%.9s", r->field[column[1]]);
	snprintf(key.siret, sizeof key.siret, "%.14s", r->field[column[2]]);
	if (day_parse(month, &key.month) != 0)
		return 1;
	found = bsearch(&key, p->row, p->rows, sizeof *p->row, compare_rows);
	if (found == NULL || found->entries != entries)
		return 1;
	found->entries = 0;
	return 0;
}

/* Both ways: every row of the report is in the input, and nothing of the input is left. */
static int compare_entries(struct replay *p, const char *out, struct err *err)
{
	static const char *const names[] = {"annee_mois", "code_rncp", "siret_of_contractant",
					    "entrees_formation"};
	char path[4096];
	struct csv_in *in;
	struct csv_row r;
	int column[4], rc;

	snprintf(path, sizeof path, "%s/public-entries.csv", out);
	in = csv_in_open(path, err);
	if (in == NULL)
		return -1;
	for (int i = 0; i < 4; i++)
		column[i] = csv_in_column(in, names[i]);
	while ((rc = csv_in_next(in, &r, err)) == 1)
		p->result->different += compare_row(p, &r, column);
	csv_in_close(in);
	for (size_t i = 0; i < p->rows; i++)
		p->result->different += p->row[i].entries != 0;
	return rc;
}

static int check(struct replay *p, const char *out, struct err *err)
{
	struct audit_report *report = calloc(1, sizeof *report);
	struct db *db = ledger_reader(p->l, err);
	int rc = -1;

	if (report != NULL && db != NULL && write_reports(p, db, out, err) == 0 &&
	    compare_entries(p, out, err) == 0 && audit_run(db, NULL, report, NULL, NULL, err) == 0) {
		p->result->faults = report->faults;
		p->result->journal = report->head;
		if (report->faults != 0)
			audit_print(report, stderr);
		rc = 0;
	}
	ledger_reader_back(p->l, db);
	free(report);
	return rc;
}

int replay_run(const char *data, const char *out, struct replay_result *result, struct err *err)
{
	struct replay p = {.result = result, .provider = {.role = ROLE_PROVIDER, .principal = "provider"}};
	char path[4096];
	int rc = -1;

	memset(result, 0, sizeof *result);
	if (load(&p, data, err) != 0)
		goto out;
	result->rows = (int64_t)p.rows;
	snprintf(path, sizeof path, "%s/ledger.db", out);
	if (mkdir(out, 0777) != 0 && errno != EEXIST) {
		err_set(err, ERR_STORAGE, NULL, "%s cannot be made: %s", out, strerror(errno));
		goto out;
	}
	if (ledger_create(path, "EUR", 1, (p.first - LEAD_DAYS) * US_PER_DAY, err) != 0)
		goto out;
	p.l = ledger_open(path, 1, err);
	if (p.l != NULL && act(&p, &p.itself, set_up, err) == 0 && run_months(&p, err) == 0)
		rc = check(&p, out, err);
out:
	ledger_close(p.l);
	free(p.ticket);
	free(p.row);
	return rc;
}
