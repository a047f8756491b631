/*
 * One line per event on stderr, as JSON: {"at":...,"level":...,"event":...,...}.
 * Never secrets, never personal data, never text from outside but the name that a
 * client gave its request (api/http/request.h): callers pass numbers and words of
 * their own.
 */
#ifndef ILA_BASE_LOG_H
#define ILA_BASE_LOG_H

#include <stdint.h>

/* log_line(level, event, fmt, ...): level "info", "warn" or "error"; fmt makes the "detail" text. */
void log_line(const char *level, const char *event, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * log_from(level): from here on nothing below that level is written; "info" at first.  For every thread.
 */
void log_from(const char *level);

/* log_to_journal(): each line begins with its priority, "<6>", as the journal of systemd reads it
 * (sd-daemon(3)). */
void log_to_journal(void);

/*
 * log_seldom(s, level, event, fmt, ...): rate-limited, for events that outsiders can
 * trigger: at most one line in LOG_SELDOM_S seconds, with the number of those
 * left out since.  s is static, all zero, and one for each place.
 */
#define LOG_SELDOM_S 10
struct log_seldom {
	_Atomic int64_t next; /* env_ticks() before which nothing is written */
	_Atomic int64_t left_out;
};
void log_seldom(struct log_seldom *, const char *level, const char *event, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
