/*
 * Many redemptions, or steps of vouchers, in one request: what a provider has of a week.
 */
#include "api/actions/all.h"
#include "api/frame/batch.h"

static const struct member batch_takes[] = {
	{"file", M_FILE, IN(struct batch_in, file), .flags = M_NEEDED | M_POSITION, .option = "FILE",
	 .help = "one or more: NDJSON, a line for each", .example = "week.ndjson"},
	MEMBERS_END,
};

#define BATCH                                                                                                \
	.method = "POST", .takes = batch_takes, .takes_size = sizeof(struct batch_in),                       \
	.stream = batch_stream, .content_type = BATCH_TYPE

#define OVER_HTTP                                                                                                     \
	"NDJSON in and out, a result for each of up to 1,000 lines, in their order; each line is done or refused by " \
	"itself, under its own `idempotency_key`"

#define HELP                                                                                                         \
	"Of each line the result is printed, as JSON, in the order of the lines; at the end how many were done and " \
	"how many refused. Exit 1 where one was refused.\n\n"                                                        \
	"A file that was cut off is sent again as it is: its lines carry their keys, and what was done is done "     \
	"once.\n"

static const struct lines redemptions = {
	.each = &action_enter,
	.example =
		"{\"idempotency_key\":\"week-4-1\",\"code\":\"8F3KD-00000-00000-00000-00000\","
		"\"course\":\"BETA-TAB\",\"started_on\":\"2026-01-19\"}\n"
		"{\"idempotency_key\":\"week-4-2\",\"code\":\"9G4LE-00000-00000-00000-00000\","
		"\"course\":\"BETA-TAB\",\"started_on\":\"2026-01-20\",\"provider_reference\":\"SEAT-4\"}\n",
};

static const struct action redeemed = {
	.name = "bulk redemptions",
	.path = "/v1/bulk/redemptions",
	.roles = BY(PROVIDER),
	BATCH,
	.lines = &redemptions,
	.summary = "learners have started: many codes at once",
	.over_http = OVER_HTTP,
	.help = "A line has the members of 'ila voucher enter', and its idempotency_key:\n\n"
		"  {\"idempotency_key\":\"w4-1\",\"code\":\"8F3KD-...\",\"course\":\"BETA-TAB\","
		"\"started_on\":\"2026-01-19\"}\n\n" HELP,
};

static const struct lines steps = {
	.each = &action_step,
	.example = "{\"idempotency_key\":\"exit-1\",\"id\":\"0198c0de-0000-7000-8000-000000000001\","
		   "\"step\":\"exit\",\"exited_on\":\"2026-01-23\"}\n"
		   "{\"idempotency_key\":\"declare-1\",\"id\":\"0198c0de-0000-7000-8000-000000000001\","
		   "\"step\":\"declare\",\"completion\":100,\"cause\":\"full\"}\n"
		   "{\"idempotency_key\":\"bill-1\",\"id\":\"0198c0de-0000-7000-8000-000000000001\","
		   "\"step\":\"bill\",\"invoice\":\"I-1\",\"amount\":30000}\n",
};

static const struct action stepped = {
	.name = "bulk steps",
	.path = "/v1/bulk/steps",
	.roles = BY(FUNDER) | BY(PORTAL) | BY(PROVIDER) | BY(CONTROLLER) | BY(AUTHORISER) | BY(ACCOUNTANT),
	BATCH,
	.lines = &steps,
	.summary = "steps of many vouchers at once: exits, declarations, bills",
	.over_http = OVER_HTTP,
	.help = "A line names the voucher and the step, and has the members that the step takes:\n\n"
		"  {\"idempotency_key\":\"w4-2\",\"id\":\"0198...\",\"step\":\"declare\",\"completion\":100,"
		"\"cause\":\"full\"}\n\n" HELP,
};

const struct action *const actions_of_bulk[] = {&redeemed, &stepped, NULL};
