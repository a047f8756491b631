#include "ledger/base/date.h"

#include <assert.h>
#include <string.h>

/* The calendar repeats every 400 years, 146,097 days (H. Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms"). */
#define ERA_YEARS  400
#define ERA_DAYS   146097
#define EPOCH_DAYS 719468 /* 0000-03-01 to 1970-01-01 */

/* The range of dates with a year of four digits; a date beyond it is shown as the nearest one. */
#define TEXT_DAY_MIN (-719528) /* 0000-01-01 */
#define TEXT_DAY_MAX 2932896   /* 9999-12-31 */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

day_t day_from_civil(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = floor_div(y, ERA_YEARS);
	int64_t year_of_era = y - era * ERA_YEARS;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	assert(month >= 1 && month <= 12 && year_of_era >= 0 && year_of_era < ERA_YEARS);
	return (day_t)(era * ERA_DAYS + day_of_era - EPOCH_DAYS);
}

struct civil day_to_civil(day_t days)
{
	int64_t z = (int64_t)days + EPOCH_DAYS;
	int64_t era = floor_div(z, ERA_DAYS);
	int64_t doe = z - era * ERA_DAYS;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);

	return (struct civil){.year = (int)(yoe + era * ERA_YEARS + (month <= 2)),
			      .month = month,
			      .day = (int)(doy - (153 * mp + 2) / 5 + 1)};
}

int day_weekday(day_t day)
{
	int64_t since_monday = (int64_t)day + 3; /* 1970-01-01 was a Thursday */

	return (int)(since_monday - floor_div(since_monday, 7) * 7) + 1;
}

int day_year(day_t day)
{
	return day_to_civil(day).year;
}

int day_quarter(day_t day)
{
	return (day_to_civil(day).month - 1) / 3 + 1;
}

day_t day_quarter_first(int year, int quarter)
{
	assert(quarter >= 1 && quarter <= 4);
	return day_from_civil(year, quarter * 3 - 2, 1);
}

day_t day_quarter_next(day_t day)
{
	return day_add_months(day_quarter_first(day_year(day), day_quarter(day)), 3);
}

day_t day_month_first(day_t day)
{
	struct civil c = day_to_civil(day);

	return day_from_civil(c.year, c.month, 1);
}

day_t day_month_next(day_t day)
{
	return day_add_months(day_month_first(day), 1);
}

static int month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

day_t day_add_months(day_t day, int months)
{
	struct civil c = day_to_civil(day);
	int64_t month = (int64_t)c.year * 12 + c.month - 1 + months;
	int year = (int)floor_div(month, 12);
	int of_year = (int)(month - (int64_t)year * 12) + 1;
	int last = month_days(year, of_year);

	return day_from_civil(year, of_year, c.day < last ? c.day : last);
}

day_t day_easter(int year)
{
	int a = year % 19, b = year / 100, c = year % 100;
	int d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
	int h = (19 * a + b - d - g + 15) % 30;
	int i = c / 4, k = c % 4;
	int l = (32 + 2 * e + 2 * i - h - k) % 7;
	int m = (a + 11 * h + 22 * l) / 451;
	int n = h + l - 7 * m + 114;

	return day_from_civil(year, n / 31, n % 31 + 1);
}

/* Read exactly n digits at text; the number, or -1. */
static int digits(const char *text, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

static int day_checked(int year, int month, int day, day_t *out)
{
	day_t found;

	if (year < 0 || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return -1;
	found = day_from_civil(year, month, day);
	if (found < DAY_MIN || found > DAY_MAX)
		return -1;
	*out = found;
	return 0;
}

/* The date that the ten characters at text spell. */
static int day_read(const char *text, day_t *out)
{
	if (text[4] != '-' || text[7] != '-')
		return -1;
	return day_checked(digits(text, 4), digits(text + 5, 2), digits(text + 8, 2), out);
}

int day_parse(const char *text, day_t *out)
{
	return strlen(text) == 10 ? day_read(text, out) : -1;
}

int day_parse_french(const char *text, day_t *out)
{
	if (strlen(text) != 10 || text[2] != '/' || text[5] != '/')
		return -1;
	return day_checked(digits(text + 6, 4), digits(text + 3, 2), digits(text, 2), out);
}

static void put_digits(char *out, int n, int64_t value)
{
	while (n--) {
		out[n] = (char)('0' + value % 10);
		value /= 10;
	}
}

char *day_format(day_t day, char out[DATE_TEXT])
{
	struct civil c;

	if (day == DAY_NONE) {
		out[0] = '\0';
		return out;
	}
	day = day < TEXT_DAY_MIN ? TEXT_DAY_MIN : day > TEXT_DAY_MAX ? TEXT_DAY_MAX : day;
	c = day_to_civil(day);
	memcpy(out, "YYYY-MM-DD", DATE_TEXT);
	put_digits(out, 4, c.year);
	put_digits(out + 5, 2, c.month);
	put_digits(out + 8, 2, c.day);
	return out;
}

/* Fraction of a second at *text, cut after the microsecond; moves *text past it.  -1 when it has no digit. */
static int fraction(const char **text, int64_t *us)
{
	const char *at = *text;
	int64_t unit = US_PER_S / 10;

	*us = 0;
	if (*at != '.')
		return 0;
	for (at++; *at >= '0' && *at <= '9'; at++) {
		*us += (*at - '0') * unit;
		unit /= 10;
	}
	if (at == *text + 1)
		return -1;
	*text = at;
	return 0;
}

/* "Z" or "+hh:mm" up to the end of text, in seconds. */
static int offset_parse(const char *text, int64_t *seconds)
{
	int hours, minutes;

	*seconds = 0;
	if ((text[0] == 'Z' || text[0] == 'z') && !text[1])
		return 0;
	if (strlen(text) != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':')
		return -1;
	hours = digits(text + 1, 2);
	minutes = digits(text + 4, 2);
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return -1;
	*seconds = (hours * 60 + minutes) * 60 * (text[0] == '-' ? -1 : 1);
	return 0;
}

int instant_parse(const char *text, int64_t *out)
{
	day_t day;
	int hour, minute, second;
	int64_t us, offset;

	if (strnlen(text, 20) < 20 || (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
	    text[16] != ':')
		return -1;
	hour = digits(text + 11, 2);
	minute = digits(text + 14, 2);
	second = digits(text + 17, 2);
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return -1;
	if (day_read(text, &day))
		return -1;
	text += 19;
	if (fraction(&text, &us) || offset_parse(text, &offset))
		return -1;
	*out = day * US_PER_DAY + ((hour * 60 + minute) * 60 + second - offset) * US_PER_S + us;
	return 0;
}

char *instant_format(int64_t instant, char out[INSTANT_TEXT])
{
	int64_t day, us;

	if (instant < TEXT_DAY_MIN * US_PER_DAY)
		instant = TEXT_DAY_MIN * US_PER_DAY;
	if (instant >= (TEXT_DAY_MAX + 1) * US_PER_DAY)
		instant = (TEXT_DAY_MAX + 1) * US_PER_DAY - 1;
	day = floor_div(instant, US_PER_DAY);
	us = instant - day * US_PER_DAY;
	day_format((day_t)day, out);
	memcpy(out + 10, "THH:MM:SS.ffffffZ", INSTANT_TEXT - 10);
	put_digits(out + 11, 2, us / (3600 * US_PER_S));
	put_digits(out + 14, 2, us / (60 * US_PER_S) % 60);
	put_digits(out + 17, 2, us / US_PER_S % 60);
	put_digits(out + 20, 6, us % US_PER_S);
	return out;
}
