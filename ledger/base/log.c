#include "ledger/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "ledger/base/buf.h"
#include "ledger/base/date.h"
#include "ledger/base/env.h"

#define LOG_LINE_MAX 4096

/* One write() per line, so that lines of several threads and processes do not mix. */
void log_line(const char *level, const char *event, const char *fmt, ...)
{
	struct env clock;
	struct buf line;
	char at[INSTANT_TEXT], detail[512];
	va_list ap;

	env_system(&clock);
	va_start(ap, fmt);
	vsnprintf(detail, sizeof detail, fmt, ap);
	va_end(ap);
	buf_init(&line, LOG_LINE_MAX);
	buf_format(&line, "{\"at\":\"%s\",\"level\":", instant_format(clock.now(&clock), at));
	buf_json(&line, level);
	buf_text_add(&line, ",\"event\":");
	buf_json(&line, event);
	buf_text_add(&line, ",\"detail\":");
	buf_json(&line, detail);
	buf_text_add(&line, "}\n");
	/* A log that cannot be written has nobody to be told. */
	if (buf_ok(&line) && write(STDERR_FILENO, line.data, line.len) < 0)
		line.failed = 1;
	buf_free(&line);
}
