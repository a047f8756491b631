#include "reports/manifest.h"

static void member(struct buf *out, const char *name)
{
	buf_text_add(out, buf_text(out)[out->len - 1] == '{' ? "\n  " : ",\n  ");
	buf_json(out, name);
	buf_text_add(out, ": ");
}

/* "" stands for null. */
static void text_member(struct buf *out, const char *name, const char *value)
{
	member(out, name);
	if (*value == '\0')
		buf_text_add(out, "null");
	else
		buf_json(out, value);
}

static void int_member(struct buf *out, const char *name, int64_t n)
{
	member(out, name);
	buf_int(out, n);
}

static void name_of(const struct csv_out *csv, size_t column, struct buf *out)
{
	buf_char(out, '"');
	csv_out_name(csv, column, out);
	buf_char(out, '"');
}

static void columns_member(struct buf *out, const struct csv_out *csv)
{
	member(out, "columns");
	buf_text_add(out, csv->ledger != NULL ? "[\"" CSV_OUT_LEDGER "\", " : "[");
	for (size_t i = 0; i < csv->count; i++) {
		buf_text_add(out, i > 0 ? ", " : "");
		name_of(csv, i, out);
	}
	buf_char(out, ']');
}

/* Of several ledgers, each with its head. */
static void ledgers_member(struct buf *out, const struct report_source *s, size_t n)
{
	member(out, "ledgers");
	for (size_t i = 0; i < n; i++, s++) {
		buf_format(out, "%s{\"as_of_seq\": %lld, \"head_hash\": ", i > 0 ? ", " : "[",
			   (long long)s->as_of_seq);
		if (s->head_hash[0] != '\0')
			buf_json(out, s->head_hash);
		else
			buf_text_add(out, "null");
		buf_text_add(out, ", \"ledger\": ");
		buf_json(out, s->settings->id);
		buf_text_add(out, ", \"name\": ");
		buf_json(out, s->name);
		buf_char(out, '}');
	}
	buf_char(out, ']');
}

static void totals_member(struct buf *out, const struct csv_out *csv)
{
	const char *separator = "";

	member(out, "totals");
	buf_char(out, '{');
	for (size_t i = 0; i < csv->count; i++) {
		enum column_type type = csv->columns[i].type;

		if (type != COLUMN_MONEY && type != COLUMN_COUNT)
			continue;
		buf_text_add(out, separator);
		name_of(csv, i, out);
		buf_text_add(out, type == COLUMN_MONEY ? ": \"" : ": ");
		csv_out_total(csv, i, out);
		buf_text_add(out, type == COLUMN_MONEY ? "\"" : "");
		separator = ", ";
	}
	buf_char(out, '}');
}

void manifest_write(const struct manifest *m, const struct csv_out *csv, struct buf *out)
{
	int alone = m->source->name == NULL;
	char day[DATE_TEXT];

	buf_char(out, '{');
	if (alone)
		int_member(out, "as_of_seq", m->source->as_of_seq);
	columns_member(out, csv);
	text_member(out, "currency", m->source->settings->currency);
	member(out, "file");
	buf_format(out, "\"%s.csv\"", m->report->name);
	text_member(out, "from", day_format(m->from, day));
	text_member(out, "fund", m->fund);
	if (alone) {
		text_member(out, "head_hash", m->source->head_hash);
		text_member(out, "ledger", m->source->settings->id);
	} else {
		ledgers_member(out, m->source, m->sources);
	}
	if (m->provider[0] != '\0')
		text_member(out, "provider", m->provider);
	text_member(out, "report", m->report->name);
	int_member(out, "rows", m->result->rows);
	text_member(out, "sha256", m->result->sha256);
	text_member(out, "source", m->report->source);
	text_member(out, "title", m->report->title);
	text_member(out, "to", day_format(m->to, day));
	totals_member(out, csv);
	if (m->union_org[0] != '\0')
		text_member(out, "union", m->union_org);
	buf_text_add(out, "\n}\n");
}
