/*
 * One line per event on stderr, as JSON: {"at":...,"level":...,"event":...,...}.
 * Never secrets, never personal data, never text from outside: callers pass
 * numbers and words of their own.
 */
#ifndef ILA_BASE_LOG_H
#define ILA_BASE_LOG_H

/* log_line(level, event, fmt, ...): level "info", "warn" or "error"; fmt makes the "detail" text. */
void log_line(const char *level, const char *event, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
