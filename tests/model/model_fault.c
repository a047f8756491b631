#include "tests/model/model_fault.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/cable.h"
#include "tests/lib/fault_vfs.h"
#include "tests/lib/frail_server.h"
#include "tests/lib/where.h"

static struct {
	int kind, at, stays;
	unsigned seed;
} armed;

void fault_lines_begin(void)
{
	char folder[128];

	frail_start();
	/* Beside the server's; addresses are short. */
	snprintf(folder, sizeof folder, "%.*s/c", (int)(strrchr(frail_folder(), '/') - frail_folder()),
		 frail_folder());
	cable_lay(folder);
	cable_only_writer(1);
}

void fault_lines_end(void)
{
	cable_only_writer(0);
	cable_remove();
	frail_stop();
}

static void start_again(struct fixture *f)
{
	f->l = ledger_open(f->path, 1, &f->err);
	if (f->l == NULL)
		fail_msg("the ledger does not open again: %s", f->err.text);
}

void fault_lines_under(struct fixture *f)
{
	char over[sizeof f->path];

	ledger_close(f->l);
	cable_url(f->path, over, sizeof over);
	memcpy(f->path, over, sizeof over);
	start_again(f);
}

void fault_line(uint64_t r, char *line, size_t size)
{
	static const enum fault on_file[] = {FAULT_WRITE, FAULT_SHORT_WRITE, FAULT_FULL,  FAULT_SYNC,
					     FAULT_POWER, FAULT_SYNC_KILL,   FAULT_WRITE, FAULT_SYNC};
	static const enum cut on_server[] = {CUT_BEFORE, CUT_BEFORE, CUT_BEFORE, CUT_ANSWER,
					     CUT_ANSWER, CUT_ANSWER, CUT_HALF,   CUT_HALF};
	int kind = where_server() ? (int)on_server[r / 100 % 8] : (int)on_file[r / 100 % 8];

	if (r % 100 == 0)
		snprintf(line, size, "crash %u", (unsigned)(r >> 40));
	else
		snprintf(line, size, "fault %d %d %d %u", kind, (int)(r / 1000 % 12) + 1,
			 (int)(r / 100000 % 2), (unsigned)(r >> 40));
}

void fault_line_arm(const char *line)
{
	assert_int_equal(sscanf(line, "fault %d %d %d %u", &armed.kind, &armed.at, &armed.stays, &armed.seed),
			 4);
	if (where_server())
		cable_plan((enum cut)armed.kind, armed.at, armed.stays);
	else
		fault_arm((enum fault)armed.kind, armed.at, armed.stays, armed.seed);
}

int fault_line_failed(const char *code)
{
	return strcmp(code, "storage") == 0 || strcmp(code, "storage_full") == 0 ||
	       strcmp(code, "unreachable") == 0 || strcmp(code, "no_leader") == 0;
}

/* The process ends, with all that was not synced where the power went too, and starts again. */
static void end_process(struct fixture *f, int power)
{
	ledger_close(f->l);
	if (power)
		fault_after_power_loss();
	fault_plan(FAULT_NONE, 0, 0, 0);
	fault_kill(0);
	start_again(f);
}

int fault_line_met(struct fixture *f, const char *code)
{
	int met = fault_line_failed(code);

	if (!where_server()) {
		met |= fault_happened();
		if (met)
			end_process(f, armed.kind == FAULT_POWER || armed.kind == FAULT_SYNC ||
					       armed.kind == FAULT_SYNC_KILL);
		else
			fault_arm(FAULT_NONE, 0, 0, 0);
		return met;
	}
	met |= cable_was_cut();
	cable_plan(CUT_NONE, 0, 0);
	if (met && armed.seed % 2) {
		ledger_close(f->l);
		start_again(f);
	}
	fixture_wait_for_lead(f);
	return met;
}

void fault_line_crash(struct fixture *f, const char *line)
{
	unsigned seed = (unsigned)atoi(line + strlen("crash "));

	if (!where_server()) {
		fault_arm(FAULT_NONE, 0, 0, seed);
		fault_kill(1);
		end_process(f, 1);
	} else if (seed % 2) {
		cable_pull(); /* a process that is killed says no goodbye */
		ledger_close(f->l);
		start_again(f);
	} else {
		frail_kill();
		frail_again();
		/* An idle ledger does not know yet. */
		if (desk_state(ledger_desk(f->l)) == DESK_LEADS)
			(void)ledger_timers(f->l, &(int64_t){0}, &f->err);
		fixture_wait_for_lead(f);
	}
}
