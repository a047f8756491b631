/*
 * Instants and civil dates.
 *
 * An instant is an int64_t of UTC microseconds since 1970-01-01.  A civil day is
 * a day_t: days since 1970-01-01 in the proleptic Gregorian calendar.  Which
 * civil day an instant falls on depends on a time zone: zone.h.
 */
#ifndef ILA_BASE_DATE_H
#define ILA_BASE_DATE_H

#include <stddef.h>
#include <stdint.h>

typedef int32_t day_t;

#define DAY_NONE     INT32_MIN /* "no date", in memory only: NULL in SQL, absent in JSON */
#define DAY_MIN      (-25567)  /* 1900-01-01, the earliest date taken from outside */
#define DAY_MAX      47481     /* 2099-12-31, the latest */
#define DATE_TEXT    11        /* "YYYY-MM-DD" and NUL */
#define INSTANT_TEXT 28        /* "YYYY-MM-DDTHH:MM:SS.ffffffZ" and NUL */
#define US_PER_S     1000000LL
#define US_PER_DAY   (86400LL * US_PER_S)

struct civil {
	int year;
	int month; /* 1-12 */
	int day;   /* 1-31 */
};

/* Civil dates to day numbers and back; both total over int32. */
day_t day_from_civil(int year, int month, int day);
struct civil day_to_civil(day_t);
int day_weekday(day_t); /* 1 Monday .. 7 Sunday (ISO 8601) */
int day_year(day_t);
int day_quarter(day_t); /* 1..4 */
day_t day_quarter_first(int year, int quarter);
day_t day_quarter_next(day_t); /* first day of the following quarter */
day_t day_month_first(day_t);
day_t day_month_next(day_t); /* first day of the following month */
#define MONTHS_A_YEAR 12
day_t day_add_months(day_t, int); /* the 31st becomes the last day of a shorter month */
day_t day_easter(int year);       /* Easter Sunday, Gregorian (Meeus/Jones/Butcher) */

/* Parse exactly "YYYY-MM-DD" / "DD/MM/YYYY" (a real date in [DAY_MIN, DAY_MAX]); 0 or -1. */
int day_parse(const char *text, day_t *);
int day_parse_french(const char *text, day_t *);
char *day_format(day_t, char out[DATE_TEXT]); /* returns out; "" for DAY_NONE */

/* RFC 3339 with 'Z' or an offset, fraction optional; 0 or -1. */
int instant_parse(const char *text, int64_t *);
char *instant_format(int64_t, char out[INSTANT_TEXT]); /* always UTC, always six decimals; returns out */

#endif
