/*
 * The table of a voucher's life, printed: for a terminal, as the rows of the
 * README's chapter, or as a graph for Graphviz.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "api/cli/cli.h"
#include "ledger/base/buf.h"
#include "ledger/rules/transition.h"

#define WORDS_MAX 2048

struct words {
	struct buf from, to, who, conditions, postings;
};

/* Names of the states in the set; a dash for none yet. */
static void add_states(unsigned states, const char *between, struct buf *out)
{
	int n = 0;

	for (int s = VOUCHER_NONE; s < VOUCHER__MAX; s++)
		if (states & STATE_BIT(s))
			buf_format(out, "%s%s", n++ ? between : "",
				   s == VOUCHER_NONE ? "-" : voucher_state_name((enum voucher_state)s));
}

static void add_billings(unsigned states, const char *between, struct buf *out)
{
	int n = 0;

	for (int b = BILLING_NONE; b < BILLING__MAX; b++)
		if (states & STATE_BIT(b))
			buf_format(out, "%s%s", n++ ? between : "",
				   billing_state_name((enum billing_state)b));
}

static void add_roles(unsigned roles, struct buf *out)
{
	int n = 0;

	for (int r = ROLE_NONE; r < ROLE__MAX; r++)
		if (roles & ROLE_BIT(r))
			buf_format(out, "%s%s", n++ ? " or " : "",
				   r == ROLE_NONE ? "timer" : role_name((enum role)r));
}

/* A step of billing shows its states of billing. */
static int is_billing(const struct transition *t)
{
	return (t->billing_from & ~(1u << BILLING_NONE)) != 0;
}

static void describe(const struct transition *t, struct words *w)
{
	buf_clear(&w->from);
	buf_clear(&w->to);
	buf_clear(&w->who);
	if (is_billing(t)) {
		add_billings(t->billing_from, " or ", &w->from);
		buf_text_add(&w->from, ", being ");
	}
	add_states(t->from, " or ", &w->from);
	if (!is_billing(t))
		add_states(t->to, " or ", &w->to);
	if (t->billing_to != 0) {
		buf_text_add(&w->to, is_billing(t) ? "" : ", ");
		add_billings(t->billing_to, " or ", &w->to);
	}
	if (t->control_to != 0)
		buf_format(&w->to, "%scontrol %s", w->to.len > 0 ? ", " : "",
			   t->control_to == STATE_BIT(CONTROL_IN) ? "begun" : "ended");
	if (w->to.len == 0)
		buf_text_add(&w->to, "same");
	buf_clear(&w->conditions);
	transition_conditions(t, &w->conditions);
	buf_clear(&w->postings);
	transition_postings(t, &w->postings);
	add_roles(t->roles, &w->who);
	if (t->second != 0) {
		buf_text_add(&w->who, ", and another person: ");
		add_roles(t->second, &w->who);
	}
}

static void print_line(const char *what, const char *text)
{
	if (text != NULL && text[0] != '\0')
		printf("\n     %-8s %s", what, text);
}

static void print_plain(const struct transition *t, const struct words *w)
{
	printf("%-4s %s", t->label, t->name);
	if (t->from != 0)
		printf(": %s -> %s", buf_text(&w->from), buf_text(&w->to));
	print_line("who", buf_text(&w->who));
	print_line("if", buf_text(&w->conditions));
	print_line("reason", t->reason);
	print_line("deadline", t->deadline);
	print_line("postings", buf_text(&w->postings));
	putchar('\n');
}

static const char *or_nothing(const char *text)
{
	return text != NULL ? text : "";
}

static void print_row(const struct transition *t, const struct words *w)
{
	printf("| %s | `%s` | ", t->label, t->name);
	if (t->from != 0)
		printf("%s | %s | ", buf_text(&w->from), buf_text(&w->to));
	printf("%s | %s | %s%s%s | %s | %s |\n", buf_text(&w->who), buf_text(&w->conditions),
	       t->reason ? "`" : "", or_nothing(t->reason), t->reason ? "`" : "", or_nothing(t->deadline),
	       buf_text(&w->postings));
}

static void print_head(int of_vouchers)
{
	puts(of_vouchers ? "| | step | from | to | who | if | reason | deadline | postings |\n"
			   "|---|---|---|---|---|---|---|---|---|"
			 : "\n| | event | who | if | reason | deadline | postings |\n"
			   "|---|---|---|---|---|---|---|");
}

/* One edge of the graph; two when a step leads to both machines. */
static void print_edge(const struct transition *t, const char *from, const char *to, const char *style)
{
	printf("\t\"%s\" -> \"%s\" [label=\"%s %s\"%s];\n", from, to, t->label, t->name, style);
}

static void print_edges(const struct transition *t)
{
	const char *style = t->roles == ROLE_BIT(ROLE_NONE) ? ", style=dashed" : "";
	int billing = is_billing(t);
	unsigned from = billing ? t->billing_from : t->from, to = billing ? t->billing_to : t->to;

	for (int i = 0; i < VOUCHER__MAX; i++)
		for (int k = 0; k < VOUCHER__MAX; k++) {
			int leads = to != 0 ? (to & STATE_BIT(k)) != 0 : i == k;

			if ((from & STATE_BIT(i)) == 0 || !leads)
				continue;
			if (billing)
				print_edge(t, billing_state_name((enum billing_state)i),
					   billing_state_name((enum billing_state)k), style);
			else
				print_edge(t,
					   i == VOUCHER_NONE ? "-"
							     : voucher_state_name((enum voucher_state)i),
					   voucher_state_name((enum voucher_state)k), style);
		}
}

/* Where something is owed, billing begins. */
static void print_begin_of_billing(const struct transition *t)
{
	for (int k = 0; k < VOUCHER__MAX; k++)
		if ((t->to & STATE_BIT(k)) != 0 && !is_billing(t) &&
		    (t->billing_to & STATE_BIT(BILLING_TO_BILL)) != 0)
			printf("\t\"%s\" -> \"%s\" [style=dotted];\n",
			       voucher_state_name((enum voucher_state)k),
			       billing_state_name(BILLING_TO_BILL));
}

static void print_graph(void)
{
	const struct transition *t;

	puts("digraph voucher {\n\trankdir=LR;\n\tnode [shape=box, fontname=\"sans-serif\"];\n"
	     "\tedge [fontname=\"sans-serif\", fontsize=10];\n\tsubgraph cluster_billing {\n\t\tlabel=\"billing\";");
	for (int b = BILLING_NONE; b < BILLING__MAX; b++)
		printf("\t\t\"%s\";\n", billing_state_name((enum billing_state)b));
	puts("\t}");
	for (size_t i = 0; (t = transition_at(i)) != NULL; i++)
		print_edges(t);
	for (size_t i = 0; (t = transition_at(i)) != NULL; i++)
		print_begin_of_billing(t);
	puts("}");
}

static void print_table(int as_rows)
{
	const struct transition *t;
	struct words w;

	buf_init(&w.from, WORDS_MAX);
	buf_init(&w.to, WORDS_MAX);
	buf_init(&w.who, WORDS_MAX);
	buf_init(&w.conditions, WORDS_MAX);
	buf_init(&w.postings, WORDS_MAX);
	for (size_t i = 0; (t = transition_at(i)) != NULL; i++) {
		if (as_rows && (i == 0 || t->id == G1))
			print_head(t->from != 0);
		describe(t, &w);
		(as_rows ? print_row : print_plain)(t, &w);
	}
	buf_free(&w.from);
	buf_free(&w.to);
	buf_free(&w.who);
	buf_free(&w.conditions);
	buf_free(&w.postings);
}

int cli_transitions(int argc, char **argv, const char *db)
{
	static const struct option options[] = {
		{"dot", no_argument, NULL, 'd'}, {"markdown", no_argument, NULL, 'm'}, {NULL, 0, NULL, 0}};
	int form = 0, c;

	(void)db;
	while ((c = cli_next_option(argc, argv, options)) != -1) {
		if (c == '?')
			return CLI_USAGE;
		form = c;
	}
	if (argc > optind)
		return cli_usage(argv[0], "unexpected argument '%s'", argv[optind]);
	if (form == 'd')
		print_graph();
	else
		print_table(form == 'm');
	return 0;
}
