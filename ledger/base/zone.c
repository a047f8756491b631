#include "ledger/base/zone.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/zone_file.h"

#define ZONES_MAX 1024 /* the tz database has some 600 */

struct zone {
	char name[ZONE_NAME_MAX + 1];
	struct zone_table table;
	_Atomic size_t last; /* the span that was asked for last: nearly always the one asked for next */
};

static int64_t utc_from[] = {INT64_MIN}, utc_offset[] = {0};
static struct zone utc = {.name = "UTC", .table = {1, utc_from, utc_offset}};

/* Only ever grows; a number is given out once its zone is stored here. */
static struct zone *_Atomic zones[ZONES_MAX] = {&utc};
static _Atomic int zone_count = 1;
static pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;

static int loaded(const char *name)
{
	int count = zone_count;

	for (int i = 0; i < count; i++)
		if (strcmp(zones[i]->name, name) == 0)
			return i;
	return -1;
}

static int load(const char *name, struct err *err)
{
	struct zone *z = calloc(1, sizeof *z);

	if (z == NULL || zone_count == ZONES_MAX) {
		free(z);
		return err_set(err, ERR_ZONE_DATA, NULL, "No further time zone can be kept in memory.");
	}
	if (zone_file_read(name, &z->table, err) != 0) {
		free(z);
		return -1;
	}
	memcpy(z->name, name, strlen(name)); /* zone_file_read() has looked at its length */
	zones[zone_count] = z;
	return zone_count++;
}

int zone_find(const char *name, struct err *err)
{
	int zone = loaded(name);

	if (zone >= 0)
		return zone;
	pthread_mutex_lock(&adding);
	zone = loaded(name);
	if (zone < 0)
		zone = load(name, err);
	pthread_mutex_unlock(&adding);
	return zone;
}

static struct zone *zone_at(int zone)
{
	assert(zone >= 0 && zone < zone_count);
	return zones[zone];
}

const char *zone_name(int zone)
{
	return zone_at(zone)->name;
}

/* The span of the table that holds instant. */
static size_t span_of(struct zone *z, int64_t instant)
{
	const int64_t *from = z->table.from;
	size_t low = atomic_load_explicit(&z->last, memory_order_relaxed), high = z->table.count;

	if (instant >= from[low] && (low + 1 == high || instant < from[low + 1]))
		return low;
	low = 0;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (instant >= from[middle])
			low = middle;
		else
			high = middle;
	}
	atomic_store_explicit(&z->last, low, memory_order_relaxed);
	return low;
}

day_t zone_day(int zone, int64_t instant)
{
	struct zone *z = zone_at(zone);
	int64_t local = instant + z->table.offset[span_of(z, instant)];

	return (day_t)(local / US_PER_DAY - (local % US_PER_DAY < 0));
}

/*
 * Where a clock was put forward at midnight the day begins with the next span,
 * where it was put back over midnight with the first of the two.
 */
int64_t zone_midnight(int zone, day_t day)
{
	struct zone *z = zone_at(zone);
	int64_t local = day * US_PER_DAY;
	size_t i = span_of(z, local - ZONE_OFFSET_MAX);

	for (;; i++) {
		int64_t begins = local - z->table.offset[i];

		if (begins < z->table.from[i])
			begins = z->table.from[i];
		if (i + 1 == z->table.count || begins < z->table.from[i + 1])
			return begins;
	}
}
