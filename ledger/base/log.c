#include "ledger/base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/buf.h"
#include "ledger/base/date.h"
#include "ledger/base/env.h"

#define LOG_LINE_MAX 4096

static _Atomic int lowest; /* rank of the levels that are written */

static int rank_of(const char *level)
{
	return strcmp(level, "error") == 0 ? 2 : strcmp(level, "warn") == 0 ? 1 : 0;
}

static _Atomic int with_priority;

void log_to_journal(void)
{
	with_priority = 1;
}

void log_from(const char *level)
{
	lowest = rank_of(level);
}

/* One write() per line, so that lines of several threads and processes do not mix. */
static void write_line(const char *level, const char *event, const char *detail)
{
	struct env clock;
	struct buf line;
	char at[INSTANT_TEXT];

	if (rank_of(level) < lowest)
		return;
	env_system(&clock);
	buf_init(&line, LOG_LINE_MAX);
	if (with_priority)
		buf_text_add(&line, rank_of(level) == 2 ? "<3>" : rank_of(level) == 1 ? "<4>" : "<6>");
	buf_format(&line, "{\"at\":\"%s\",\"level\":", instant_format(clock.now(&clock), at));
	buf_json(&line, level);
	buf_text_add(&line, ",\"event\":");
	buf_json(&line, event);
	buf_text_add(&line, ",\"detail\":");
	buf_json(&line, detail);
	buf_text_add(&line, "}\n");
	/* When the log cannot be written, nobody can be told. */
	if (buf_ok(&line) && write(STDERR_FILENO, line.data, line.len) < 0)
		line.failed = 1;
	buf_free(&line);
}

void log_line(const char *level, const char *event, const char *fmt, ...)
{
	char detail[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof detail, fmt, ap);
	va_end(ap);
	write_line(level, event, detail);
}

void log_seldom(struct log_seldom *s, const char *level, const char *event, const char *fmt, ...)
{
	int64_t now = env_ticks(), next = s->next, left_out;
	char detail[512];
	va_list ap;
	int n;

	/* Of two at the same moment one writes. */
	if (now < next || !atomic_compare_exchange_strong(&s->next, &next, now + LOG_SELDOM_S * US_PER_S)) {
		s->left_out++;
		return;
	}
	left_out = atomic_exchange(&s->left_out, 0);
	va_start(ap, fmt);
	n = vsnprintf(detail, sizeof detail, fmt, ap);
	va_end(ap);
	if (left_out > 0 && n >= 0 && n < (int)sizeof detail)
		snprintf(detail + n, sizeof detail - (size_t)n,
			 ", and %lld times more since this was last said", (long long)left_out);
	write_line(level, event, detail);
}
