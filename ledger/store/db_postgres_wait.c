/*
 * Waiting for the server: the one place where this driver does.  A server that is
 * frozen, or that a network hides, keeps a connection alive and never answers; so
 * each wait has an end, and what happens then is told apart from an answer.
 *
 * A large report may take minutes, and so may its wait.  Whether a server that says
 * nothing is at work or gone is found out by another connection, which asks nothing.
 */
#include <poll.h>
#include <sys/socket.h>

#include "ledger/base/date.h"
#include "ledger/base/env.h"
#include "ledger/store/db_postgres.h"

/* Nothing more is sent; the server notices, and gives the lock back. */
static void lose(struct pg *p)
{
	p->lost = 1;
	if (PQsocket(p->c) >= 0)
		(void)shutdown(PQsocket(p->c), SHUT_RDWR);
}

/* Does anybody answer where the server was? */
static int is_there(const struct pg *p)
{
	static const char *const names[] = {"host", "port", "connect_timeout", NULL};
	const char *const values[] = {PQhost(p->c), PQport(p->c), PG_HERE_S, NULL};

	return PQpingParams(names, values, 0) != PQPING_NO_RESPONSE;
}

/* Until there is something to read, or room to write.  -1: not until then. */
static int wait_until(struct pg *p, short events, int64_t end)
{
	struct pollfd fd = {.fd = PQsocket(p->c), .events = events};
	int64_t left = end - env_ticks();

	return left > 0 && poll(&fd, 1, (int)(left / 1000) + 1) != 0 ? 0 : -1;
}

/* The same, for as long as it is worth while. */
static int wait_for(struct pg *p, short events, int64_t end)
{
	int64_t look;

	do {
		look = env_ticks() + PG_SILENT_S * US_PER_S;
		if (wait_until(p, events, look < end ? look : end) == 0)
			return 0;
	} while (env_ticks() < end && is_there(p));
	return -1;
}

PGresult *pg_answer(struct pg *p)
{
	int64_t end = env_ticks() + p->patience_us;

	while (!p->lost && PQstatus(p->c) == CONNECTION_OK) {
		int unsent = PQflush(p->c);

		if (unsent == 0 && !PQisBusy(p->c))
			break;
		if (wait_for(p, unsent > 0 ? POLLIN | POLLOUT : POLLIN, end) != 0)
			lose(p);
		else
			(void)PQconsumeInput(p->c);
	}
	if (PQstatus(p->c) != CONNECTION_OK)
		p->lost = 1;
	return p->lost ? NULL : PQgetResult(p->c);
}

PGresult *pg_result(struct pg *p, int sent)
{
	PGresult *last = NULL, *r;

	if (!sent && PQstatus(p->c) != CONNECTION_OK)
		p->lost = 1;
	while (sent && (r = pg_answer(p)) != NULL) {
		if (last != NULL && !pg_went_well(last)) {
			PQclear(r); /* what comes after a failure says less */
			continue;
		}
		PQclear(last);
		last = r;
	}
	if (p->lost) {
		PQclear(last); /* an answer that is not whole */
		last = NULL;
	}
	return last;
}

int pg_is_lost(struct pg *p)
{
	struct pollfd fd = {.fd = PQsocket(p->c), .events = POLLIN};

	/* Between two statements a healthy server has nothing to say but notices; one that ends the session
	 * says so first, and its end comes behind. */
	while (!p->lost && PQstatus(p->c) == CONNECTION_OK && poll(&fd, 1, 0) > 0)
		(void)PQconsumeInput(p->c);
	if (PQstatus(p->c) != CONNECTION_OK)
		p->lost = 1;
	return p->lost;
}
