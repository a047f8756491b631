/*
 * GET /healthz: the process answers.
 */
#include "api/routes/args.h"

int health_get(const struct request *r, struct reply *reply, struct err *err)
{
	(void)r;
	(void)err;
	buf_text_add(&reply->body, "{\"status\":\"ok\"}");
	return 0;
}
