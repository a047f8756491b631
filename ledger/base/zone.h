/*
 * Time zones: the civil day on which an instant falls, and the instant at which a
 * civil day begins.
 *
 * A zone has its name in the tz database ("Asia/Singapore"), and its rules come
 * from there: they are read once, when it is first named (zone_file.h).  "UTC"
 * needs no file and is number 0.
 */
#ifndef ILA_BASE_ZONE_H
#define ILA_BASE_ZONE_H

#include "ledger/base/date.h"
#include "ledger/base/err.h"

#define ZONE_NAME_MAX 64 /* bytes of a name */
#define ZONE_UTC      0

/*
 * zone_find(name, err): its number, for the life of the process.  -1: FIELD_INVALID,
 * the system knows no zone of that name; ZONE_DATA, its zones cannot be read.
 */
int zone_find(const char *name, struct err *);
const char *zone_name(int zone);

day_t zone_day(int zone, int64_t instant); /* the civil day of instant */

/* zone_midnight(zone, day): the first instant of day; of the day after it, where the zone passed over day. */
int64_t zone_midnight(int zone, day_t day);

#endif
