#include "ledger/store/setting.h"

int setting_put(struct db *db, const char *name, const char *value, struct err *err)
{
	return db_run(
		db,
		"INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2",
		VALS(v_text(name), v_text(value)), err);
}

int setting_get(struct db *db, const char *name, char *out, size_t size, struct err *err)
{
	struct stmt *q = db_query(db, "SELECT value FROM setting WHERE name = $1", VALS(v_text(name)), err);
	int rc = db_step(q, err);

	out[0] = '\0';
	if (rc == 1) {
		col_copy(q, 0, out, size);
		db_done(q);
	}
	return rc;
}

int setting_need(struct db *db, const char *name, char *out, size_t size, struct err *err)
{
	int rc = setting_get(db, name, out, size, err);

	return rc == 1 ? 0 : rc < 0 ? -1 : err_bug(err, "setting_need");
}

int setting_remove(struct db *db, const char *name, struct err *err)
{
	return db_run(db, "DELETE FROM setting WHERE name = $1", VALS(v_text(name)), err);
}
