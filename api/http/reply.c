#include "api/http/reply.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/limits.h"
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

void reply_problem(struct reply *r, const struct err *err, int writes, const char *instance)
{
	buf_clear(&r->body);
	r->status = err_http(err->code);
	r->content_type = "application/problem+json";
	if (r->status == 503)
		r->retry_after = HTTP_RETRY_AFTER_S;
	problem_write(err, writes, instance, NULL, &r->body);
}
