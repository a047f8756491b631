#include "ledger/base/zone_rule.h"

#include <string.h>

#include "ledger/base/date.h"

#define HOURS_MAX        24  /* of an offset */
#define SWITCH_HOURS_MAX 167 /* of the time of a change: a week less an hour (RFC 8536, 3.3.1) */

/* A number of one to three digits from 0 to max; -1. */
static int whole(const char **at, int max)
{
	int value = 0, digits = 0;

	for (; **at >= '0' && **at <= '9' && digits < 3; digits++)
		value = value * 10 + (*(*at)++ - '0');
	return digits == 0 || value > max ? -1 : value;
}

/* The next character, when it is c. */
static int comes(const char **at, char c)
{
	if (**at != c)
		return 0;
	++*at;
	return 1;
}

/* "CET" or "<+03>": nobody reads it. */
static int pass_name(const char **at)
{
	const char *first = *at;

	if (comes(at, '<')) {
		*at += strcspn(*at, ">");
		return comes(at, '>') ? 0 : -1;
	}
	while ((**at >= 'A' && **at <= 'Z') || (**at >= 'a' && **at <= 'z'))
		++*at;
	return *at - first >= 3 ? 0 : -1;
}

/* "[+-]h[hh][:mm[:ss]]" in seconds. */
static int clock_time(const char **at, int hours_max, int64_t *seconds)
{
	int sign = comes(at, '-') ? -1 : 1;
	int hours, minutes = 0, rest = 0;

	if (sign > 0)
		(void)comes(at, '+');
	hours = whole(at, hours_max);
	if (hours >= 0 && comes(at, ':')) {
		minutes = whole(at, 59);
		if (minutes >= 0 && comes(at, ':'))
			rest = whole(at, 59);
	}
	*seconds = sign * ((int64_t)hours * 3600 + minutes * 60 + rest);
	return hours < 0 || minutes < 0 || rest < 0 ? -1 : 0;
}

/* ",M3.5.0/2", ",J60", ",59/3". */
static int change(const char **at, struct zone_switch *s)
{
	int good;

	*s = (struct zone_switch){.kind = SWITCH_DAY, .second = 7200};
	if (!comes(at, ','))
		return -1;
	if (comes(at, 'M')) {
		s->kind = SWITCH_WEEKDAY;
		good = (s->month = whole(at, 12)) > 0 && comes(at, '.') && (s->week = whole(at, 5)) > 0 &&
		       comes(at, '.') && (s->day = whole(at, 6)) >= 0;
	} else if (comes(at, 'J')) {
		s->kind = SWITCH_NO_LEAP;
		good = (s->day = whole(at, 365)) > 0;
	} else {
		good = (s->day = whole(at, 365)) >= 0;
	}
	if (good && comes(at, '/'))
		good = clock_time(at, SWITCH_HOURS_MAX, &s->second) == 0;
	return good ? 0 : -1;
}

int zone_rule_parse(const char *text, struct zone_rule *r)
{
	int64_t west;

	memset(r, 0, sizeof *r);
	if (pass_name(&text) != 0 || clock_time(&text, HOURS_MAX, &west) != 0)
		return -1;
	r->offset = -west; /* POSIX counts to the west */
	if (*text == '\0')
		return 0;
	r->summer = 1;
	r->summer_offset = r->offset + 3600;
	if (pass_name(&text) != 0)
		return -1;
	if (*text != ',') {
		if (clock_time(&text, HOURS_MAX, &west) != 0)
			return -1;
		r->summer_offset = -west;
	}
	return change(&text, &r->begins) == 0 && change(&text, &r->ends) == 0 && *text == '\0' ? 0 : -1;
}

static day_t switch_day(const struct zone_switch *s, int year)
{
	day_t first = day_from_civil(year, 1, 1);
	int leap = day_from_civil(year, 3, 1) - day_from_civil(year, 2, 28) == 2;
	day_t day;

	if (s->kind == SWITCH_DAY)
		return first + s->day;
	if (s->kind == SWITCH_NO_LEAP)
		return first + s->day - 1 + (leap && s->day >= 60);
	first = day_from_civil(year, s->month, 1);
	day = first + (s->day - day_weekday(first) % 7 + 7) % 7 + 7 * (s->week - 1);
	while (day >= day_month_next(first)) /* the fifth is the last, be there four or five */
		day -= 7;
	return day;
}

void zone_rule_year(const struct zone_rule *r, int year, int64_t at[2], int64_t offset[2])
{
	int64_t begins = switch_day(&r->begins, year) * (int64_t)86400 + r->begins.second - r->offset;
	int64_t ends = switch_day(&r->ends, year) * (int64_t)86400 + r->ends.second - r->summer_offset;
	int summer = begins <= ends ? 0 : 1; /* which of the two it is */

	at[summer] = begins;
	offset[summer] = r->summer_offset;
	at[1 - summer] = ends;
	offset[1 - summer] = r->offset;
}
