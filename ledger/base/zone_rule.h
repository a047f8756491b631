/*
 * The rule in the footer of a TZif file, in the form of POSIX's TZ:
 * "CET-1CEST,M3.5.0,M10.5.0/3".
 */
#ifndef ILA_BASE_ZONE_RULE_H
#define ILA_BASE_ZONE_RULE_H

#include <stdint.h>

struct zone_switch {
	enum { SWITCH_WEEKDAY, SWITCH_NO_LEAP, SWITCH_DAY } kind; /* Mm.w.d, Jn, n */
	int month, week, day;
	int64_t second; /* of that day, by the clock as it is before; up to a week away */
};

struct zone_rule {
	int64_t offset, summer_offset; /* seconds east of UTC */
	int summer;                    /* 0: the clocks are never changed */
	struct zone_switch begins, ends;
};

/* zone_rule_parse(text, rule): 0, or -1 for what is no such rule. */
int zone_rule_parse(const char *text, struct zone_rule *);

/* zone_rule_year(rule, year, at, offset): the two changes of that year, in their order: UTC seconds, and the
 * offset that holds from there. */
void zone_rule_year(const struct zone_rule *, int year, int64_t at[2], int64_t offset[2]);

#endif
