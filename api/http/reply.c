#include "api/http/reply.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/http/request.h"
#include "api/net/gzip.h"
#include "ledger/base/limits.h"
#include "ledger/base/temp.h"
#include "ledger/forms/json.h"
#include "ledger/forms/problem.h"

void reply_init(struct reply *r)
{
	memset(r, 0, sizeof *r);
	r->file = -1;
	buf_init(&r->body, REPLY_BYTES_MAX);
}

void reply_free(struct reply *r)
{
	buf_free(&r->body);
	if (r->file >= 0)
		close(r->file);
	r->file = -1;
}

/* The quota that is used up (draft-ietf-httpapi-ratelimit-headers). */
static void name_quota(struct reply *r)
{
	char list[32];

	if (r->quotas == 0)
		return;
	snprintf(list, sizeof list, "[\"%s\"]", r->quota[r->quotas - 1].name);
	json_more(&r->body, "violated-policies", list);
	r->retry_after = (int)r->quota[r->quotas - 1].left.more_s;
}

void reply_problem(struct reply *r, const struct err *err, int writes, const char *request_id)
{
	char instance[INSTANCE_TEXT];

	buf_clear(&r->body);
	r->status = err_http(err->code);
	r->content_type = "application/problem+json";
	if (r->status == 503)
		r->retry_after = HTTP_RETRY_AFTER_S;
	problem_write(err, writes, request_instance(request_id, instance), NULL, &r->body);
	if (err->code == ERR_TOO_MANY_REQUESTS)
		name_quota(r);
}

static void gzip_of_file(struct reply *r)
{
	struct err ignored = {0};
	int smaller = lseek(r->file, 0, SEEK_END) < GZIP_FROM_BYTES ? -1 : temp_open(&ignored);

	if (smaller < 0)
		return;
	if (gzip_file(r->file, smaller) != 0) {
		close(smaller);
		return;
	}
	close(r->file);
	r->file = smaller;
	r->is_gzip = 1;
}

void reply_gzip(struct reply *r)
{
	struct buf smaller;

	if (r->file >= 0) {
		gzip_of_file(r);
		return;
	}
	if (!buf_ok(&r->body) || r->body.len < GZIP_FROM_BYTES)
		return;
	buf_init(&smaller, REPLY_BYTES_MAX);
	if (gzip_text(&r->body, &smaller) != 0 || smaller.len >= r->body.len) {
		buf_free(&smaller);
		return;
	}
	buf_free(&r->body);
	r->body = smaller;
	r->is_gzip = 1;
}

void reply_livemode(struct reply *r, int live)
{
	json_more(&r->body, "livemode", live ? "true" : "false");
}
