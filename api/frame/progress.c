#include "api/frame/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/frame/say.h"
#include "ledger/base/env.h"

#define REDRAW_US 100000LL       /* on a terminal */
#define LINE_US   (5 * US_PER_S) /* elsewhere */
#define BAR_WIDTH 24

void progress_start(struct progress *p, const char *what, const char *unit, int64_t total)
{
	*p = (struct progress){.what = what, .unit = unit, .total = total, .started = env_ticks()};
	p->shown = p->started;
	p->terminal = isatty(STDERR_FILENO);
}

static void draw_bar(int64_t done, int64_t total)
{
	char bar[BAR_WIDTH + 1];
	int full = total > 0 && done < total ? (int)(done * BAR_WIDTH / total) : BAR_WIDTH;

	memset(bar, '.', BAR_WIDTH);
	memset(bar, '#', (size_t)full);
	bar[BAR_WIDTH] = '\0';
	fprintf(stderr, "[%s] ", bar);
}

static void draw(const struct progress *p, int64_t done, int64_t now)
{
	int64_t ms = (now - p->started) / 1000 + 1;
	int64_t rate = (done - p->from) * 1000 / ms;
	char count[SAY_COUNT], whole[SAY_COUNT], speed[SAY_COUNT];

	fprintf(stderr, p->terminal ? "\r%s " : "%s: ", p->what);
	if (p->terminal && p->total > 0)
		draw_bar(done, p->total);
	fprintf(stderr, "%s", say_count(done, count));
	if (p->total > 0)
		fprintf(stderr, " of %s", say_count(p->total, whole));
	fprintf(stderr, " %s, %s a second", p->unit, say_count(rate, speed));
	if (p->total > done && rate > 0)
		fprintf(stderr, ", %" PRId64 " s left", (p->total - done) / rate + 1);
	fputs(p->terminal ? "\033[K" : "\n", stderr);
	fflush(stderr);
}

void progress_at(struct progress *p, int64_t done)
{
	int64_t now = env_ticks();

	if (now - p->shown < (p->terminal ? REDRAW_US : LINE_US))
		return;
	p->shown = now;
	p->drawn = 1;
	draw(p, done, now);
}

void progress_pass(struct progress *p, const char *unit, int64_t done)
{
	if (strcmp(p->unit, unit) == 0)
		return;
	p->unit = unit;
	p->from = done;
	p->started = env_ticks();
}

void progress_show(void *progress, int64_t done, int64_t total)
{
	struct progress *p = progress;

	p->total = total;
	progress_at(p, done);
}

void progress_end(struct progress *p)
{
	if (p->terminal && p->drawn)
		fputs("\r\033[K", stderr);
	p->drawn = 0;
}

int64_t progress_of(int64_t n, int64_t bytes, int64_t size)
{
	return bytes > 0 ? (int64_t)((__int128)n * size / bytes) : 0;
}
