#include "ledger/treasury/pain.h"

#include <inttypes.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/treasury/sepa.h"

static void sums(struct buf *b, const struct pain_file *f, const struct pain_sum *sum)
{
	char amount[MONEY_TEXT];

	buf_format(b, "<NbOfTxs>%" PRId64 "</NbOfTxs><CtrlSum>%s</CtrlSum>", sum->transfers,
		   money_format(sum->amount, f->exponent, amount));
}

/* Its characters need no escape in XML. */
static void name(struct buf *b, const char *text)
{
	char plain[PAIN_NAME];

	buf_format(b, "<Nm>%s</Nm>", sepa_text(text, plain, sizeof plain));
}

void pain_begin(struct buf *b, const struct pain_file *f, const char *initiator)
{
	char made[INSTANT_TEXT];

	instant_format(f->made_at, made);
	buf_text_add(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\">\n"
			"<CstmrCdtTrfInitn>\n<GrpHdr>");
	/* To the second: fractions are more than some banks read. */
	buf_format(b, "<MsgId>%s</MsgId><CreDtTm>%.19sZ</CreDtTm>", f->message, made);
	sums(b, f, &f->sum);
	buf_text_add(b, "<InitgPty>");
	name(b, initiator);
	buf_text_add(b, "</InitgPty></GrpHdr>\n");
}

void pain_group(struct buf *b, const struct pain_file *f, int number, const struct bank_account *a,
		const struct pain_sum *sum)
{
	char day[DATE_TEXT];

	buf_format(b, "<PmtInf><PmtInfId>%s-%d</PmtInfId><PmtMtd>TRF</PmtMtd><BtchBookg>false</BtchBookg>",
		   f->message, number);
	sums(b, f, sum);
	buf_format(b,
		   "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf><ReqdExctnDt><Dt>%s</Dt></ReqdExctnDt>"
		   "<Dbtr>",
		   day_format(f->execution_on, day));
	name(b, a->holder);
	buf_format(b, "</Dbtr><DbtrAcct><Id><IBAN>%s</IBAN></Id></DbtrAcct><DbtrAgt><FinInstnId>", a->iban);
	if (a->bic[0] != '\0')
		buf_format(b, "<BICFI>%s</BICFI>", a->bic);
	else
		buf_text_add(b, "<Othr><Id>NOTPROVIDED</Id></Othr>");
	buf_text_add(b, "</FinInstnId></DbtrAgt><ChrgBr>SLEV</ChrgBr>\n");
}

void pain_transfer(struct buf *b, const struct pain_file *f, const struct pain_transfer *t)
{
	char amount[MONEY_TEXT], text[PAIN_TEXT];

	buf_format(b,
		   "<CdtTrfTxInf><PmtId><EndToEndId>%s</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"%s\">%s"
		   "</InstdAmt></Amt><Cdtr>",
		   t->end_to_end, f->currency, money_format(t->amount, f->exponent, amount));
	name(b, t->name);
	buf_format(b,
		   "</Cdtr><CdtrAcct><Id><IBAN>%s</IBAN></Id></CdtrAcct><RmtInf><Ustrd>%s</Ustrd></RmtInf>"
		   "</CdtTrfTxInf>\n",
		   t->iban, sepa_text(t->text, text, sizeof text));
}

void pain_group_end(struct buf *b)
{
	buf_text_add(b, "</PmtInf>\n");
}

void pain_end(struct buf *b)
{
	buf_text_add(b, "</CstmrCdtTrfInitn>\n</Document>\n");
}
