/*
 * The accounts as the auditor knows them, restated from ledger/field.md and not
 * taken from the book: what checks must not share what it checks.  A test compares
 * the two tables.
 */
#ifndef ILA_AUDIT_AUDIT_CHART_H
#define ILA_AUDIT_AUDIT_CHART_H

#include <stddef.h>
#include <stdint.h>

struct audit_kind {
	int number;
	char side;          /* 'D' grows by debits, 'C' by credits */
	int floored;        /* 1: never below zero */
	int memo;           /* 1: budget authority, not money */
	const char *holder; /* what holds it: "lot", "call", ...; NULL: the fund itself */
};

/* audit_kind(number): the kind, or NULL.  audit_kind_at(i): the i-th by number, NULL past the last. */
const struct audit_kind *audit_kind(int64_t number);
const struct audit_kind *audit_kind_at(size_t i);

#endif
