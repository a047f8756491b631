/*
 * GET /healthz: the process answers, and can write.  503 once a commit has failed
 * at the disk: who watches it restarts the server, which then knows what is on disk.
 */
#include "api/routes/args.h"

int health_get(const struct request *r, struct reply *reply, struct err *err)
{
	struct desk_stats s;

	(void)err;
	desk_stats(ledger_desk(r->ledger), &s);
	reply->status = s.broken ? 503 : 200;
	buf_text_add(&reply->body, s.broken ? "{\"status\":\"storage_failed\"}" : "{\"status\":\"ok\"}");
	return 0;
}
