/*
 * Any test program, on a transition table that lacks one element: with
 * ILA_TEST_DROP=N in its environment the N-th gate, state of a set or posting is
 * dropped before main() begins, and the tests must notice.  tests/mutate/table.sh
 * tries them all; ILA_TEST_DROP=list prints what they are.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ledger/rules/transition.h"

static int wanted = -1; /* -1: list them */
static int number;      /* of the next element */

/* The table is constant: its page is made writable for a moment. */
static void write_at(const void *at, const void *bytes, size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = (uintptr_t)at & ~(uintptr_t)(page - 1);
	size_t len = (uintptr_t)at + n - begin;

	if (mprotect((void *)begin, len, PROT_READ | PROT_WRITE) != 0)
		abort();
	memcpy((void *)(uintptr_t)at, bytes, n);
}

/* One element; 1 when it is to be dropped. */
static int is_it(const struct transition *t, const char *what, const char *which)
{
	if (wanted < 0)
		printf("%d %s %s: %s %s\n", number, t->label, t->name, what, which);
	return number++ == wanted;
}

static void try_set(const struct transition *t, const char *what, const unsigned *set,
		    const char *(*name)(unsigned))
{
	for (unsigned i = 0; i < 32; i++)
		if ((*set & 1u << i) != 0 && is_it(t, what, name(i))) {
			unsigned without = *set & ~(1u << i);

			write_at(set, &without, sizeof without);
		}
}

static const char *state(unsigned i)
{
	return voucher_state_name((enum voucher_state)i);
}

static const char *billing(unsigned i)
{
	return billing_state_name((enum billing_state)i);
}

static const char *control(unsigned i)
{
	return control_state_name((enum control_state)i);
}

static const char *gate(unsigned i)
{
	return gate_words((enum gate)(1u << i));
}

static void try_postings(const struct transition *t)
{
	for (const struct posting *p = t->postings; p != NULL && p->of != PART__END; p++) {
		const struct posting *end = p;
		char text[32];

		snprintf(text, sizeof text, "%d %d", p->debit, p->credit);
		if (!is_it(t, "posting", text))
			continue;
		while (end->of != PART__END)
			end++;
		for (const struct posting *at = p; at < end; at++)
			write_at(at, at + 1, sizeof *at);
		return;
	}
}

static void try_row(const struct transition *t)
{
	try_set(t, "gate", &t->gates, gate);
	try_set(t, "from", &t->from, state);
	try_set(t, "billing from", &t->billing_from, billing);
	try_set(t, "control from", &t->control_from, control);
	try_set(t, "to", &t->to, state);
	try_set(t, "billing to", &t->billing_to, billing);
	try_set(t, "control to", &t->control_to, control);
	try_postings(t);
}

__attribute__((constructor)) static void drop(void)
{
	const char *which = getenv("ILA_TEST_DROP");
	const struct transition *t;

	if (which == NULL)
		return;
	if (strcmp(which, "list") != 0)
		wanted = atoi(which);
	for (size_t i = 0; (t = transition_at(i)) != NULL; i++)
		try_row(t);
	if (wanted < 0)
		_exit(fflush(stdout) == 0 ? 0 : 1);
}
