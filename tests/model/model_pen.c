#include "tests/model/pen.h"

#include <stdio.h>
#include <string.h>

/* splitmix64 */
uint64_t model_random(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* 0 .. n - 1 */
int pen_below(struct pen *p, int n)
{
	return (int)(model_random(p->seed) % (uint64_t)n);
}

int pen_chance(struct pen *p, int percent)
{
	return pen_below(p, 100) < percent;
}

void pen_word(struct pen *p, const char *text)
{
	p->len += snprintf(p->line + p->len, (size_t)(MODEL_LINE - p->len), "%s%s", p->len ? " " : "", text);
}

void pen_cents(struct pen *p, int64_t amount)
{
	char text[32];

	snprintf(text, sizeof text, "%lld.%02lld", (long long)(amount / 100), (long long)(amount % 100));
	pen_word(p, text);
}

void pen_day(struct pen *p, day_t d)
{
	char text[DATE_TEXT];

	pen_word(p, day_format(d, text));
}

/* The first day of a session; now and then its last one, too. */
void pen_session(struct pen *p, day_t first, int days)
{
	char text[DATE_TEXT];

	pen_day(p, first);
	if (pen_chance(p, 92))
		return;
	day_format(first + (pen_chance(p, 70) ? pen_below(p, days) : pen_below(p, 400) - 3), text);
	p->len += snprintf(p->line + p->len, (size_t)(MODEL_LINE - p->len), "..%s", text);
}

void pen_numbered(struct pen *p, const char *prefix, int n)
{
	char text[M_CODE];

	snprintf(text, sizeof text, "%s%d", prefix, n);
	pen_word(p, text);
}

const char *pen_one_of(struct pen *p, const char *const *list, int n)
{
	return list[pen_below(p, n)];
}

void pen_learner(struct pen *p)
{
	pen_numbered(p, "L", 1 + pen_below(p, M_LEARNERS));
}

int pen_fund(struct pen *p)
{
	return pen_below(p, p->m->funds);
}

const struct m_voucher *pen_voucher(struct pen *p)
{
	int named[M_VOUCHERS + 1], n = 0;

	for (int i = 1; i <= p->m->vouchers; i++)
		if (!m_is(p->m->voucher[i].name, ""))
			named[n++] = i;
	return n > 0 ? &p->m->voucher[named[pen_below(p, n)]] : NULL;
}
