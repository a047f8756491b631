#include "tests/fuzz/fuzz_import.h"

#include <stdio.h>
#include <string.h>

#include "ledger/intake/import.h"
#include "tests/fuzz/fuzz_ledger.h"

struct work {
	const char *kind, *path;
	struct import_options options;
	struct import_result result;
	struct err err;
	int rc;
};

static int64_t rows_told(const struct import_result *r)
{
	return r->created + r->updated + r->unchanged + r->ignored + r->refused;
}

static int import(struct tx *tx, void *arg)
{
	struct work *w = arg;
	char line[IMPORT_LINE_MAX];

	memset(&w->err, 0, sizeof w->err);
	w->rc = import_run(tx, w->kind, w->path, &w->options, &w->result, &w->err);
	for (size_t i = 0; i < w->result.shown; i++)
		import_refusal_format("file", &w->result.refusal[i], line);
	if (w->rc != 0) {
		fuzz_refused(&w->err);
		return -1;
	}
	FUZZ_MUST(w->result.already_imported || rows_told(&w->result) == w->result.rows,
		  "%lld rows, told of %lld", (long long)w->result.rows, (long long)rows_told(&w->result));
	FUZZ_MUST(w->result.refused == 0 || w->options.skip_bad, "taken with refused rows");
	return 0;
}

static int import_twice(struct tx *tx, void *arg)
{
	struct work *w = arg, again;

	if (import(tx, w) != 0)
		return -1;
	again = *w;
	FUZZ_MUST(import(tx, &again) == 0, "the same file again is refused: %s", again.err.text);
	FUZZ_MUST(again.result.already_imported, "the same file again is not known");
	return 0;
}

int fuzz_import(const char *kind, const uint8_t *data, size_t size)
{
	static struct work dry, real, some;
	const struct served *s = fuzz_ledger();
	char rejected[sizeof s->f.dir + 16];

	snprintf(rejected, sizeof rejected, "%s/rejected.csv", s->f.dir);
	dry.kind = kind;
	dry.path = fuzz_file(data, size);
	dry.options =
		(struct import_options){.published_on = DAY_NONE, .name = "f.csv", .rejected = rejected};
	real = some = dry;
	dry.options.dry_run = 1;
	some.options.skip_bad = 1;
	fuzz_try(import, &dry);
	fuzz_try(import_twice, &real);
	/* One that was imported before ends the same way both times: nothing is done. */
	FUZZ_MUST((dry.rc == 0 ? dry.result.already_imported : dry.err.code == ERR_DRY_RUN) == (real.rc == 0),
		  "on trial: %s; for real: %s", dry.err.text, real.rc == 0 ? "taken" : real.err.text);
	FUZZ_MUST(dry.result.rows == real.result.rows && dry.result.created == real.result.created &&
			  dry.result.updated == real.result.updated &&
			  dry.result.unchanged == real.result.unchanged &&
			  dry.result.refused == real.result.refused,
		  "counted otherwise on trial than for real");
	fuzz_try(import, &some);
	FUZZ_MUST(real.rc != 0 || some.rc == 0, "good rows alone are refused when bad ones are left out: %s",
		  some.err.text);
	return 0;
}
