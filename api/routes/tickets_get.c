/*
 * GET /v1/tickets/{id}: what has become of it.
 */
#include "api/routes/args.h"
#include "api/routes/ticket_json.h"

int tickets_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	struct uuid uuid;
	struct ticket t;
	int rc;

	if (request_uuid(r, "id", &uuid, err) != 0)
		return -1;
	rc = ticket_find(db, &uuid, &t, err);
	/* Unknown and not for this portal look alike. */
	if (rc == 1)
		rc = ticket_may_read(&t, &r->actor);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "Nothing has that id.");
	if (rc < 0)
		return -1;
	return ticket_json(db, &t, ledger_settings(r->ledger), &reply->body, err);
}
