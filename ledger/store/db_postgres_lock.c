/*
 * Who else is there: the lock by which one connection of all writes a ledger, whoever
 * holds it, the servers that follow this one, and what its role may do.
 *
 * Not every engine that speaks this protocol has locks of sessions.  Where there are
 * none the row of the leader is all that keeps a second one from writing (desk/lead.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/limits.h"
#include "ledger/store/db_postgres.h"

#define LOCK_WAIT_MS 1000 /* a killed process's session ends when the server notices */

/* The lock of this ledger in this database: two numbers. */
#define LOCK_CLASS  "hashtext('ila')"
#define LOCK_OBJECT "hashtext('%s')"

/* It, among all locks of the server. */
#define LOCK_HELD                                                                                            \
	"locktype = 'advisory' AND granted AND l.database = "                                                \
	"(SELECT oid FROM pg_database WHERE datname = current_database()) AND classid = " LOCK_CLASS         \
	"::oid AND objid = " LOCK_OBJECT "::oid"

/* How an engine says that it has none: not supported, no such function, or nobody may call it. */
static int lacks_locks(const char *state)
{
	static const char *const states[] = {"0A000", "42883", "42501"};
	size_t i = 0;

	while (i < sizeof states / sizeof states[0] && strcmp(state, states[i]) != 0)
		i++;
	return i < sizeof states / sizeof states[0];
}

/* Those that stand by queue here: the next one has it the moment it is free. */
int pg_take_lock(struct pg *p, const char *url, struct err *err)
{
	const char *state = NULL;
	char sql[160];
	PGresult *r;
	int rc = 0;

	snprintf(sql, sizeof sql, "SET lock_timeout = %d", LOCK_WAIT_MS);
	if (pg_tell(p, sql, "opening the ledger", err) != 0)
		return -1;
	snprintf(sql, sizeof sql, "SELECT pg_advisory_lock(" LOCK_CLASS ", " LOCK_OBJECT ")", p->schema);
	r = pg_result(p, PQsendQuery(p->c, sql));
	p->locked = pg_went_well(r);
	state = r != NULL ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
	if (state != NULL && strcmp(state, "55P03") == 0)
		rc = err_set(
			err, ERR_LOCKED, NULL,
			"Another process (a running server, or another ila) holds %s for writing. Stop it, or "
			"use its API.",
			url);
	else if (!p->locked && (state == NULL || !lacks_locks(state)))
		rc = pg_fail(p, r, "opening the ledger", err);
	PQclear(r);
	return rc == 0 ? pg_tell(p, "SET lock_timeout = 0", "opening the ledger", err) : -1;
}

int pg_locked(void *conn)
{
	return ((struct pg *)conn)->locked;
}

int pg_evict(void *conn, struct err *err)
{
	struct pg *p = conn;
	char sql[320], done[8];

	snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(pid) FROM pg_locks l WHERE " LOCK_HELD,
		 p->schema);
	return pg_ask(p, sql, done, sizeof done, err);
}

int pg_holder(void *conn, char out[DB_HOLDER], struct err *err)
{
	struct pg *p = conn;
	char sql[480];

	snprintf(
		sql, sizeof sql,
		"SELECT 'session ' || pid || ' from ' || coalesce(host(client_addr), 'this machine') || ', since ' || "
		"to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') "
		"FROM pg_locks l JOIN pg_stat_activity USING (pid) WHERE " LOCK_HELD,
		p->schema);
	return pg_ask(p, sql, out, DB_HOLDER, err) == 0 ? out[0] != '\0' : -1;
}

int pg_standbys(void *conn, int64_t *count, int64_t *lag_bytes, struct err *err)
{
	char text[64], *end;

	if (pg_ask(conn,
		   "SELECT count(*) || ' ' || coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), "
		   "count(*) - count(*)) FROM pg_stat_replication",
		   text, sizeof text, err) != 0)
		return -1;
	*count = strtoll(text, &end, 10);
	*lag_bytes = strtoll(end, NULL, 10);
	return 0;
}

/* What the migrations revoke, a superuser or an administrator's GRANT may bring back. */
const char *pg_warning(void *conn)
{
	struct pg *p = conn;
	struct err ignored = {0};
	char role[SCHEMA_MAX + 1];

	if (pg_ask(p,
		   "SELECT current_user WHERE has_table_privilege('entry', 'UPDATE, DELETE, TRUNCATE') OR "
		   "has_table_privilege('transfer', 'UPDATE, DELETE, TRUNCATE')",
		   role, sizeof role, &ignored) != 0 ||
	    role[0] == '\0')
		return NULL;
	snprintf(p->warning, sizeof p->warning,
		 "The role %s may change the rows of the journal: run ila as one that is no superuser", role);
	return p->warning;
}
