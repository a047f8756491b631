#include "api/actions/under_way.h"

#include <pthread.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/progress.h"
#include "api/frame/say.h"
#include "api/http/shelf.h"

#define PLACES (SHELF_MAX * LONG_COMMANDS_MAX)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct under_way all[PLACES]; /* ledger NULL: nobody's */

int under_way_begin(const struct under_way *w)
{
	int place = 0;

	pthread_mutex_lock(&lock);
	while (place < PLACES && all[place].ledger != NULL)
		place++;
	if (place < PLACES)
		all[place] = *w;
	pthread_mutex_unlock(&lock);
	return place < PLACES ? place : -1;
}

void under_way_at(int place, const char *state, int64_t rows, int64_t bytes, int64_t size)
{
	if (place < 0)
		return;
	pthread_mutex_lock(&lock);
	all[place].state = state;
	all[place].rows = rows;
	all[place].bytes = bytes;
	all[place].size = size;
	pthread_mutex_unlock(&lock);
}

void under_way_end(int place)
{
	if (place < 0)
		return;
	pthread_mutex_lock(&lock);
	all[place].ledger = NULL;
	pthread_mutex_unlock(&lock);
}

size_t under_way_list(const struct ledger *l, struct under_way *out, size_t max)
{
	size_t n = 0;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < PLACES && n < max; i++)
		if (all[i].ledger == l)
			out[n++] = all[i];
	pthread_mutex_unlock(&lock);
	return n;
}

/* --- the action ------------------------------------------------------------------- */

struct row {
	const char *kind, *file, *state, *idempotency_key;
	int64_t rows, of, bytes, size;
};

struct rows {
	struct list imports;
};

static const struct member row_gives[] = {
	{"kind", M_STRING, IN(struct row, kind)},
	{"file", M_STRING, IN(struct row, file)},
	{"state", M_STRING, IN(struct row, state)},
	{"rows", M_NUMBER, IN(struct row, rows)},
	{"of", M_NUMBER, IN(struct row, of)},
	{"bytes", M_NUMBER, IN(struct row, bytes)},
	{"size", M_NUMBER, IN(struct row, size)},
	{"idempotency_key", M_STRING, IN(struct row, idempotency_key), .flags = M_OMIT},
	MEMBERS_END,
};

static const struct member gives[] = {
	{"imports", M_LIST, IN(struct rows, imports), .of = row_gives, .item = sizeof(struct row)},
	MEMBERS_END,
};

/* Only its sender is told which request an import is. */
static int look(struct db *db, struct action_call *c, struct err *err)
{
	struct under_way here[LONG_COMMANDS_MAX];
	size_t n = under_way_list(c->ledger, here, LONG_COMMANDS_MAX);
	struct rows *out = c->answer;
	struct row *row;

	(void)db;
	if (list_make(&out->imports, c->arena, n, sizeof *row, err) != 0)
		return -1;
	row = out->imports.at;
	for (size_t i = 0; i < n; i++) {
		const struct under_way *w = &here[i];
		int own = strcmp(w->principal, c->actor.principal) == 0;

		row[i] = (struct row){.kind = call_keep(c, w->kind),
				      .file = call_keep(c, w->file),
				      .state = w->state,
				      .idempotency_key = own ? call_keep(c, w->idempotency_key) : NULL,
				      .rows = w->rows,
				      .of = progress_of(w->rows, w->bytes, w->size),
				      .bytes = w->bytes,
				      .size = w->size};
	}
	return 0;
}

static void print(FILE *to, const struct action_call *c, const void *answer)
{
	const struct rows *all_of_them = answer;
	const struct row *row = all_of_them->imports.at;
	char rows[SAY_COUNT], of[SAY_COUNT];

	(void)c;
	if (all_of_them->imports.count == 0)
		fputs("no import is under way\n", to);
	for (size_t i = 0; i < all_of_them->imports.count; i++)
		fprintf(to, "%s, %s: %s, %s of %s rows\n", row[i].file, row[i].kind, row[i].state,
			say_count(row[i].rows, rows), say_count(row[i].of, of));
}

static const struct action imports = {
	.name = "imports",
	.method = "GET",
	.path = "/v1/imports",
	.roles = BY(OPERATOR) | BY(ACCOUNTANT),
	.flags = ACTION_OF_SERVER,
	.gives = gives,
	.gives_size = sizeof(struct rows),
	.read = look,
	.print = print,
	.summary = "the imports that are under way, and how far each is",
	.over_http = "Asked of the node that leads; `idempotency_key` is told to who has sent it.",
};

const struct action *const actions_of_under_way[] = {&imports, NULL};
