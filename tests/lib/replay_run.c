#include "tests/lib/replay_run.h"

#include "tests/lib/persons.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ledger/seasons/enact.h"
#include "ledger/audit/audit.h"
#include "ledger/base/check.h"
#include "ledger/forms/csv_in.h"
#include "ledger/base/limits.h"
#include "ledger/ledger.h"
#include "ledger/rights/accrual.h"
#include "ledger/treasury/contribution.h"
#include "ledger/treasury/bank_answer.h"
#include "ledger/treasury/pay_back.h"
#include "ledger/voucher/payment.h"
#include "reports/report.h"

#define ROWS_MAX   1000000
#define BATCH      200 /* vouchers in one command */
#define LEAD_DAYS  60  /* the ledger begins this long before the first month */
#define COPAY      10000
#define COPAY_FROM "2024-05-01" /* decret 2024-394: a flat co-payment of 100.00 from May 2024 */
#define SALT       "replay"     /* stands for the Idempotency-Key that the codes are made with */
#define SHOWN_MAX  10           /* differing keys that are printed; all are counted */

/* One key of the input, summed. */
struct row {
	day_t month; /* its first day */
	char code[16];
	char siret[15];
	char title[TITLE_MAX + 1];
	int64_t entries;
	char course[CODE_MAX + 1];
	int64_t price;
	struct actor provider;
};

/* One entry of the input on its way. */
struct ticket {
	const struct row *row;
	char learner[CODE_MAX + 1];
	int64_t number; /* of its voucher */
	struct uuid uuid;
	char code[VOUCHER_CODE_TEXT];
};

struct replay {
	struct ledger *l;
	struct row *row;
	size_t rows;
	day_t first, last; /* first days of the first and the last month */
	struct actor portal, provider, controller, authoriser, accountant, itself;
	unsigned providers; /* made by set_up */
	/* the month at work */
	struct ticket *ticket;
	size_t tickets, done;
	int accrued_all, paid_back_all;
	struct replay_result *result;
};

typedef int step(struct tx *, struct replay *, struct err *);

/* A step as a command.  It may run twice: what it counts on is put back first. */
struct act {
	step *run;
	struct replay *p;
	size_t done;
};

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
		return bad_row(r, "annee_mois is not a month such as 2024-01", err);
	if (!check_certification(code))
		return bad_row(r, "code_rncp is no RNCP code", err);
	if (!check_siret(r->field[column[3]]))
		return bad_row(r, "siret_of_contractant is no SIRET", err);
	if (strlen(r->field[column[2]]) > TITLE_MAX)
		return bad_row(r, "intitule_certification is too long", err);
	out->entries = strtoll(r->field[column[4]], &end, 10);
	if (end == r->field[column[4]] || *end != '\0' || out->entries < 0 || out->entries > 100000)
		return bad_row(r, "entrees_formation is not a number from 0 to 100000", err);
	snprintf(out->code, sizeof out->code, "%.15s", code);
	snprintf(out->siret, sizeof out->siret, "%s", r->field[column[3]]);
	snprintf(out->title, sizeof out->title, "%s", r->field[column[2]]);
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
	const struct act *a = c->args;

	a->p->done = a->done;
	return a->run(tx, a->p, err);
}

static int act(struct replay *p, const struct actor *actor, step *run, struct err *err)
{
	struct act a = {run, p, p->done};
	struct command c = {.name = "replay", .run = run_step, .args = &a, .actor = *actor};
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

/* A key of the organisation, and who acts with it. */
static int give_key(struct tx *tx, const struct org *o, enum role role, const char *person,
		    struct actor *actor, struct err *err)
{
	char text[KEY_TEXT], own[PRINCIPAL_MAX];

	snprintf(own, sizeof own, "desk-%.30s", o->code);
	if (persons_key(tx, o->code, role, person != NULL ? person : own, text, err) != 0)
		return -1;
	return key_check(tx->db, text, tx->today, actor, err);
}

static int put_body(struct tx *tx, const char *code, unsigned roles, struct org *o, struct err *err)
{
	enum upsert done;

	*o = (struct org){.roles = roles};
	snprintf(o->code, sizeof o->code, "%s", code);
	snprintf(o->name, sizeof o->name, "%s", code);
	return org_upsert(tx, o, &done, err);
}

static int put_bodies(struct tx *tx, struct replay *p, struct err *err)
{
	unsigned offices = ROLE_BIT(ROLE_CONTROLLER) | ROLE_BIT(ROLE_AUTHORISER) | ROLE_BIT(ROLE_ACCOUNTANT);
	struct org o;

	if (put_body(tx, "FC", ROLE_BIT(ROLE_FUNDER), &o, err) != 0 ||
	    put_body(tx, "OPERATOR", ROLE_BIT(ROLE_OPERATOR) | offices, &o, err) != 0 ||
	    give_key(tx, &o, ROLE_CONTROLLER, "controller", &p->controller, err) != 0 ||
	    give_key(tx, &o, ROLE_AUTHORISER, "authoriser", &p->authoriser, err) != 0 ||
	    give_key(tx, &o, ROLE_ACCOUNTANT, "accountant", &p->accountant, err) != 0 ||
	    put_body(tx, "PORTAL", ROLE_BIT(ROLE_PORTAL), &o, err) != 0)
		return -1;
	return give_key(tx, &o, ROLE_PORTAL, "portal", &p->portal, err);
}

/* "FR" and the check digits that make the rest pass ISO 13616. */
static void make_iban(uint32_t number, char out[35])
{
	char text[64];

	for (int digits = 2; digits <= 98; digits++) {
		snprintf(text, sizeof text, "FR%02d30006000011%010u%02u", digits, (unsigned)number,
			 (unsigned)(number % 97));
		if (check_iban(text)) {
			memcpy(out, text, 35);
			return;
		}
	}
}

static int make_provider(struct tx *tx, struct replay *p, struct row *row, struct err *err)
{
	struct provider provider = {.certified = {[ACTION_TRAINING] = 1}};
	struct org org = {.roles = ROLE_BIT(ROLE_PROVIDER)};
	enum upsert done;

	snprintf(provider.nda, sizeof provider.nda, "1175%07u", ++p->providers % 10000000u);
	snprintf(provider.siret, sizeof provider.siret, "%s", row->siret);
	snprintf(provider.siren, sizeof provider.siren, "%.9s", row->siret);
	snprintf(provider.name, sizeof provider.name, "Organisme %s", row->siret);
	snprintf(org.code, sizeof org.code, "%s", row->siret);
	make_iban(mix(row->siret, 2), org.iban);
	if (provider_upsert(tx, &provider, tx->today, &done, err) != 0 ||
	    org_upsert(tx, &org, &done, err) != 0)
		return -1;
	return give_key(tx, &org, ROLE_PROVIDER, NULL, &row->provider, err);
}

/* The provider of a row, made at the first row that names it. */
static int put_provider(struct tx *tx, struct replay *p, struct row *row, struct err *err)
{
	struct org org;
	int rc = org_find(tx->db, row->siret, &org, err);

	if (rc == 0)
		return make_provider(tx, p, row, err);
	if (rc < 0 || db_int(tx->db, "SELECT max(id) FROM api_key WHERE org = $1", VALS(v_int(org.id)),
			     &row->provider.key, err) != 1)
		return -1;
	row->provider.org = org.id;
	row->provider.role = ROLE_PROVIDER;
	snprintf(row->provider.principal, sizeof row->provider.principal, "key-%lld",
		 (long long)row->provider.key);
	return 0;
}

static int put_course(struct tx *tx, struct row *row, struct err *err)
{
	struct certification c = {.effect_on = DAY_NONE, .ends_on = DAY_NONE, .active = 1};
	struct training_right right = {.kind = RIGHT_CERTIFIER};
	struct course course = {.action_type = ACTION_TRAINING, .hours = 35, .days = 5, .open_to = DAY_NONE};
	enum upsert done;

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
	course.provider = row->provider.org;
	if (certification_upsert(tx, &c, tx->today, &done, err) != 0 ||
	    training_right_upsert(tx, &right, &done, err) != 0)
		return -1;
	return course_upsert(tx, &course, &done, err);
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
	enum upsert done;
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
		"\"full_time_threshold_pct\":50,\"in_advance\":true},");
	if (copay)
		buf_format(&text, "\"copay\":{\"fund\":\"cpf-copay\",\"flat\":%d},", COPAY);
	buf_text_add(&text,
		     "\"drawdown\":{\"preset\":\"cpf-arrete-2020\",\"classes\":[\"law\",\"learner\"]},"
		     "\"deadlines\":{\"withdraw_days\":14,\"cancel_free_working_days\":7,"
		     "\"entry_declare_working_days\":3,\"exit_declare_working_days\":3,"
		     "\"validate_auto_working_days\":5,\"pay_days\":30,\"iban_quiet_days\":10,"
		     "\"start_within_days\":0},\"completion\":{\"pay_curve\":[{\"from\":0,\"pay_pct\":25},"
		     "{\"from\":25,\"pay\":\"rate\"},{\"from\":80,\"pay_pct\":100}]}}");
	rc = rule_enact(tx, buf_text(&text), text.len, &done, err);
	buf_free(&text);
	return rc;
}

static int set_up(struct tx *tx, struct replay *p, struct err *err)
{
	day_t begin = p->first - LEAD_DAYS, end = day_month_next(p->last) + 365, change;

	day_parse(COPAY_FROM, &change);
	p->providers = 0;
	if (put_bodies(tx, p, err) != 0 ||
	    put_rule(tx, p, "free", begin, change - 1 < end ? change - 1 : end, 0, err) != 0 ||
	    put_rule(tx, p, "copay", change > begin ? change : begin, end, 1, err) != 0)
		return -1;
	for (size_t i = 0; i < p->rows; i++)
		if (put_provider(tx, p, &p->row[i], err) != 0 || put_course(tx, &p->row[i], err) != 0)
			return -1;
	return 0;
}

/* The public money that the month's trainings will need. */
static int pay_in(struct tx *tx, struct replay *p, struct err *err)
{
	struct contribution c = {.kind = CONTRIBUTION_PAYMENT, .fund = "cpf-law", .value_date = tx->today};
	char day[DATE_TEXT];
	enum upsert done;
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
		enum upsert done;

		memcpy(l.code, p->ticket[p->done].learner, sizeof l.code);
		snprintf(l.programme, sizeof l.programme, "cpf");
		if (learner_upsert(tx, &l, 0, &done, err) != 0)
			return -1;
	}
	return 0;
}

/* Everybody once: those of the months before have had the right of that year. */
static int accrue(struct tx *tx, struct replay *p, struct err *err)
{
	struct accrual_run a;

	if (accrual_go_on(tx, "cpf", day_year(p->first - LEAD_DAYS), BATCH, &a, err) != 0)
		return -1;
	p->accrued_all = a.finished;
	return 0;
}

static int accept_all(struct tx *tx, struct replay *p, struct err *err)
{
	const struct rule *rule;

	if (rule_on(tx->db, "cpf", tx->today, &rule, err) != 0)
		return -1;
	tx->idempotency_key = SALT;
	for (size_t end = p->done + BATCH; p->done < p->tickets && p->done < end; p->done++) {
		struct ticket *t = &p->ticket[p->done];
		struct accept a = {.master = ledger_master(p->l),
				   .session_end = DAY_NONE,
				   .learner_pays = rule->copay_flat};
		struct voucher v;

		memcpy(a.learner, t->learner, sizeof a.learner);
		snprintf(a.course, sizeof a.course, "%s", t->row->course);
		if (rule->copay_flat > 0)
			snprintf(a.copay_reference, sizeof a.copay_reference, "CARD-%.32s-%zu", t->learner,
				 p->done);
		a.session_start = t->row->month + 9;
		if (voucher_accept(tx, &a, &v, err) != 0)
			return -1;
		t->uuid = v.uuid;
		t->number = v.id;
		voucher_code(a.master, v.id, SALT, t->code);
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
		enum upsert done;
		int64_t seq;

		if (voucher_get(tx->db, t->number, &v, err) != 0)
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

		snprintf(in.code, sizeof in.code, "%s", t->code);
		snprintf(in.course, sizeof in.course, "%s", t->row->course);
		tx->actor = t->row->provider;
		if (voucher_enter(tx, &in, &v, err) != 0)
			return -1;
	}
	return 0;
}

/* Most finish; some give up, some are stopped by force majeure.  Nobody so early that nothing is owed. */
static void outcome(const struct ticket *t, struct step *s)
{
	uint32_t h = mix(t->learner, 5);

	s->completion = 100;
	snprintf(s->cause, sizeof s->cause, "full");
	if (h % 10 == 0) {
		s->completion = 10 + (int)(h / 10 % 80);
		snprintf(s->cause, sizeof s->cause, "abandon");
	} else if (h % 10 == 1) {
		s->completion = 10 + (int)(h / 10 % 80);
		snprintf(s->cause, sizeof s->cause, "force_majeure");
	}
}

/* A step of the ticket's voucher; a provider's command acts for each voucher's own provider. */
static int walk(struct tx *tx, const struct ticket *t, enum transition_id id, struct step *s,
		struct voucher *v, struct err *err)
{
	if (tx->actor.role == ROLE_PROVIDER)
		tx->actor = t->row->provider;
	s->voucher = t->uuid;
	return voucher_step(tx, transition_get(id), s, v, err);
}

static int leave_all(struct tx *tx, struct replay *p, struct err *err)
{
	for (size_t end = p->done + BATCH; p->done < p->tickets && p->done < end; p->done++) {
		struct ticket *t = &p->ticket[p->done];
		struct step s = {.on = tx->today, .missed_hours = -1};
		struct voucher v;

		if (walk(tx, t, T16, &s, &v, err) != 0)
			return -1;
		outcome(t, &s);
		if (walk(tx, t, T17, &s, &v, err) != 0)
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

		if (mix(t->learner, 6) % 3 != 0 && walk(tx, t, T18, &s, &v, err) != 0)
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

		if (voucher_get(tx->db, t->number, &v, err) != 0)
			return -1;
		if (v.billing != BILLING_TO_BILL)
			continue;
		s.amount = v.payable;
		snprintf(s.invoice, sizeof s.invoice, "F-%07lld", (long long)t->number);
		if (walk(tx, t, T22, &s, &v, err) != 0)
			return -1;
	}
	return 0;
}

/* All that is billed of one provider after the other, in payments of up to PAYMENT_LINES_MAX vouchers. */
static int order_all(struct tx *tx, struct replay *p, struct err *err)
{
	for (size_t end = p->done + BATCH; p->done < p->tickets && p->done < end; p->done++) {
		const struct row *row = p->ticket[p->done].row;
		struct payment payment;
		int rc = 0;

		if (p->done == 0 || row != p->ticket[p->done - 1].row)
			do
				rc = payment_order(tx, row->provider.org, PAYMENT_LINES_MAX, &payment, err);
			while (rc == 1);
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

		if (voucher_get(tx->db, p->ticket[p->done].number, &v, err) != 0)
			return -1;
		if (v.billing != BILLING_ORDERED)
			continue;
		if (payment_get(tx->db, v.payment, &payment, err) != 0 ||
		    bank_answer(tx, &payment, &(struct bank_word){1, "BANK", DAY_NONE}, err) != 0)
			return -1;
	}
	return 0;
}

/* What is proposed of learners' own money. */
static int order_own(struct tx *tx, struct replay *p, struct err *err)
{
	struct pay_back_run run = {0};

	for (int i = 0; i < BATCH && !run.finished; i++) {
		if (pay_back_next(tx, &run, err) != 0)
			return -1;
		if (run.why.code != ERR_NONE) {
			*err = run.why;
			return -1;
		}
	}
	p->paid_back_all = run.finished;
	return 0;
}

/* The bank executes them; of the last ones of all it still has some. */
static int settle_own(struct tx *tx, struct replay *p, struct err *err)
{
	int64_t id[BATCH];
	size_t n = 0;
	struct stmt *q = db_query(
		tx->db,
		"SELECT id FROM payment WHERE kind = $1 AND state = $2 AND id % 3 <> 0 ORDER BY id LIMIT $3",
		VALS(v_int(PAYMENT_BACK), v_int(PAYMENT_ORDERED), v_int(BATCH)), err);
	int rc;

	while ((rc = db_step(q, err)) == 1)
		id[n++] = col_int(q, 0);
	db_done(q);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct payment payment;

		rc = payment_get(tx->db, id[i], &payment, err) == 0
			     ? bank_answer(tx, &payment, &(struct bank_word){1, "BANK", DAY_NONE}, err)
			     : -1;
	}
	p->paid_back_all = n < BATCH;
	return rc;
}

static int clock_to(struct replay *p, day_t day, struct err *err)
{
	int64_t executed;

	return ledger_clock(p->l, day * US_PER_DAY + 9 * 3600 * US_PER_S, &executed, err);
}

/* A ticket for each entry of the month that begins at row *i, which becomes the next month's first row. */
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
		for (int64_t k = 0; k < p->row[*i].entries; k++) {
			struct ticket *t = &p->ticket[p->tickets++];

			t->row = &p->row[*i];
			snprintf(t->learner, sizeof t->learner, "P-%07lld",
				 (long long)p->result->entries + (long long)p->tickets);
		}
	return 0;
}

static int pay_back(struct replay *p, struct err *err)
{
	do {
		if (act(p, &p->authoriser, order_own, err) != 0)
			return -1;
	} while (!p->paid_back_all);
	do {
		if (act(p, &p->accountant, settle_own, err) != 0)
			return -1;
	} while (!p->paid_back_all);
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
	} while (!p->accrued_all);
	if (act_on_all(p, &p->portal, accept_all, err) != 0 || clock_to(p, month + 7, err) != 0 ||
	    act_on_all(p, &p->itself, settle_all, err) != 0 || clock_to(p, month + 9, err) != 0 ||
	    act_on_all(p, &p->provider, enter_all, err) != 0 || clock_to(p, month + 13, err) != 0 ||
	    act_on_all(p, &p->provider, leave_all, err) != 0 ||
	    act_on_all(p, &p->controller, validate_some, err) != 0 || clock_to(p, month + 26, err) != 0 ||
	    act_on_all(p, &p->provider, bill_all, err) != 0 ||
	    act_on_all(p, &p->authoriser, order_all, err) != 0)
		return -1;
	return act_on_all(p, &p->accountant, pay_all, err) == 0 ? pay_back(p, err) : -1;
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
	/* The days of the last co-payments that came back are over, too. */
	return clock_to(p, day_month_next(p->last) + 4 + OWN_PAY_BACK_DAYS, err) == 0 ? pay_back(p, err) : -1;
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

static void differs(int64_t *different, const char *month, const char *code, const char *siret)
{
	if ((*different)++ < SHOWN_MAX)
		fprintf(stderr, "  public-entries.csv differs: %.7s %s %s\n", month, code, siret);
}

/* Take one row of the report off the input's count. */
static void compare_row(struct replay *p, const struct csv_row *r, const int *column, int64_t *different)
{
	int64_t entries = strtoll(r->field[column[3]], NULL, 10);
	struct row key = {0}, *found = NULL;
	char month[16];

	if (entries == 0)
		return; /* a month in which somebody only left */
	snprintf(month, sizeof month, "%s-01", r->field[column[0]]);
	snprintf(key.code, sizeof key.code, "RNCP%.9s", r->field[column[1]]);
	snprintf(key.siret, sizeof key.siret, "%.14s", r->field[column[2]]);
	if (day_parse(month, &key.month) == 0)
		found = bsearch(&key, p->row, p->rows, sizeof *p->row, compare_rows);
	if (found == NULL || found->entries != entries)
		differs(different, month, key.code, key.siret);
	/* What has been seen may not come again, and is not missing. */
	if (found != NULL)
		found->entries = 0;
}

static int compare_report(struct replay *p, struct csv_in *in, int64_t *different, struct err *err)
{
	static const char *const names[] = {"annee_mois", "code_rncp", "siret_of_contractant",
					    "entrees_formation"};
	struct csv_row r;
	int column[4], rc;

	for (int i = 0; i < 4; i++)
		if ((column[i] = csv_in_column(in, names[i])) < 0)
			return err_set(err, ERR_MALFORMED, NULL, "the report has no column %s", names[i]);
	while ((rc = csv_in_next(in, &r, err)) == 1) {
		if (r.count != csv_in_header(in)->count)
			return bad_row(&r, "the number of fields differs from the header's", err);
		compare_row(p, &r, column, different);
	}
	for (size_t i = 0; i < p->rows; i++) {
		char month[DATE_TEXT];

		if (p->row[i].entries != 0)
			differs(different, day_format(p->row[i].month, month), p->row[i].code,
				p->row[i].siret);
	}
	return rc;
}

int replay_compare(const char *data, const char *report, int64_t *different, struct err *err)
{
	struct replay p = {0};
	struct csv_in *in = NULL;
	int rc = -1;

	*different = 0;
	if (load(&p, data, err) == 0 && (in = csv_in_open(report, err)) != NULL)
		rc = compare_report(&p, in, different, err);
	csv_in_close(in);
	free(p.row);
	return rc;
}

/* What was paid, and how many vouchers did not get that far. */
static int count_paid(struct replay *p, struct db *db, struct err *err)
{
	int64_t vouchers = 0;

	if (db_int(db, "SELECT count(*) FROM voucher WHERE billing = $1", VALS(v_int(BILLING_PAID)),
		   &vouchers, err) < 0 ||
	    db_int(db, "SELECT sum(amount) FROM payment WHERE state = $1 AND kind <> $2",
		   VALS(v_int(PAYMENT_PAID), v_int(PAYMENT_BACK)), &p->result->paid, err) < 0)
		return -1;
	p->result->unpaid = p->result->entries - vouchers;
	return 0;
}

static int count_own(struct replay *p, struct db *db, struct err *err)
{
	int64_t pool, notes;
	struct fund f;

	if (fund_need(db, "cpf-copay", NULL, &f, err) != 0 ||
	    balance_of_kind(db, f.id, K_POOL, &pool, err) != 0 ||
	    balance_of_kind(db, f.id, K_CREDIT_NOTE, &notes, err) != 0)
		return -1;
	p->result->own_kept = pool + notes;
	return db_int(db, "SELECT coalesce(sum(amount), 0) FROM payment WHERE kind = $1 AND state = $2",
		      VALS(v_int(PAYMENT_BACK), v_int(PAYMENT_PAID)), &p->result->own_home, err) < 0 ||
			       db_int(db,
				      "SELECT coalesce(sum(amount), 0) FROM payment WHERE kind = $1 AND "
				      "state = $2",
				      VALS(v_int(PAYMENT_BACK), v_int(PAYMENT_ORDERED)), &p->result->own_away,
				      err) < 0
		       ? -1
		       : 0;
}

static int check(struct replay *p, const char *data, const char *out, struct err *err)
{
	struct audit_report *audit = calloc(1, sizeof *audit);
	struct db *db = ledger_reader(p->l, err);
	char path[4096];
	int rc = -1;

	snprintf(path, sizeof path, "%s/public-entries.csv", out);
	if (audit == NULL)
		err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	else if (db != NULL && count_paid(p, db, err) == 0 && count_own(p, db, err) == 0 &&
		 write_reports(p, db, out, err) == 0 &&
		 replay_compare(data, path, &p->result->different, err) == 0 &&
		 audit_run(db, NULL, audit, NULL, NULL, err) == 0) {
		p->result->faults = audit->faults;
		p->result->journal = audit->head;
		if (audit->faults != 0)
			audit_print(audit, stderr);
		rc = 0;
	}
	ledger_reader_back(p->l, db);
	free(audit);
	return rc;
}

int replay_run(const char *data, const char *out, struct replay_result *result, struct err *err)
{
	struct replay p = {.result = result, .provider = {.role = ROLE_PROVIDER}};
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
	if (ledger_create(path,
			  &(struct ledger_new){.sandbox = 1,
					       .first = &persons_first,
					       .now = (p.first - LEAD_DAYS) * US_PER_DAY},
			  err) != 0)
		goto out;
	p.l = ledger_open(path, 1, err);
	if (p.l != NULL && act(&p, &p.itself, set_up, err) == 0 && run_months(&p, err) == 0)
		rc = check(&p, data, out, err);
out:
	ledger_close(p.l);
	free(p.ticket);
	free(p.row);
	return rc;
}
