/*
 * The house looks after its rooms: who includes whom, that every file has a
 * place and is in a map.  code.c looks into the files.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/house.h"

/* --- includes ---------------------------------------------------------- */

/* The room table of ledger/README.md: which folders a room may include, besides itself. */
static const struct {
	const char *room;
	const char *may[14];
} rooms[] = {
	{"ledger/base/", {NULL}},
	{"ledger/forms/", {"ledger/base/"}},
	{"ledger/store/", {"ledger/base/"}},
	{"ledger/proof/", {"ledger/base/", "ledger/store/"}},
	{"ledger/moving/", {"ledger/base/", "ledger/store/", "ledger/proof/"}},
	{"ledger/book/", {"ledger/base/", "ledger/store/", "ledger/proof/"}},
	{"ledger/desk/", {"ledger/base/", "ledger/forms/", "ledger/store/"}},
	{"ledger/rules/",
	 {"ledger/base/", "ledger/forms/", "ledger/store/", "ledger/book/", "ledger/proof/"}},
	{"ledger/registers/",
	 {"ledger/base/", "ledger/store/", "ledger/book/", "ledger/proof/", "ledger/rules/"}},
	{"ledger/oversight/",
	 {"ledger/base/", "ledger/forms/", "ledger/store/", "ledger/book/", "ledger/proof/", "ledger/rules/",
	  "ledger/registers/"}},
	{"ledger/rights/",
	 {"ledger/base/", "ledger/store/", "ledger/book/", "ledger/proof/", "ledger/rules/",
	  "ledger/registers/", "ledger/oversight/"}},
	{"ledger/voucher/",
	 {"ledger/base/", "ledger/store/", "ledger/book/", "ledger/proof/", "ledger/rules/",
	  "ledger/registers/", "ledger/oversight/", "ledger/rights/"}},
	{"ledger/events/",
	 {"ledger/base/", "ledger/store/", "ledger/book/", "ledger/proof/", "ledger/rules/",
	  "ledger/registers/", "ledger/oversight/", "ledger/rights/", "ledger/voucher/"}},
	{"ledger/treasury/",
	 {"ledger/base/", "ledger/store/", "ledger/book/", "ledger/proof/", "ledger/rules/",
	  "ledger/registers/", "ledger/oversight/", "ledger/rights/", "ledger/voucher/"}},
	{"ledger/seasons/",
	 {"ledger/base/", "ledger/store/", "ledger/book/", "ledger/proof/", "ledger/rules/",
	  "ledger/registers/", "ledger/oversight/", "ledger/rights/", "ledger/voucher/", "ledger/treasury/"}},
	{"ledger/lists/",
	 {"ledger/base/", "ledger/store/", "ledger/book/", "ledger/proof/", "ledger/rules/",
	  "ledger/registers/", "ledger/oversight/", "ledger/rights/", "ledger/voucher/", "ledger/treasury/",
	  "ledger/seasons/"}},
	{"ledger/intake/",
	 {"ledger/base/", "ledger/forms/", "ledger/store/", "ledger/book/", "ledger/rules/",
	  "ledger/registers/", "ledger/oversight/", "ledger/rights/", "ledger/voucher/", "ledger/treasury/",
	  "ledger/seasons/"}},
	{"ledger/queues/",
	 {"ledger/base/", "ledger/store/", "ledger/book/", "ledger/rules/", "ledger/registers/",
	  "ledger/oversight/", "ledger/rights/", "ledger/voucher/", "ledger/treasury/", "ledger/seasons/",
	  "ledger/intake/"}},
	{"ledger/audit/", {"ledger/base/", "ledger/store/", "ledger/proof/"}},
	{"ledger/ledger.", {"ledger/"}},
	{"ledger/ledger_clock.", {"ledger/"}},
	{"reports/",
	 {"ledger/ledger.h", "ledger/base/", "ledger/store/", "ledger/book/", "ledger/rules/",
	  "ledger/registers/", "ledger/oversight/", "ledger/rights/", "ledger/voucher/", "ledger/treasury/",
	  "ledger/seasons/", "ledger/proof/"}},
	{"api/config/", {"ledger/"}},
	{"api/service/", {"ledger/"}},
	{"api/frame/", {"ledger/"}},
	{"api/views/", {"ledger/", "api/frame/"}},
	{"api/actions/",
	 {"ledger/", "reports/report.h", "api/frame/", "api/views/", "api/http/metrics.h", "api/http/shelf.h",
	  "api/contract/contract.h", "api/contract/kept.h"}},
	{"api/contract/", {"ledger/", "api/frame/", "api/views/", "api/actions/"}},
	{"api/net/", {"ledger/base/", "ledger/forms/", "api/http/metrics.h"}},
	{"api/token/", {"ledger/base/", "ledger/forms/", "ledger/rules/role.h"}},
	{"api/http/", {"ledger/", "api/frame/", "api/actions/all.h", "api/net/", "api/token/"}},
	{"api/hooks/", {"ledger/", "api/frame/", "api/views/event_view.h"}},
	{"api/demo/", {"ledger/", "api/frame/say.h", "api/http/client.h"}},
	{"api/cli/",
	 {"ledger/", "reports/report.h", "api/config/", "api/service/", "api/frame/", "api/actions/all.h",
	  "api/net/", "api/token/trust.h", "api/http/", "api/hooks/hooks.h", "api/demo/demo.h"}},
	{"api/main.c", {"api/cli/"}},
	{"tests/", {"ledger/", "reports/", "api/"}},
};

/* Libraries, and the only files of the product that may know them. */
static const struct {
	const char *header;
	const char *by[3];
} libraries[] = {
	{"openssl/", {"ledger/base/crypto.c"}},
	{"csv.h", {"ledger/forms/csv_in.c", "reports/out_csv.c"}},
	{"jansson.h", {"ledger/forms/json.c"}},
	{"libxml/", {"ledger/forms/xml.c"}},
	{"sqlite3.h", {"ledger/store/db_sqlite.c", "ledger/store/db_sqlite_mark.c"}},
	{"microhttpd.h", {"api/http/server.c", "api/http/visit.c", "api/http/respond.c"}},
	{"gnutls/", {"api/net/tls.c"}},
	{"zlib.h", {"api/net/gzip.c"}},
	{"curl/", {"api/http/client.c", "api/hooks/posts.c"}},
	{"ini.h", {"api/config/config_file.c"}},
	{"cjose/", {"api/token/jws.c"}},
	{"postgresql/", {"ledger/store/db_postgres.h"}},
};

/* What libc and the kernel offer; any other header is a library that has no file above. */
static const char *const system_headers[] = {
	"arpa/inet.h",    "assert.h",      "ctype.h",      "dirent.h",      "endian.h",
	"errno.h",        "fcntl.h",       "ftw.h",        "getopt.h",      "glob.h",
	"iconv.h",        "inttypes.h",    "libgen.h",     "limits.h",      "locale.h",
	"math.h",         "netdb.h",       "netinet/in.h", "netinet/tcp.h", "poll.h",
	"pthread.h",      "pwd.h",         "sched.h",      "semaphore.h",   "setjmp.h",
	"signal.h",       "spawn.h",       "stdalign.h",   "stdarg.h",      "stdatomic.h",
	"stdbool.h",      "stddef.h",      "stdint.h",     "stdio.h",       "stdlib.h",
	"stdnoreturn.h",  "string.h",      "strings.h",    "sys/epoll.h",   "sys/eventfd.h",
	"sys/file.h",     "sys/mman.h",    "sys/prctl.h",  "sys/random.h",  "sys/resource.h",
	"sys/signalfd.h", "sys/socket.h",  "sys/stat.h",   "sys/statvfs.h", "sys/sysmacros.h",
	"sys/time.h",     "sys/timerfd.h", "sys/types.h",  "sys/uio.h",     "sys/un.h",
	"sys/utsname.h",  "sys/vfs.h",     "sys/wait.h",   "sysexits.h",    "termios.h",
	"time.h",         "unistd.h",
};

static int may_include(const char *path, const char *header)
{
	for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
		if (!starts(path, rooms[i].room))
			continue;
		if (starts(header, rooms[i].room))
			return 1;
		for (size_t k = 0; k < 14 && rooms[i].may[k] != NULL; k++)
			if (starts(header, rooms[i].may[k]))
				return 1;
		return 0;
	}
	return 0; /* a room that is not in the table */
}

static int may_use(const char *path, const char *header)
{
	for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
		if (!starts(header, libraries[i].header))
			continue;
		for (size_t k = 0; k < 3 && libraries[i].by[k] != NULL; k++)
			if (strcmp(path, libraries[i].by[k]) == 0)
				return 1;
		return 0;
	}
	for (size_t i = 0; i < sizeof system_headers / sizeof system_headers[0]; i++)
		if (strcmp(header, system_headers[i]) == 0)
			return 1;
	return 0;
}

/* What stands after #include on this line, spaces or not; NULL for any other line. */
static const char *included(const char *at)
{
	at += strspn(at, " \t");
	if (*at != '#')
		return NULL;
	at++;
	at += strspn(at, " \t");
	if (!starts(at, "include"))
		return NULL;
	at += strlen("include");
	return at + strspn(at, " \t");
}

static void check_includes(const char *path, const char *in)
{
	int line = 1;

	for (const char *at = in; at != NULL && *at != '\0';
	     at = strchr(at, '\n'), at = at ? at + 1 : NULL, line++) {
		const char *what = included(at);
		char header[256];

		if (what == NULL)
			continue;
		if (sscanf(what, "\"%255[^\"]\"", header) == 1 && !may_include(path, header))
			house_find(path, line, "this room may not include %s (ledger/README.md)", header);
		if (sscanf(what, "<%255[^>]>", header) == 1 && is_product(path) && !may_use(path, header))
			house_find(path, line, "%s belongs to another file", header);
	}
}

/* --- maps ------------------------------------------------------------------- */

/* The README that must name the file. */
static void map_of(const char *path, char out[256])
{
	const char *slash = strrchr(path, '/');

	if (starts(path, "api/"))
		snprintf(out, 256, "api/README.md");
	else
		snprintf(out, 256, "%.*s/README.md", (int)(slash - path), path);
}

static void check_map(const char *path, const char *map)
{
	const char *name = strrchr(path, '/') + 1;
	char stem[256];

	snprintf(stem, sizeof stem, "%.*s.[ch]", (int)(strlen(name) - 2), name);
	if (word_in(map, name) == NULL && word_in(map, stem) == NULL)
		house_find(path, 1, "the map of its room does not name it");
}

static void check_is_mapped(const char *path, const char *in)
{
	char map[256];
	const char *text;

	(void)in;
	map_of(path, map);
	text = house_text(map);
	if (text == NULL)
		house_find(map, 1, "the map is missing");
	else
		check_map(path, text);
}

/* --- the tables of a migration ------------------------------------------------ */

/* Whether the text makes a table of that name. */
static int makes_table(const char *in, const char *name)
{
	char made[96];

	snprintf(made, sizeof made, "CREATE TABLE %s (", name);
	return strstr(in, made) != NULL;
}

/* The rest of the row of migrations/README.md that begins with the file; "" when there is none. */
static void row_of(const char *path, char *out, size_t size)
{
	const char *map = house_text("migrations/README.md");
	char begins[256];
	const char *at;

	snprintf(begins, sizeof begins, "| `%s` |", strrchr(path, '/') + 1);
	at = map == NULL ? NULL : strstr(map, begins);
	out[0] = '\0';
	if (at != NULL)
		snprintf(out, size, "%.*s", (int)strcspn(at + strlen(begins), "\n"), at + strlen(begins));
}

static void check_tables(const char *path, const char *text)
{
	char *in = strdup(text); /* row_of() reads another file */
	char row[1024], name[64], quoted[70];

	assert_non_null(in);
	row_of(path, row, sizeof row);
	for (const char *at = row; (at = strchr(at, '`')) != NULL; at = strchr(at + 1, '`') + 1)
		if (sscanf(at, "`%63[a-z_]`", name) == 1 && !makes_table(in, name))
			house_find(path, 1, "migrations/README.md names the table %s, which it does not make",
				   name);
	for (const char *at = in; (at = strstr(at, "CREATE TABLE ")) != NULL; at++) {
		if (sscanf(at, "CREATE TABLE %63[a-z_]", name) != 1)
			continue;
		snprintf(quoted, sizeof quoted, "`%s`", name);
		if (strstr(row, quoted) == NULL)
			house_find(path, 1, "migrations/README.md does not name the table %s", name);
	}
	free(in);
}

/* --- how full a room is -------------------------------------------------------- */

#define ROOM_FILES_MAX 35

/* A room with a file for each of something that the ledger has many of may be fuller. */
static const struct {
	const char *room;
	int files;
} fuller[] = {{"api/actions/", 55}, {"ledger/registers/", 40}};

/* How many files the room may hold today. */
static int room_max(const char *room)
{
	for (size_t i = 0; i < sizeof fuller / sizeof fuller[0]; i++)
		if (strcmp(fuller[i].room, room) == 0)
			return fuller[i].files;
	return ROOM_FILES_MAX;
}

/* How many of the files are in the very folder of path; *first is the first of them. */
static int files_beside(const char *const *paths, size_t count, const char *path, const char **first)
{
	size_t n = (size_t)(strrchr(path, '/') + 1 - path);
	int found = 0;

	for (size_t i = 0; i < count; i++) {
		if (strncmp(paths[i], path, n) != 0 || strchr(paths[i] + n, '/') != NULL ||
		    !is_product_code(paths[i]))
			continue;
		*first = found++ == 0 ? paths[i] : *first;
	}
	return found;
}

static void check_capacity(const char *path, const char *in)
{
	char room[256];
	const char *first = NULL;
	size_t count;
	char *const *all = house_files(&count);
	int files = files_beside((const char *const *)all, count, path, &first);

	(void)in;
	if (strcmp(first, path) != 0)
		return; /* said once for each room */
	snprintf(room, sizeof room, "%.*s", (int)(strrchr(path, '/') + 1 - path), path);
	if (files > room_max(room))
		house_find(path, 1, "%s holds %d files; the most is %d: make two rooms of it", room, files,
			   room_max(room));
}

/* --- the top level and the migrations ------------------------------------------ */

static void check_place(const char *path, const char *in)
{
	static const char *const top[] = {"ledger/", "api/", "reports/", "migrations/", "tests/", "."};

	(void)in;
	for (size_t k = 0; k < sizeof top / sizeof top[0]; k++)
		if (starts(path, top[k]))
			return;
	if (strcmp(path, "Makefile") != 0 && strcmp(path, "README.md") != 0)
		house_find(path, 1, "has no room at the top level");
}

/* Whether the shared migrations among paths are numbered 1, 2, 3... once each. */
static int numbered(const char *const *paths, size_t count)
{
	int numbers[10000] = {0}, last = 0; /* four digits */

	for (size_t i = 0; i < count; i++) {
		int number = starts(paths[i], "migrations/") ? atoi(paths[i] + strlen("migrations/")) : 0;

		if (number <= 0 || number >= 10000 || !ends(paths[i], ".sql") ||
		    ends(paths[i], ".sqlite.sql") || ends(paths[i], ".postgres.sql"))
			continue;
		numbers[number]++;
		last = number > last ? number : last;
	}
	for (int i = 1; i <= last; i++)
		if (numbers[i] != 1)
			return 0;
	return last > 0;
}

/* --- the tests ------------------------------------------------------------- */

static int is_mapped(const char *path)
{
	return is_product_code(path) || (starts(path, "migrations/") && ends(path, ".sql"));
}

static int makes_tables(const char *path)
{
	return starts(path, "migrations/") && ends(path, ".sql") && !ends(path, ".sqlite.sql");
}

static int is_any(const char *path)
{
	(void)path;
	return 1;
}

static void rooms_include_only_what_they_may(void **state)
{
	(void)state;
	house_tell_apart(check_includes, "ledger/audit/x.c", "#include \"ledger/book/chart.h\"\n",
			 "#include \"ledger/proof/canon.h\"\n#include <stdio.h>\n");
	house_tell_apart(check_includes, "reports/x.c", "#include \"api/http/routes.h\"\n",
			 "#include \"ledger/ledger.h\"\n");
	house_tell_apart(check_includes, "ledger/rules/x.c", "#include <sqlite3.h>\n",
			 "#include \"ledger/book/journal.h\"\n");
	house_tell_apart(check_includes, "ledger/base/x.c", "\t# include <zlib.h>\n",
			 "\t# include <errno.h>\n#define included\n");
	house_tell_apart(check_includes, "ledger/attic/x.c", "#include \"ledger/base/buf.h\"\n", "int x;\n");
	house_tell_apart(check_includes, "tests/unit/x.c", "#include \"elsewhere/x.h\"\n",
			 "#include \"api/http/client.h\"\n#include <cmocka.h>\n");
	house_on_all(check_includes, is_code);
}

static void every_file_is_in_its_map(void **state)
{
	(void)state;
	house_tell_apart(check_map, "ledger/x/lost.c", "`found.c`", "`lost.c`, `found.c`");
	house_tell_apart(check_map, "ledger/x/both.c", "`both.h`", "`both.[ch]`");
	house_tell_apart(check_map, "ledger/x/d.c", "`found.c`, `found.[ch]`", "`d.c`");
	assert_int_equal(house_faults(check_is_mapped, "ledger/attic/x.c", ""), 1);
	house_on_all(check_is_mapped, is_mapped);
}

static void every_table_is_in_the_map_of_the_migrations_and_no_other(void **state)
{
	(void)state;
	house_tell_apart(check_tables, "migrations/0002_desk.sql", "CREATE TABLE replay (\n",
			 "CREATE TABLE replay (\nCREATE TABLE refusal (\n");
	house_tell_apart(check_tables, "migrations/0002_desk.sql",
			 "CREATE TABLE replay (\nCREATE TABLE refusal (\nCREATE TABLE other (\n",
			 "CREATE TABLE replay (\nCREATE TABLE refusal (\n");
	house_on_all(check_tables, makes_tables);
}

static void no_room_is_fuller(void **state)
{
	static const char *const some[] = {"ledger/x/a.c", "ledger/x/a.h", "ledger/x/README.md",
					   "ledger/x/y/b.c", "ledger/z/c.c"};
	const char *first = NULL;

	(void)state;
	assert_int_equal(files_beside(some, 5, "ledger/x/a.h", &first), 2);
	assert_ptr_equal(first, some[0]);
	assert_int_equal(room_max("ledger/book/"), ROOM_FILES_MAX);
	house_on_all(check_capacity, is_product_code);
}

static void the_top_level_holds_the_rooms_and_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(house_faults(check_place, "tools/x.sh", ""), 1);
	assert_int_equal(house_faults(check_place, "Makefile.old", ""), 1);
	assert_int_equal(house_faults(check_place, "Makefile", ""), 0);
	assert_int_equal(house_faults(check_place, "ledger/base/buf.c", ""), 0);
	assert_int_equal(house_faults(check_place, ".ci/run", ""), 0);
	house_on_all(check_place, is_any);
}

static void migrations_are_numbered_without_gaps(void **state)
{
	static const char *const gap[] = {"migrations/0001_a.sql", "migrations/0003_c.sql"};
	static const char *const twice[] = {"migrations/0001_a.sql", "migrations/0001_b.sql"};
	static const char *const good[] = {"migrations/0001_a.sql", "migrations/0001_a.sqlite.sql",
					   "migrations/0002_b.sql"};
	char *const *files;
	size_t count;

	(void)state;
	assert_false(numbered(gap, 2));
	assert_false(numbered(twice, 2));
	assert_true(numbered(good, 3));
	files = house_files(&count);
	assert_true(numbered((const char *const *)files, count));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rooms_include_only_what_they_may),
		cmocka_unit_test(every_file_is_in_its_map),
		cmocka_unit_test(every_table_is_in_the_map_of_the_migrations_and_no_other),
		cmocka_unit_test(no_room_is_fuller),
		cmocka_unit_test(the_top_level_holds_the_rooms_and_nothing_else),
		cmocka_unit_test(migrations_are_numbered_without_gaps),
	};

	return cmocka_run_group_tests_name("tidy", tests, house_list, NULL);
}
