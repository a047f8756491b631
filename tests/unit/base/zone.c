/*
 * Time zones, beside another reader of the same files: the C library.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ledger/base/zone.h"
#include "tests/lib/program.h"

#define DATABASE "/usr/share/zoneinfo"

static int zone(const char *name)
{
	struct err err = {0};
	int found = zone_find(name, &err);

	if (found < 0)
		fail_msg("%s: %s", name, err.text);
	return found;
}

static int64_t at(const char *text)
{
	int64_t instant = 0;

	assert_int_equal(instant_parse(text, &instant), 0);
	return instant;
}

static void summer_time_moves_the_beginning_of_the_day(void **state)
{
	int paris = zone("Europe/Paris");

	(void)state;
	assert_string_equal(zone_name(paris), "Europe/Paris");
	assert_int_equal(zone("Europe/Paris"), paris);
	assert_int_equal(zone("UTC"), ZONE_UTC);
	assert_int_equal(zone_midnight(paris, day_from_civil(2026, 3, 29)), at("2026-03-28T23:00:00Z"));
	assert_int_equal(zone_midnight(paris, day_from_civil(2026, 3, 30)), at("2026-03-29T22:00:00Z"));
	assert_int_equal(zone_midnight(paris, day_from_civil(2026, 10, 25)), at("2026-10-24T22:00:00Z"));
	assert_int_equal(zone_midnight(paris, day_from_civil(2026, 10, 26)), at("2026-10-25T23:00:00Z"));
	assert_int_equal(zone_day(paris, at("2026-07-01T21:59:59Z")), day_from_civil(2026, 7, 1));
	assert_int_equal(zone_day(paris, at("2026-07-01T22:00:00Z")), day_from_civil(2026, 7, 2));
	assert_int_equal(zone_day(paris, at("2025-12-31T22:59:59.999999Z")), day_from_civil(2025, 12, 31));
	assert_int_equal(zone_day(paris, at("2025-12-31T23:00:00Z")), day_from_civil(2026, 1, 1));
	assert_int_equal(zone_midnight(paris, day_from_civil(2099, 7, 1)), at("2099-06-30T22:00:00Z"));
	assert_int_equal(zone_day(ZONE_UTC, -1), -1);
}

static void days_begin_where_the_sun_is(void **state)
{
	(void)state;
	assert_int_equal(zone_midnight(zone("Asia/Singapore"), day_from_civil(2026, 1, 6)),
			 at("2026-01-05T16:00:00Z"));
	assert_int_equal(zone_midnight(zone("America/New_York"), day_from_civil(2026, 7, 1)),
			 at("2026-07-01T04:00:00Z"));
	assert_int_equal(zone_midnight(zone("Asia/Kathmandu"), day_from_civil(2026, 1, 6)),
			 at("2026-01-05T18:15:00Z"));
	/* the clock is put forward at midnight: the day begins at 01:00 */
	assert_int_equal(zone_midnight(zone("Africa/Cairo"), day_from_civil(2026, 4, 24)),
			 at("2026-04-23T22:00:00Z"));
	/* it is put back over midnight: the day begins at the first of the two */
	assert_int_equal(zone_midnight(zone("Atlantic/Azores"), day_from_civil(2026, 10, 25)),
			 at("2026-10-25T00:00:00Z"));
	/* the day that Samoa passed over */
	assert_int_equal(zone_midnight(zone("Pacific/Apia"), day_from_civil(2011, 12, 30)),
			 zone_midnight(zone("Pacific/Apia"), day_from_civil(2011, 12, 31)));
}

/* --- beside the C library ------------------------------------------------------- */

static day_t library_day(int64_t second)
{
	time_t t = (time_t)second;
	struct tm tm;

	assert_non_null(localtime_r(&t, &tm));
	return day_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

/* Every few weeks from that year on, at times that walk through the day, and where our days begin. */
static void compare(const char *name, const char *tz, int year)
{
	int z = zone(name);

	setenv("TZ", tz, 1);
	tzset();
	for (day_t day = day_from_civil(year, 1, 1); day < day_from_civil(2099, 12, 31); day += 53) {
		int64_t begins = zone_midnight(z, day);
		const int64_t seconds[] = {(int64_t)day * 86400 + (int64_t)day * 3607 % 86400,
					   begins / US_PER_S, begins / US_PER_S - 1};

		assert_int_equal(begins % US_PER_S, 0);
		for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++)
			if (zone_day(z, seconds[i] * US_PER_S) != library_day(seconds[i]))
				fail_msg("%s differs at %lld: %d, not %d", name, (long long)seconds[i],
					 zone_day(z, seconds[i] * US_PER_S), library_day(seconds[i]));
		if (zone_day(z, begins) < day || zone_day(z, begins - 1) >= day)
			fail_msg("%s: day %d does not begin at %lld", name, day, (long long)begins);
	}
	unsetenv("TZ");
	tzset();
}

static int zones_seen;

/* All names below DATABASE/below. */
static void walk(const char *below, void (*see)(const char *name))
{
	char path[512], name[300];
	const struct dirent *e;
	struct stat st;
	DIR *dir;

	snprintf(path, sizeof path, DATABASE "/%s", below);
	dir = opendir(path);
	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL) {
		if (e->d_name[0] < 'A' || e->d_name[0] > 'Z') /* posix/, right/, tables */
			continue;
		snprintf(name, sizeof name, "%s%s%.200s", below, below[0] != '\0' ? "/" : "", e->d_name);
		snprintf(path, sizeof path, DATABASE "/%s", name);
		assert_int_equal(stat(path, &st), 0);
		if (S_ISDIR(st.st_mode))
			walk(name, see);
		else
			see(name);
	}
	closedir(dir);
}

static void see_zone(const char *name)
{
	char tz[310];

	snprintf(tz, sizeof tz, ":%s", name);
	compare(name, tz, 1902);
	zones_seen++;
}

static void the_c_library_counts_the_same_days_in_every_zone_there_is(void **state)
{
	(void)state;
	walk("", see_zone);
	print_message("%d zones\n", zones_seen);
	assert_true(zones_seen > 400);
}

/* --- files of our own ------------------------------------------------------------ */

static char folder[128];

static int set_up(void **state)
{
	(void)state;
	program_folder(folder, sizeof folder);
	setenv("TZDIR", folder, 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unsetenv("TZDIR");
	program_remove(folder);
	return 0;
}

static void write_zone(const char *name, const void *bytes, size_t len)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* A file with no transition, one type and that footer; its length. */
static size_t plain_file(const char *footer, unsigned char out[512])
{
	static const unsigned char header[44] = {'T', 'Z', 'i', 'f', '2', [39] = 1, [43] = 4};
	static const unsigned char type[10] = {0, 0, 0, 0, 0, 0, 'L', 'M', 'T', 0};
	size_t n = 0;

	for (int block = 0; block < 2; block++) {
		memcpy(out + n, header, sizeof header);
		memcpy(out + n + sizeof header, type, sizeof type);
		n += sizeof header + sizeof type;
	}
	return n + (size_t)snprintf((char *)out + n, 512 - n, "\n%s\n", footer);
}

static void the_c_library_reads_the_same_out_of_every_footer(void **state)
{
	static const char *const footers[] = {
		"UTC0",
		"<+08>-8",
		"<-0330>3:30",
		"CET-1CEST,M3.5.0,M10.5.0/3",
		"IST-1GMT0,M10.5.0,M3.5.0/1",
		"AEST-10AEDT,M10.1.0,M4.1.0/3",
		"EST5EDT,J60/2,J300/2",
		"EST5EDT4:30,59/25:00:01,299",
		"<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
		"EET-2EEST,M3.4.4/50,M10.4.4/50",
		"XXX3YYY,M2.5.6/167,M11.2.3/-167",
	};
	unsigned char bytes[512];
	char name[32];

	(void)state;
	for (size_t i = 0; i < sizeof footers / sizeof footers[0]; i++) {
		snprintf(name, sizeof name, "Footer%zu", i);
		write_zone(name, bytes, plain_file(footers[i], bytes));
		compare(name, footers[i], 1971); /* before, the C library applies no such rule */
	}
}

static void refused(const char *name, enum err_code code, const char *part)
{
	struct err err = {0};

	if (zone_find(name, &err) >= 0)
		fail_msg("%s is taken", name);
	if (err.code != code || strstr(err.text, part) == NULL)
		fail_msg("%s: %s: %s", name, err_name(err.code), err.text);
}

static void a_bad_footer_is_refused(void **state)
{
	static const char *const footers[] = {
		"CET",
		"CET-1CEST",
		"CET-1CEST,M3.5.0",
		"CET-1CEST,M13.5.0,M10.5.0",
		"CET-25",
		"CET-1CEST,M3.6.0,M10.5.0",
		"CET-1CEST,M3.5.7,M10.5.0",
		"CET-1CEST,M3.5.0,M10.5.0x",
		"<+08-8",
		"CE-1",
		"CET-1CEST,J0,J366",
		"CET-1CEST,M3.5.0/168,M10.5.0",
		"CET-1:60",
		"CET-1CEST,,",
		"CET-1:",
		"-1",
	};
	unsigned char bytes[512];
	char name[32];

	(void)state;
	for (size_t i = 0; i < sizeof footers / sizeof footers[0]; i++) {
		snprintf(name, sizeof name, "Bad%zu", i);
		write_zone(name, bytes, plain_file(footers[i], bytes));
		refused(name, ERR_ZONE_DATA, "it is damaged");
	}
}

static void a_file_that_is_no_zone_is_refused(void **state)
{
	static unsigned char large[70000];
	unsigned char bytes[512];
	size_t n = plain_file("UTC0", bytes);
	char path[200];

	(void)state;
	write_zone("Text", "Europe/Paris\n", 13);
	refused("Text", ERR_ZONE_DATA, "it is not a file of the tz database");
	write_zone("Empty", "", 0);
	refused("Empty", ERR_ZONE_DATA, "it is not a file of the tz database");
	memcpy(large, bytes, n);
	write_zone("Large", large, sizeof large);
	refused("Large", ERR_ZONE_DATA, "it is too large");
	bytes[4] = 0;
	write_zone("Old", bytes, n);
	refused("Old", ERR_ZONE_DATA, "version 1");
	plain_file("UTC0", bytes);
	bytes[54 + 31] = 1;
	write_zone("Leap", bytes, n);
	refused("Leap", ERR_ZONE_DATA, "leap seconds");
	/* Counts of more than any file holds are not even made room for. */
	for (size_t i = 0; i < 6; i++) {
		snprintf(path, sizeof path, "Count%zu", i);
		plain_file("UTC0", bytes);
		bytes[54 + 20 + 4 * i] = 0xff;
		write_zone(path, bytes, n);
		refused(path, ERR_ZONE_DATA, "it is damaged");
	}
	snprintf(path, sizeof path, "%s/Folder", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	refused("Folder", ERR_ZONE_DATA, "it is not a regular file");
	snprintf(path, sizeof path, "%s/Pipe", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	refused("Pipe", ERR_ZONE_DATA, "it is not a regular file");
}

/* Whatever a disk made of it: it is refused, or it is a zone; nothing is read beyond its end. */
static void a_file_that_is_cut_or_changed_is_never_read_beyond_its_end(void **state)
{
	static unsigned char bytes[8192], changed[8192];
	FILE *f = fopen(DATABASE "/Europe/Paris", "re");
	struct err err = {0};
	char name[32];
	size_t n;
	int taken = 0;

	(void)state;
	assert_non_null(f);
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	for (size_t len = 0; len < n; len += len < 100 || len + 40 > n ? 1 : 37) {
		snprintf(name, sizeof name, "Cut%zu", len);
		write_zone(name, bytes, len);
		assert_int_equal(zone_find(name, &err), -1);
	}
	for (unsigned i = 0; i < 300; i++) {
		memcpy(changed, bytes, n);
		changed[i < 100 ? i : (i * 2654435761U) % n] ^= (unsigned char)(1U << i % 8);
		snprintf(name, sizeof name, "Flip%u", i);
		write_zone(name, changed, n);
		taken += zone_find(name, &err) >= 0;
	}
	assert_true(taken > 0 && taken < 300);
}

static void names_that_lead_elsewhere_are_refused(void **state)
{
	static const char *const names[] = {
		"",
		"/etc/passwd",
		"../../etc/passwd",
		"Europe/../Paris",
		"Europe//Paris",
		"Europe/",
		"Europe/.Paris",
		"europe/Paris",
		"posixrules",
		"localtime",
		"right/UTC",
		"tzdata.zi",
		":Europe/Paris",
		"Europe/Par is",
		"Europe/Paris\n",
		"A234567890123456789012345678901234567890123456789012345678901234X",
	};
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		refused(names[i], ERR_FIELD_INVALID, "is not the name of a time zone");
}

static void a_zone_or_a_database_that_is_not_there_is_named(void **state)
{
	(void)state;
	refused("Mars/Olympus", ERR_FIELD_INVALID, "\"Mars/Olympus\" is not known to this system");
	setenv("TZDIR", "/nowhere", 1);
	refused("Europe/Lisbon", ERR_ZONE_DATA,
		"There are no time zones in /nowhere. Install the package tzdata");
	setenv("TZDIR", "", 1);
	assert_true(zone("Europe/Lisbon") > 0);
}

static void *ask(void *arg)
{
	unsigned *sum = arg;
	int z = zone("America/Sao_Paulo");

	for (int i = 0; i < 200000; i++)
		*sum += (unsigned)zone_day(z, i * (int64_t)7777777 * US_PER_S % (4000000000 * US_PER_S));
	return NULL;
}

static void threads_that_ask_at_once_get_the_same_answers(void **state)
{
	pthread_t thread[4];
	unsigned sum[4] = {0};

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, ask, &sum[i]), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	for (int i = 1; i < 4; i++)
		assert_int_equal(sum[i], sum[0]);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* first: a zone that was read is known */
		IN_A_FOLDER(a_zone_or_a_database_that_is_not_there_is_named),
		cmocka_unit_test(summer_time_moves_the_beginning_of_the_day),
		cmocka_unit_test(days_begin_where_the_sun_is),
		cmocka_unit_test(the_c_library_counts_the_same_days_in_every_zone_there_is),
		cmocka_unit_test(threads_that_ask_at_once_get_the_same_answers),
		IN_A_FOLDER(the_c_library_reads_the_same_out_of_every_footer),
		IN_A_FOLDER(a_bad_footer_is_refused),
		IN_A_FOLDER(a_file_that_is_no_zone_is_refused),
		IN_A_FOLDER(a_file_that_is_cut_or_changed_is_never_read_beyond_its_end),
		IN_A_FOLDER(names_that_lead_elsewhere_are_refused),
	};

	return cmocka_run_group_tests_name("base/zone", tests, NULL, NULL);
}
