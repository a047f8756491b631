/*
 * The files of the tz database (TZif, RFC 8536): in $TZDIR, else in
 * /usr/share/zoneinfo.  The rule of the footer is written out until the end of
 * 2199, so that a zone is one sorted table; what it says then goes on.
 */
#ifndef ILA_BASE_ZONE_FILE_H
#define ILA_BASE_ZONE_FILE_H

#include <stddef.h>

#include "ledger/base/date.h"
#include "ledger/base/err.h"

#define ZONE_OFFSET_MAX (26 * 3600 * US_PER_S) /* no zone is further from UTC (RFC 8536, 3.2) */

/* From from[i] on the clocks show UTC plus offset[i], in microseconds; from[0] is INT64_MIN. */
struct zone_table {
	size_t count;
	int64_t *from;
	int64_t *offset;
};

/* zone_file_read(name, out, err): refuses as zone_find(). */
int zone_file_read(const char *name, struct zone_table *, struct err *);

#endif
