/*
 * bank: statements as the bank gives them, ISO 20022 camt.053.001.08.
 *
 * Booked entries alone are lines (Sts/Cd BOOK).  An entry whose details have amounts that come to its own is
 * a line for each; any other is one line.  The balances are OPBD, or PRCD where there is none, and CLBD.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/base/money.h"
#include "ledger/forms/xml.h"
#include "ledger/intake/format.h"
#include "ledger/registers/bank_account.h"
#include "ledger/store/setting.h"
#include "ledger/treasury/bank_statement.h"

#define SPACE "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"

struct reader {
	struct tx *tx;
	char currency[4];
	struct bank_statement s;
	struct bank_line *line; /* BANK_LINES_MAX of them */
};

static int refuse(const struct xml_node *at, struct err *err, const char *what, const char *found)
{
	char shown[64];

	return err_set(err, ERR_MALFORMED, NULL, "Line %lld: %s: %s%s", xml_line(at), xml_name(at), what,
		       check_show(found, shown, sizeof shown));
}

/* An amount with its direction; currency and sign are the document's. */
static int read_amount(const struct reader *r, const struct xml_node *at, int64_t *out, struct err *err)
{
	const char *direction = xml_text(at, "CdtDbtInd");

	if (strcmp(xml_attribute(at, "Amt", "Ccy"), r->currency) != 0)
		return refuse(at, err, "an amount in another currency than the ledger's: ",
			      xml_attribute(at, "Amt", "Ccy"));
	if (money_parse(xml_text(at, "Amt"), r->tx->env->exponent, out) != 0 || *out < 0)
		return refuse(at, err, "Amt is no amount: ", xml_text(at, "Amt"));
	if (strcmp(direction, "DBIT") == 0)
		*out = -*out;
	else if (strcmp(direction, "CRDT") != 0)
		return refuse(at, err, "CdtDbtInd is neither CRDT nor DBIT: ", direction);
	return 0;
}

/* A day, which may stand as an instant. */
static int read_day(const struct xml_node *at, const char *path, day_t *out, struct err *err)
{
	const struct xml_node *choice = xml_child(at, path);
	char text[DATE_TEXT];

	if (choice == NULL)
		return refuse(at, err, "a day is missing: ", path);
	snprintf(text, sizeof text, "%s",
		 xml_text(choice, "Dt")[0] != '\0' ? xml_text(choice, "Dt") : xml_text(choice, "DtTm"));
	return day_parse(text, out) == 0 ? 0 : refuse(at, err, "not a day: ", text);
}

/* A reference; one that is too long or unprintable is no reference of anybody's here. */
static void read_text(const struct xml_node *at, const char *path, char *out, size_t size)
{
	const char *text = at == NULL ? "" : xml_text(at, path);

	out[0] = '\0';
	if (check_text(text, size - 1) && strcmp(text, "NOTPROVIDED") != 0)
		snprintf(out, size, "%s", text);
}

static void read_label(const struct xml_node *details, struct bank_line *l)
{
	const char *structured = xml_text(details, "RmtInf/Strd/CdtrRefInf/Ref");

	bank_label(structured[0] != '\0' ? structured : xml_text(details, "RmtInf/Ustrd"), l->label);
	if (!check_text(l->label, CODE_MAX))
		l->label[0] = '\0';
}

static void read_details(const struct xml_node *details, struct bank_line *l)
{
	if (details == NULL)
		return;
	read_text(details, "Refs/EndToEndId", l->end_to_end, sizeof l->end_to_end);
	if (l->batch[0] == '\0')
		read_text(details, "Refs/PmtInfId", l->batch, sizeof l->batch);
	if (l->reference[0] == '\0')
		read_text(details, "Refs/AcctSvcrRef", l->reference, sizeof l->reference);
	read_text(details, "RtrInf/Rsn/Cd", l->returned, sizeof l->returned);
	read_label(details, l);
}

static struct bank_line *next_line(struct reader *r, const struct xml_node *at, struct err *err)
{
	struct bank_line *l = &r->line[r->s.lines];

	if (r->s.lines == BANK_LINES_MAX) {
		err_set(err, ERR_LIMIT, NULL, "Line %lld: a statement has at most %d lines.", xml_line(at),
			BANK_LINES_MAX);
		return NULL;
	}
	memset(l, 0, sizeof *l);
	l->line = ++r->s.lines;
	return l;
}

/* Do the details have amounts that come to the entry's?  How many there are. */
static int64_t count_parts(const struct reader *r, const struct xml_node *entry, int64_t amount)
{
	int64_t sum = 0, parts = 0, count = 0;

	for (const struct xml_node *d = xml_child(entry, "NtryDtls"); d != NULL; d = xml_next(d))
		for (const struct xml_node *t = xml_child(d, "TxDtls"); t != NULL; t = xml_next(t)) {
			struct err none = {0};
			int64_t part;

			count++;
			if (read_amount(r, t, &part, &none) == 0 && money_add(sum, part, &sum) == 0)
				parts++;
		}
	return parts == count && sum == amount ? parts : 0;
}

/* What all lines of an entry have in common. */
static int begin_line(const struct xml_node *entry, struct bank_line *l, struct err *err)
{
	if (read_day(entry, "BookgDt", &l->booked_on, err) != 0)
		return -1;
	l->value_on = l->booked_on;
	read_text(entry, "AcctSvcrRef", l->reference, sizeof l->reference);
	read_text(xml_child(entry, "NtryDtls"), "Btch/PmtInfId", l->batch, sizeof l->batch);
	return xml_child(entry, "ValDt") == NULL ? 0 : read_day(entry, "ValDt", &l->value_on, err);
}

static int read_parts(struct reader *r, const struct xml_node *entry, struct err *err)
{
	for (const struct xml_node *d = xml_child(entry, "NtryDtls"); d != NULL; d = xml_next(d))
		for (const struct xml_node *t = xml_child(d, "TxDtls"); t != NULL; t = xml_next(t)) {
			struct bank_line *l = next_line(r, t, err);

			if (l == NULL || begin_line(entry, l, err) != 0 ||
			    read_amount(r, t, &l->amount, err) != 0)
				return -1;
			read_details(t, l);
		}
	return 0;
}

static int read_entry(struct reader *r, const struct xml_node *entry, struct err *err)
{
	struct bank_line *l;
	int64_t amount;

	if (strcmp(xml_text(entry, "Sts/Cd"), "BOOK") != 0)
		return 0;
	if (read_amount(r, entry, &amount, err) != 0)
		return -1;
	if (amount == 0)
		return 0;
	if (count_parts(r, entry, amount) > 1)
		return read_parts(r, entry, err);
	l = next_line(r, entry, err);
	if (l == NULL || begin_line(entry, l, err) != 0)
		return -1;
	l->amount = amount;
	/* Of several payments that are not told apart, one's reference would stand for all. */
	if (xml_child(entry, "NtryDtls/TxDtls") != NULL &&
	    xml_next(xml_child(entry, "NtryDtls/TxDtls")) == NULL)
		read_details(xml_child(entry, "NtryDtls/TxDtls"), l);
	return 0;
}

static const struct xml_node *find_balance(const struct xml_node *statement, const char *code)
{
	const struct xml_node *b = xml_child(statement, "Bal");

	while (b != NULL && strcmp(xml_text(b, "Tp/CdOrPrtry/Cd"), code) != 0)
		b = xml_next(b);
	return b;
}

static int read_balances(struct reader *r, const struct xml_node *at, struct err *err)
{
	const struct xml_node *opening = find_balance(at, "OPBD"), *closing = find_balance(at, "CLBD");

	if (opening == NULL)
		opening = find_balance(at, "PRCD");
	if (opening == NULL || closing == NULL)
		return refuse(at, err, "a balance is missing: ", closing == NULL ? "CLBD" : "OPBD");
	return read_amount(r, opening, &r->s.opening, err) != 0 ||
			       read_amount(r, closing, &r->s.closing, err) != 0 ||
			       read_day(closing, "Dt", &r->s.closed_on, err) != 0
		       ? -1
		       : 0;
}

static int read_head(struct reader *r, const struct xml_node *at, struct err *err)
{
	const char *number = xml_text(at, "ElctrncSeqNb"), *iban = xml_text(at, "Acct/Id/IBAN");
	char *end;
	int rc;

	memset(&r->s, 0, sizeof r->s);
	read_text(at, "Id", r->s.reference, sizeof r->s.reference);
	if (r->s.reference[0] == '\0')
		return refuse(at, err, "Id is missing or no reference: ", xml_text(at, "Id"));
	r->s.number = strtoll(number, &end, 10);
	if (*end != '\0' || r->s.number < 0 || r->s.number > HOLDER_MAX)
		return refuse(at, err, "ElctrncSeqNb is no number: ", number);
	if (!check_iban(iban))
		return refuse(at, err, "Acct/Id/IBAN is missing or no IBAN.", "");
	rc = bank_account_of_iban(r->tx->db, iban, r->s.account, err);
	if (rc == 0)
		return err_set(
			err, ERR_UNKNOWN_REFERENCE, NULL,
			"Line %lld: the statement is of an account ****%s that is not registered. Import the "
			"scheme's bank_accounts first.",
			xml_line(at), iban + strlen(iban) - 4);
	return rc < 0 ? -1 : 0;
}

static int read_statement(struct reader *r, const struct xml_node *at, struct err *err)
{
	if (read_head(r, at, err) != 0 || read_balances(r, at, err) != 0)
		return -1;
	for (const struct xml_node *e = xml_child(at, "Ntry"); e != NULL; e = xml_next(e))
		if (read_entry(r, e, err) != 0)
			return -1;
	return 0;
}

static int read_all(struct reader *r, const struct xml *x, enum upsert *done, struct err *err)
{
	const struct xml_node *root = xml_root(x), *at;

	if (strcmp(xml_name(root), "Document") != 0 || strcmp(xml_space(root), SPACE) != 0)
		return refuse(root, err, "the file is not a statement camt.053.001.08 but ", xml_space(root));
	at = xml_child(root, "BkToCstmrStmt/Stmt");
	if (at == NULL)
		return refuse(root, err, "it holds no statement (BkToCstmrStmt/Stmt)", "");
	*done = UPSERT_UNCHANGED;
	for (; at != NULL; at = xml_next(at)) {
		enum upsert one;

		if (read_statement(r, at, err) != 0 ||
		    bank_statement_take(r->tx, &r->s, r->line, &one, err) != 0)
			return -1;
		if (one == UPSERT_CREATED)
			*done = one;
	}
	return 0;
}

static int take(struct tx *tx, const char *text, size_t len, enum upsert *done, struct err *err)
{
	struct reader r = {.tx = tx};
	struct xml *x;
	int rc = -1;

	if (setting_need(tx->db, "currency", r.currency, sizeof r.currency, err) != 0)
		return -1;
	x = xml_parse(text, len, err);
	if (x == NULL)
		return -1;
	r.line = calloc(BANK_LINES_MAX, sizeof *r.line);
	rc = r.line != NULL ? read_all(&r, x, done, err) : err_bug(err, "camt.053: memory is exhausted");
	free(r.line);
	xml_free(x);
	return rc;
}

const struct import_format import_camt = {
	.kinds = {"bank"},
	.name = "camt.053 statements",
	.document_max = BANK_FILE_MAX,
	.looks = xml_looks,
	.document = take,
};
