/*
 * Working days.  A calendar is a set of public holidays computed per year;
 * Saturdays and Sundays never work.
 *
 * FR: the eleven holidays of Code du travail L3133-1.  FR-ALSACE-MOSELLE adds
 * Good Friday and 26 December (L3134-13).
 */
#ifndef ILA_BASE_CALENDAR_H
#define ILA_BASE_CALENDAR_H

#include "ledger/base/date.h"

enum calendar { CALENDAR_FR, CALENDAR_FR_ALSACE_MOSELLE, CALENDAR_NONE, CALENDAR__MAX };

/* "FR", "FR-ALSACE-MOSELLE", "NONE" (week-ends only); 0 or -1. */
int calendar_find(const char *name, enum calendar *);

/* 1 or 0. */
int calendar_is_holiday(enum calendar, day_t);
int calendar_is_working(enum calendar, day_t);

/*
 * calendar_add(c, from, n): the n-th working day after from (n > 0) or before
 * it (n < 0).  The day it starts from never counts; n = 0 gives from itself.
 */
day_t calendar_add(enum calendar, day_t from, int n);

/* Working days in the half-open range (from, to]; 0 when to <= from. */
int calendar_between(enum calendar, day_t from, day_t to);

#endif
