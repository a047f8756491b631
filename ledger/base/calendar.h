/*
 * Working days.  A calendar is a set of public holidays, computed per year or
 * listed day by day; Saturdays and Sundays are never working days.
 *
 * FR: the eleven holidays of Code du travail L3133-1.  FR-ALSACE-MOSELLE adds
 * Good Friday and 26 December (L3134-13).  LISTED: any other, as the programme
 * document lists its days; beyond the last year that is listed only week-ends are
 * free, which is why the document must reach a year further than its rules.
 */
#ifndef ILA_BASE_CALENDAR_H
#define ILA_BASE_CALENDAR_H

#include <stddef.h>

#include "ledger/base/date.h"

#define HOLIDAYS_MAX 128 /* days of a listed calendar */

enum calendar_kind { CALENDAR_FR, CALENDAR_FR_ALSACE_MOSELLE, CALENDAR_NONE, CALENDAR_LISTED, CALENDAR__MAX };

struct calendar {
	enum calendar_kind kind;
	size_t holidays; /* of CALENDAR_LISTED, ascending */
	day_t holiday[HOLIDAYS_MAX];
};

/* "FR", "FR-ALSACE-MOSELLE", "NONE" (week-ends only), "LISTED" (with no day in it yet); 0 or -1. */
int calendar_find(const char *name, struct calendar *);

/* 1 or 0. */
int calendar_is_holiday(const struct calendar *, day_t);
int calendar_is_working(const struct calendar *, day_t);

/*
 * calendar_add(c, from, n): the n-th working day after from (n > 0) or before
 * it (n < 0).  The day it starts from never counts; n = 0 gives from itself.
 */
day_t calendar_add(const struct calendar *, day_t from, int n);

/* Working days in the half-open range (from, to]; 0 when to <= from. */
int calendar_between(const struct calendar *, day_t from, day_t to);

#endif
