#include "ledger/intake/format.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/buf.h"
#include "ledger/intake/column.h"
#include "ledger/intake/rejected.h"

static const struct import_format *const formats[] = {
	&import_organisations, &import_certifications, &import_certifiers, &import_partners,
	&import_providers,     &import_courses,        &import_programmes, &import_learners,
	&import_contributions, &import_topups,         &import_bank,       &import_bank_lines,
	&import_camt,          &import_bank_accounts,  &import_payroll,
};
#define FORMATS (sizeof formats / sizeof formats[0])

/* In the order in which they are usually imported. */
static const char *const kinds[] = {
	"organisations", "certifications", "partners", "providers", "courses",       "programmes",
	"learners",      "contributions",  "topups",   "payroll",   "bank_accounts", "bank",
};
#define KINDS (sizeof kinds / sizeof kinds[0])

const char *format_kind_at(size_t i)
{
	return i < KINDS ? kinds[i] : NULL;
}

int format_kind_known(const char *kind, struct err *err)
{
	struct buf list;

	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i], kind) == 0)
			return 0;
	buf_init(&list, 512);
	for (size_t i = 0; i < KINDS; i++)
		buf_format(&list, "%s%s", i > 0 ? ", " : "", kinds[i]);
	err_set(err, ERR_USAGE, "kind", "There is no import of kind \"%.40s\". There are: %s.", kind,
		buf_text(&list));
	buf_free(&list);
	return -1;
}

static int accepts(const struct import_format *f, const char *kind)
{
	for (size_t i = 0; f->kinds[i] != NULL; i++)
		if (strcmp(f->kinds[i], kind) == 0)
			return 1;
	return 0;
}

/* Does the file begin like a document of that format?  One that cannot be read is refused by who reads it. */
static int looks_like(const struct import_format *f, const char *path)
{
	char text[512];
	FILE *in;
	size_t n;

	if (f->looks == NULL)
		return 1;
	in = fopen(path, "re");
	if (in == NULL)
		return 0;
	n = fread(text, 1, sizeof text, in);
	fclose(in);
	return f->looks(text, n);
}

const struct import_format *format_document(const char *kind, const char *path)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (formats[i]->document != NULL && accepts(formats[i], kind) && looks_like(formats[i], path))
			return formats[i];
	return NULL;
}

/* "amount_$" is "amount_eur" in a ledger in euros. */
static void name_column(const char *name, const char *currency, char out[COLUMN_NAME_MAX])
{
	size_t n = strcspn(name, "$");

	snprintf(out, COLUMN_NAME_MAX, "%.*s%s", (int)n, name, name[n] == '$' ? currency : "");
	for (char *p = out + n; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
}

/* Fill map; the number of required columns that the header lacks. */
static size_t fit(const struct csv_in *in, const struct import_format *f, const char *currency,
		  struct format_map *map)
{
	size_t missing = 0;

	map->count = 0;
	for (size_t i = 0; i < FORMAT_COLUMNS_MAX && f->columns[i].name != NULL; i++) {
		name_column(f->columns[i].name, currency, map->name[i]);
		map->column[i] = csv_in_column(in, map->name[i]);
		missing += map->column[i] < 0 && !f->columns[i].optional;
		map->count++;
	}
	return missing;
}

/* A column of the file that an own format does not know, or NULL. */
static const char *stranger(const struct csv_in *in, const struct format_map *map)
{
	const struct csv_row *header = csv_in_header(in);

	for (size_t c = 0; c < header->count; c++) {
		const char *name = header->field[c];
		size_t i = 0;

		if (strcmp(name, REJECTED_LINE) == 0 || strcmp(name, REJECTED_REASON) == 0)
			continue;
		while (i < map->count && strcmp(map->name[i], name) != 0)
			i++;
		if (i == map->count)
			return name;
	}
	return NULL;
}

/* "code;name;roles[;siren]": optional columns in brackets. */
static void list_columns(const struct import_format *f, const struct format_map *map, struct buf *out)
{
	for (size_t i = 0; i < map->count; i++)
		buf_format(out, f->columns[i].optional ? "%s[%s]" : "%s%s", i > 0 ? ";" : "", map->name[i]);
}

static void list_header(const struct csv_in *in, struct buf *out)
{
	const struct csv_row *header = csv_in_header(in);

	for (size_t i = 0; i < header->count; i++) {
		buf_text_add(out, i > 0 ? ";" : "");
		for (const char *p = header->field[i]; *p != '\0'; p++)
			buf_char(out, iscntrl((unsigned char)*p) ? '?' : *p);
	}
}

/* The kind whose format the header would fit, or NULL. */
static const char *fits_elsewhere(const struct csv_in *in, const char *currency)
{
	struct format_map map;

	for (size_t i = 0; i < FORMATS; i++)
		if (formats[i]->document == NULL && fit(in, formats[i], currency, &map) == 0)
			return formats[i]->kinds[0];
	return NULL;
}

static void refuse_header(const struct csv_in *in, const char *kind, const char *currency, struct err *err)
{
	const char *other = fits_elsewhere(in, currency);
	struct format_map map;
	struct buf expected, found;

	buf_init(&expected, 600);
	buf_init(&found, 65536);
	for (size_t i = 0, n = 0; i < FORMATS; i++) {
		if (!accepts(formats[i], kind))
			continue;
		fit(in, formats[i], currency, &map);
		buf_text_add(&expected, n++ > 0 ? ", or " : "");
		list_columns(formats[i], &map, &expected);
	}
	list_header(in, &found);
	err_set(err, ERR_MALFORMED, "header",
		"Line %lld: header: not a file of %s. The columns must be %s; found %.300s%s%s.",
		(long long)csv_in_header(in)->line, kind, buf_text(&expected), buf_text(&found),
		other != NULL ? "; it looks like " : "", other != NULL ? other : "");
	buf_free(&expected);
	buf_free(&found);
}

const struct import_format *format_recognise(const struct csv_in *in, const char *kind, const char *currency,
					     struct format_map *map, struct err *err)
{
	char quoted[QUOTED_MAX];
	const char *unknown;
	struct buf known;

	if (format_kind_known(kind, err) != 0)
		return NULL;
	for (size_t i = 0; i < FORMATS; i++) {
		const struct import_format *f = formats[i];

		if (f->document != NULL || !accepts(f, kind) || fit(in, f, currency, map) != 0)
			continue;
		unknown = f->strict_header ? stranger(in, map) : NULL;
		if (unknown == NULL)
			return f;
		buf_init(&known, 600);
		list_columns(f, map, &known);
		err_set(err, ERR_MALFORMED, "header",
			"Line %lld: header: %s is not a column of %s. The columns are %s.",
			(long long)csv_in_header(in)->line, column_quoted(unknown, quoted), kind,
			buf_text(&known));
		buf_free(&known);
		return NULL;
	}
	refuse_header(in, kind, currency, err);
	return NULL;
}
