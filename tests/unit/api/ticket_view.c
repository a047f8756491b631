/*
 * What a person reads of a ticket: no more than has become of it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/views/ticket_view.h"

#define FIRST(state)                                                                                         \
	"ticket 00000000-0000-0000-0000-000000000000 is " state                                              \
	": number 7 in the draw of stap 2026 on 2026-01-07, course C-A2, learner S1\n"

static void said(struct ticket_view t, const char *expected)
{
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	t.number = 7;
	t.programme = "stap";
	t.version = "2026";
	t.drawn_on = 20460;
	t.course = "C-A2";
	t.learner = "S1";
	t.noted.reference = t.refusal[0] != '\0' ? "" : "ORD-1";
	ticket_print(out, &t);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void it_says_what_has_become_of_it(void **state)
{
	(void)state;
	said((struct ticket_view){.state = "waiting", .rank = -1, .refusal = ""},
	     FIRST("waiting") "  reference ORD-1\n");
	said((struct ticket_view){.state = "accepted", .rank = 1, .refusal = ""},
	     FIRST("accepted") "  rank 1\n  reference ORD-1\n");
	said((struct ticket_view){.state = "accepted", .rank = 1, .refusal = "", .collected = 1},
	     FIRST("accepted") "  rank 1\n  its voucher is collected\n  reference ORD-1\n");
	said((struct ticket_view){.state = "refused", .rank = 2, .refusal = "budget_exhausted"},
	     FIRST("refused") "  rank 2\n  refused: budget_exhausted\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_what_has_become_of_it),
	};

	return cmocka_run_group_tests_name("api/ticket_view", tests, NULL, NULL);
}
