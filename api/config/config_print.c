/*
 * The settings as they are shown: what is set, help, a file to begin with.
 */
#include <string.h>

#include "api/config/config_parts.h"

#define NAME_WIDTH  18
#define VALUE_WIDTH 30
#define LINE_WIDTH  100
#define HELP_INDENT 24

/* What stands for it: a secret is never shown. */
static const char *shown(enum config_id id, const char *text)
{
	if (text[0] == '\0')
		return "-";
	return config_setting(id)->type == CONFIG_SECRET ? "********" : text;
}

void config_print(FILE *to)
{
	char where[CONFIG_WHERE_MAX];

	for (int id = 0; id < CONFIG_COUNT; id++) {
		const struct setting *s = config_setting((enum config_id)id);
		enum config_id i = (enum config_id)id;
		size_t k = 0;

		do {
			const char *text = config_list(i, k) != NULL ? config_list(i, k) : config_text(i);

			fprintf(to, "%-*s %-*s %s\n", NAME_WIDTH, s->name, VALUE_WIDTH, shown(i, text),
				config_where(i, where));
		} while (config_list(i, ++k) != NULL);
	}
}

/* Words from column on, broken where a line is full. */
static void print_wrapped(FILE *to, const char *text, size_t column)
{
	while (*text != '\0') {
		size_t n = strcspn(text, " ");

		if (column + 1 + n > LINE_WIDTH) {
			fprintf(to, "\n%*s", HELP_INDENT - 1, "");
			column = HELP_INDENT - 1;
		}
		fprintf(to, " %.*s", (int)n, text);
		column += 1 + n;
		text += n + (text[n] == ' ');
	}
	fputc('\n', to);
}

/* "(1024)": what holds when nobody says anything. */
static const char *with_fallback(const struct setting *s, char *out, size_t size)
{
	if (s->fallback[0] != '\0' && s->type != CONFIG_SWITCH)
		snprintf(out, size, "%s (%s)", s->help, s->fallback);
	else
		snprintf(out, size, "%s", s->help);
	return out;
}

void config_print_help(FILE *to, enum config_section section)
{
	char left[128], text[512];

	for (int id = 0; id < CONFIG_COUNT; id++) {
		const struct setting *s = config_setting((enum config_id)id);

		if (s->section != section)
			continue;
		snprintf(left, sizeof left, "--%s%s%s", s->name, s->type == CONFIG_SWITCH ? "" : " ",
			 s->type == CONFIG_SWITCH ? "" : s->takes);
		fprintf(to, "  %-*s", HELP_INDENT - 3, left);
		print_wrapped(to, with_fallback(s, text, sizeof text),
			      strlen(left) + 2 > HELP_INDENT - 1 ? strlen(left) + 2 : HELP_INDENT - 1);
	}
}

void config_print_usage(FILE *to, enum config_section section)
{
	size_t column = 2 * LINE_WIDTH / 3;

	for (int id = 0; id < CONFIG_COUNT; id++) {
		const struct setting *s = config_setting((enum config_id)id);
		char text[160];

		if (s->section != section)
			continue;
		snprintf(text, sizeof text, "[--%s%s%s]%s", s->name, s->type == CONFIG_SWITCH ? "" : " ",
			 s->type == CONFIG_SWITCH ? "" : s->takes, s->type == CONFIG_LIST ? "..." : "");
		if (column + 1 + strlen(text) > LINE_WIDTH) {
			fprintf(to, "\n         ");
			column = 9;
		}
		fprintf(to, " %s", text);
		column += 1 + strlen(text);
	}
}

void config_print_sample(FILE *to)
{
	fputs("# The configuration of ila: ila help config.  An option is stronger than the environment, and that\n"
	      "# is stronger than this file.  What stands here behind ';' holds anyway; a key that ila does not\n"
	      "# know is refused.\n",
	      to);
	for (int section = 0; section < CONFIG_SECTIONS; section++) {
		fprintf(to, "\n[%s]\n", config_section_name((enum config_section)section));
		for (int id = 0; id < CONFIG_COUNT; id++) {
			const struct setting *s = config_setting((enum config_id)id);

			if (s->section != (enum config_section)section)
				continue;
			fprintf(to, "\n# %s\n;%s = %s\n", s->help, s->name,
				s->type == CONFIG_SWITCH ? "no" : s->fallback);
		}
	}
}
