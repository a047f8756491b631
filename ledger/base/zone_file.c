#include "ledger/base/zone_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/base/zone.h"
#include "ledger/base/zone_rule.h"

#define FOLDER     "/usr/share/zoneinfo"
#define FILE_MAX   65536 /* the longest of the database has some 4,000 bytes */
#define TYPES_MAX  256
#define YEAR_FIRST 1900
#define YEAR_LAST  2199
#define SPANS_RULE (2 * (YEAR_LAST - YEAR_FIRST + 1))
#define SECONDS_IN (INT64_MAX / US_PER_S)

/* The rest of a file that is being read; broken once more was asked for than there is. */
struct bytes {
	const unsigned char *at;
	size_t left;
	int broken;
};

static const unsigned char *take(struct bytes *b, size_t n)
{
	const unsigned char *at = b->at;

	if (b->broken || n > b->left) {
		b->broken = 1;
		return NULL;
	}
	b->at += n;
	b->left -= n;
	return at;
}

static int64_t number(const unsigned char *at, size_t n)
{
	uint64_t value = at[0] & 0x80 ? UINT64_MAX : 0;

	for (size_t i = 0; i < n; i++)
		value = value << 8 | at[i];
	return (int64_t)value;
}

/* The six counts of a header, in its order. */
struct header {
	int version;
	uint32_t isut, isstd, leap, times, types, chars;
};

static int read_header(struct bytes *b, struct header *h)
{
	const unsigned char *at = take(b, 44);
	uint32_t *const count[] = {&h->isut, &h->isstd, &h->leap, &h->times, &h->types, &h->chars};

	if (at == NULL || memcmp(at, "TZif", 4) != 0)
		return -1;
	h->version = at[4];
	for (size_t i = 0; i < sizeof count / sizeof count[0]; i++) {
		*count[i] = (uint32_t)number(at + 20 + 4 * i, 4);
		if (*count[i] > FILE_MAX)
			return -1;
	}
	return 0;
}

/* The block of version 1 says less and comes first. */
static int pass_version_1(struct bytes *b, const struct header *h)
{
	return take(b, (size_t)h->times * 5 + (size_t)h->types * 6 + h->chars + (size_t)h->leap * 8 +
			       h->isstd + h->isut) == NULL
		       ? -1
		       : 0;
}

/* From instant on it is offset; 0, or -1 when that would go back in time. */
static int add_span(struct zone_table *t, int64_t instant, int64_t offset)
{
	size_t last = t->count - 1;

	if (instant < t->from[last])
		return -1;
	if (instant == t->from[last])
		t->offset[last] = offset;
	else if (offset != t->offset[last]) {
		t->from[t->count] = instant;
		t->offset[t->count++] = offset;
	}
	return 0;
}

static int read_offsets(struct bytes *b, const struct header *h, int64_t offset[TYPES_MAX])
{
	const unsigned char *types = take(b, (size_t)h->types * 6);

	if (types == NULL || take(b, h->chars) == NULL)
		return -1;
	for (size_t i = 0; i < h->types; i++) {
		offset[i] = number(types + 6 * i, 4) * US_PER_S;
		if (offset[i] > ZONE_OFFSET_MAX || offset[i] < -ZONE_OFFSET_MAX)
			return -1;
	}
	return 0;
}

/* *last: the second of the last transition of the file. */
static int read_spans(struct bytes *b, const struct header *h, struct zone_table *t, int64_t *last)
{
	const unsigned char *times = take(b, (size_t)h->times * 8), *type = take(b, h->times);
	int64_t offset[TYPES_MAX] = {0}, second;

	*last = INT64_MIN;
	if (times == NULL || type == NULL || h->types < 1 || h->types > TYPES_MAX ||
	    read_offsets(b, h, offset) != 0)
		return -1;
	t->from[0] = INT64_MIN;
	t->offset[0] = offset[0];
	t->count = 1;
	for (size_t i = 0; i < h->times; i++) {
		second = number(times + 8 * i, 8);
		if (type[i] >= h->types || (i > 0 && second <= *last))
			return -1;
		*last = second;
		/* Some files begin at the Big Bang. */
		if (second < -SECONDS_IN)
			t->offset[0] = offset[type[i]];
		else if (second > SECONDS_IN || add_span(t, second * US_PER_S, offset[type[i]]) != 0)
			return -1;
	}
	return take(b, (size_t)h->leap * 12 + h->isstd + h->isut) == NULL ? -1 : 0;
}

/* Write out the rule of the footer behind the last transition. */
static int add_rule(struct zone_table *t, const struct zone_rule *rule, int64_t last)
{
	int year = last == INT64_MIN ? YEAR_FIRST : day_year((day_t)(last / 86400));

	for (year = year < YEAR_FIRST ? YEAR_FIRST : year; year <= YEAR_LAST; year++) {
		int64_t at[2], offset[2];

		zone_rule_year(rule, year, at, offset);
		for (int i = 0; i < 2; i++)
			if (at[i] > last && add_span(t, at[i] * US_PER_S, offset[i] * US_PER_S) != 0)
				return -1;
	}
	return 0;
}

static int read_footer(struct bytes *b, struct zone_table *t, int64_t last)
{
	const unsigned char *text = b->at, *end;
	struct zone_rule rule;
	char footer[128];
	size_t n;

	if (take(b, 1) == NULL || *text++ != '\n')
		return -1;
	end = memchr(text, '\n', b->left);
	n = end != NULL ? (size_t)(end - text) : sizeof footer;
	if (n >= sizeof footer)
		return -1;
	memcpy(footer, text, n);
	footer[n] = '\0';
	if (n == 0) /* nothing is known of the time behind: it stays as it is */
		return 0;
	if (zone_rule_parse(footer, &rule) != 0)
		return -1;
	if (!rule.summer)
		return t->count == 1 ? (t->offset[0] = rule.offset * US_PER_S, 0) : 0;
	return add_rule(t, &rule, last);
}

static int parse(struct bytes *b, struct zone_table *t, const char **why)
{
	struct header h;
	int64_t last;

	*why = "it is not a file of the tz database";
	if (read_header(b, &h) != 0)
		return -1;
	*why = "it is of version 1, which does not say what holds in years to come";
	if (h.version < '2')
		return -1;
	*why = "it is damaged";
	if (pass_version_1(b, &h) != 0 || read_header(b, &h) != 0)
		return -1;
	*why = "it counts leap seconds, which UTC here does not";
	if (h.leap != 0)
		return -1;
	*why = "memory is exhausted";
	t->from = malloc(2 * (h.times + 1 + SPANS_RULE) * sizeof *t->from);
	if (t->from == NULL)
		return -1;
	*why = "it is damaged";
	t->offset = t->from + h.times + 1 + SPANS_RULE;
	if (read_spans(b, &h, t, &last) == 0 && read_footer(b, t, last) == 0)
		return 0;
	free(t->from);
	return -1;
}

/* Parts of capitals, letters, digits, '_', '+' and '-' after a capital: no way out of the folder, and none of
 * the files in it that are no zones ("right/...", "posixrules", "tzdata.zi"). */
static int name_is_safe(const char *name)
{
	size_t len = strnlen(name, ZONE_NAME_MAX + 1);

	if (len > ZONE_NAME_MAX || name[0] < 'A' || name[0] > 'Z')
		return 0;
	for (size_t i = 0; i < len; i++) {
		char c = name[i];
		int letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (!letter && (i == 0 || name[i - 1] == '/'))
			return 0;
		if (!letter && !(c >= '0' && c <= '9') && strchr("_+-/", c) == NULL)
			return 0;
	}
	return name[len - 1] != '/';
}

static const char *folder(void)
{
	const char *named = getenv("TZDIR");

	return named != NULL && named[0] != '\0' ? named : FOLDER;
}

static int refuse(const char *name, const char *why, struct err *err)
{
	return err_set(err, ERR_ZONE_DATA, NULL, "The time zone %s cannot be read from %.400s: %s.", name,
		       folder(), why);
}

/* The bytes of the file, the caller's to free(); their number, or -1. */
static ssize_t read_whole(const char *name, unsigned char **bytes, struct err *err)
{
	char path[PATH_MAX];
	struct stat st;
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof path, "%.3000s/%s", folder(), name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not be waited for */
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR) && access(folder(), F_OK) == 0)
		return err_set(
			err, ERR_FIELD_INVALID, "zone",
			"The time zone \"%s\" is not known to this system (%.400s). Zones have names like "
			"Europe/Paris or Asia/Singapore.",
			name, folder());
	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_ZONE_DATA, NULL,
			       "There are no time zones in %.400s. Install the package tzdata, or name their "
			       "folder in $TZDIR.",
			       folder());
	if (fd < 0 || fstat(fd, &st) != 0)
		refuse(name, strerror(errno), err);
	else if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		refuse(name, S_ISREG(st.st_mode) ? "it is too large" : "it is not a regular file", err);
	else if ((*bytes = malloc(FILE_MAX)) != NULL && (n = read(fd, *bytes, FILE_MAX)) < 0)
		refuse(name, strerror(errno), err);
	if (fd >= 0)
		close(fd);
	return n;
}

int zone_file_read(const char *name, struct zone_table *out, struct err *err)
{
	unsigned char *bytes = NULL;
	const char *why = NULL;
	struct bytes b = {0};
	ssize_t n;
	int rc;

	if (!name_is_safe(name))
		return err_set(
			err, ERR_FIELD_INVALID, "zone",
			"\"%.64s\" is not the name of a time zone, such as Europe/Paris or Asia/Singapore.",
			name);
	n = read_whole(name, &bytes, err);
	if (n >= 0) {
		b.at = bytes;
		b.left = (size_t)n;
	}
	rc = n >= 0 ? parse(&b, out, &why) : -1;
	if (n >= 0 && rc != 0)
		refuse(name, why, err);
	free(bytes);
	return rc;
}
