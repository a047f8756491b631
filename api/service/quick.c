#include "api/service/quick.h"

#include <string.h>

#include "ledger/audit/audit.h"

static int check_schema(struct ledger *l, struct db *db, struct err *err)
{
	static struct audit_report report; /* large, and made once */

	if (audit_run(db, "schema", &report, NULL, NULL, err) != 0)
		return -1;
	for (size_t i = 0; i < report.checks; i++)
		if (report.check[i].faults > 0)
			return err_set(
				err, ERR_VERIFY, NULL,
				"%s is not as this program makes it: %s Somebody has changed it: look with ila "
				"verify, keep it as it is for those who will ask, and restore the last copy that "
				"ila verify finds good.",
				ledger_path(l),
				report.check[i].listed > 0 ? report.check[i].finding[0].text : "");
	return 0;
}

static int check_pages(struct ledger *l, struct db *db, struct err *err)
{
	char complaint[256];
	int rc = db_integrity(db, 1, complaint, sizeof complaint, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return err_set(
		err, ERR_VERIFY, NULL,
		"%s is damaged: %s. If it was put back from a copy, remove the -wal and -shm files beside it, "
		"which belong to another file; else keep it, and restore the last copy that ila verify finds good.",
		ledger_path(l), complaint);
}

int quick_check(struct ledger *l, struct err *err)
{
	struct db *db;
	int rc;

	if (db_is_server(ledger_path(l)))
		return 0;
	db = ledger_reader(l, err);
	if (db == NULL)
		return -1;
	rc = check_pages(l, db, err) == 0 ? check_schema(l, db, err) : -1;
	ledger_reader_back(l, db);
	return rc;
}
