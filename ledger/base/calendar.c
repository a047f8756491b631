#include "ledger/base/calendar.h"

#include <assert.h>
#include <string.h>

static const char *const names[CALENDAR__MAX] = {
	[CALENDAR_FR] = "FR",
	[CALENDAR_FR_ALSACE_MOSELLE] = "FR-ALSACE-MOSELLE",
	[CALENDAR_NONE] = "NONE",
	[CALENDAR_LISTED] = "LISTED",
};

/* Code du travail L3133-1: those with a date of their own, as month * 100 + day. */
static const int fixed[] = {101, 501, 508, 714, 815, 1101, 1111, 1225};

/* ... and those counted from Easter Sunday: Easter Monday, Ascension, Whit Monday. */
static const int movable[] = {1, 39, 50};

int calendar_find(const char *name, struct calendar *out)
{
	for (int i = 0; i < CALENDAR__MAX; i++)
		if (!strcmp(names[i], name)) {
			*out = (struct calendar){.kind = (enum calendar_kind)i};
			return 0;
		}
	return -1;
}

static int is_listed(const struct calendar *c, day_t day)
{
	for (size_t i = 0; i < c->holidays && c->holiday[i] <= day; i++)
		if (c->holiday[i] == day)
			return 1;
	return 0;
}

int calendar_is_holiday(const struct calendar *c, day_t day)
{
	struct civil civil = day_to_civil(day);
	int date = civil.month * 100 + civil.day;
	int from_easter;

	if (c->kind == CALENDAR_NONE || c->kind == CALENDAR_LISTED)
		return is_listed(c, day);
	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
		if (fixed[i] == date)
			return 1;
	if (c->kind == CALENDAR_FR_ALSACE_MOSELLE && date == 1226) /* L3134-13 */
		return 1;
	if (civil.month < 3 || civil.month > 6)
		return 0;
	from_easter = day - day_easter(civil.year);
	for (size_t i = 0; i < sizeof movable / sizeof movable[0]; i++)
		if (movable[i] == from_easter)
			return 1;
	return c->kind == CALENDAR_FR_ALSACE_MOSELLE && from_easter == -2; /* Good Friday */
}

int calendar_is_working(const struct calendar *c, day_t day)
{
	return day_weekday(day) <= 5 && !calendar_is_holiday(c, day);
}

day_t calendar_add(const struct calendar *c, day_t from, int n)
{
	int step = n < 0 ? -1 : 1;

	while (n) {
		from += step;
		if (calendar_is_working(c, from))
			n -= step;
	}
	return from;
}

int calendar_between(const struct calendar *c, day_t from, day_t to)
{
	int count = 0;

	while (from < to)
		count += calendar_is_working(c, ++from);
	return count;
}
