#include "api/cli/manual.h"

#include <stdlib.h>
#include <string.h>

#include "api/cli/action_command.h"
#include "api/cli/action_name.h"
#include "api/cli/cli.h"
#include "api/frame/action.h"
#include "api/actions/all.h"

/* --- ila(1) ----------------------------------------------------------------------------- */

/* As it stands, for roff: no line of it is a request, no dash a hyphen. */
static void put_text(FILE *to, const char *text)
{
	for (int first = 1; *text != '\0'; first = *text++ == '\n') {
		if (first && (*text == '.' || *text == '\''))
			fputs("\\&", to);
		if (*text == '\\')
			fputs("\\e", to);
		else if (*text == '-')
			fputs("\\-", to);
		else
			fputc(*text, to);
	}
}

/* What a printer of help prints, line for line. */
static void put_block(FILE *to, void (*print)(FILE *, const void *), const void *arg)
{
	char *text = NULL;
	size_t size = 0;
	FILE *block = open_memstream(&text, &size);

	if (block == NULL)
		return;
	print(block, arg);
	if (fclose(block) == 0) {
		fputs(".nf\n", to);
		put_text(to, text);
		fputs(".fi\n", to);
	}
	free(text);
}

static void print_command(FILE *to, const void *arg)
{
	const struct cli_command *c = arg;

	cli_print_usage(to, c);
	if (c->help[0] != '\0')
		fprintf(to, "\n%s", c->help);
	if (cli_has_settings(c))
		config_print_help(to, CONFIG_SERVE);
}

static void print_action(FILE *to, const void *arg)
{
	cli_action_help(to, arg);
}

static void print_global(FILE *to, const void *arg)
{
	(void)arg;
	config_print_help(to, CONFIG_ILA);
	fputs("  --config FILE         the configuration ($ILA_CONFIG, else " CONFIG_FILE ")\n"
	      "  --version             the program's version\n",
	      to);
}

static void put_heading(FILE *to, const char *macro, const char *text)
{
	fprintf(to, "%s \"", macro);
	put_text(to, text);
	fputs("\"\n", to);
}

/* Whether a command of the table, or an action before that one, has told of that first word already. */
static int told_before(size_t i)
{
	const struct action *a = action_at(i), *other;
	size_t n = strcspn(a->name, " ");

	for (size_t k = 0; k < i; k++) {
		other = action_at(k);
		if (strcspn(other->name, " ") == n && strncmp(other->name, a->name, n) == 0)
			return 1;
	}
	return 0;
}

static void put_commands(FILE *to)
{
	const struct action *a;
	char word[64];

	for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
		snprintf(word, sizeof word, "ila %s", c->name);
		put_heading(to, ".SS", word);
		put_text(to, c->summary);
		fputc('\n', to);
		put_block(to, print_command, c);
	}
	for (size_t i = 0; (a = action_at(i)) != NULL; i++) {
		if (told_before(i))
			continue;
		snprintf(word, sizeof word, "ila %.*s", (int)strcspn(a->name, " "), a->name);
		put_heading(to, ".SS", word);
		put_block(to, print_action, word + strlen("ila "));
	}
}

static void put_variables(FILE *to)
{
	char variable[CONFIG_VARIABLE_MAX];

	for (int id = 0; id < CONFIG_COUNT; id++) {
		const struct setting *s = config_setting((enum config_id)id);

		fputs(".TP\n", to);
		put_text(to, config_variable((enum config_id)id, variable));
		fprintf(to, "\n\\-\\-");
		put_text(to, s->name);
		fprintf(to, "; in [%s]: ", config_section_name(s->section));
		put_text(to, s->help);
		fputc('\n', to);
	}
}

void manual_print(FILE *to)
{
	fputs(".TH ILA 1 \"\" \"ila " ILA_VERSION "\" \"User Commands\"\n"
	      ".SH NAME\nila \\- funding ledger of an individual learning account scheme\n"
	      ".SH SYNOPSIS\n.B ila\n[\\-\\-db LEDGER | \\-\\-url URL] COMMAND\n"
	      ".SH DESCRIPTION\n"
	      "One program, one double\\-entry append\\-only journal: money and rights of learners, the vouchers they turn\n"
	      "them into, what providers are paid.  Guides for each role are in /usr/share/doc/ila/guide.\n"
	      ".SH OPTIONS\nThey precede the command.\n",
	      to);
	put_block(to, print_global, NULL);
	fputs(".SH COMMANDS\n", to);
	put_commands(to);
	fputs(".SH ENVIRONMENT\nEach setting is a variable, an option, and a line of the configuration.\n",
	      to);
	put_variables(to);
	fputs(".SH FILES\n.TP\n" CONFIG_FILE "\nthe configuration: ila config \\-\\-sample\n"
	      ".TP\nLEDGER.key\nthe master secret, from which the codes of vouchers are made\n"
	      ".TP\nLEDGER.lock, LEDGER.head\nthe lock of whoever writes; where the ledger was last seen to end\n"
	      ".SH EXIT STATUS\n0 done, 1 refused, 2 usage, 3 verification failed, 4 the ledger or the server cannot be\n"
	      "used.\n",
	      to);
}

/* --- completion ------------------------------------------------------------------------------ */

/* What may follow the words of a command. */
static void put_words(FILE *to, const char *name)
{
	const struct cli_command *c = cli_command_find(name);
	char *text = NULL;
	size_t size = 0;
	FILE *help = open_memstream(&text, &size);

	if (help == NULL)
		return;
	if (c != NULL)
		print_command(help, c);
	else
		cli_action_help(help, name);
	/* The options are what the help begins a line with. */
	if (fclose(help) == 0)
		for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;)
			if (strncmp(line, "  --", 4) == 0)
				fprintf(to, " %.*s", (int)strcspn(line + 2, " ,"), line + 2);
	free(text);
}

static void put_cases(FILE *to)
{
	const struct action *a;

	for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
		fprintf(to, "\t'%s') words+='", c->name);
		put_words(to, c->name);
		fputs(" --help' ;;\n", to);
	}
	for (size_t i = 0; (a = action_at(i)) != NULL; i++) {
		if (strstr(a->name, " --") != NULL || cli_command_find(a->name) != NULL)
			continue;
		fprintf(to, "\t'%s') words+='", a->name);
		put_words(to, a->name);
		fputs(" --help' ;;\n", to);
	}
}

/* The second words behind each first one. */
static void put_seconds(FILE *to)
{
	const struct action *a, *b;

	for (size_t i = 0; (a = action_at(i)) != NULL; i++) {
		size_t n = strcspn(a->name, " ");

		if (told_before(i) || a->name[n] == '\0' || a->name[n + 1] == '-')
			continue;
		fprintf(to, "\t'%.*s') words='", (int)n, a->name);
		for (size_t k = i; (b = action_at(k)) != NULL; k++)
			if (strncmp(b->name, a->name, n + 1) == 0)
				fprintf(to, " %s", b->name + n + 1);
		fputs("' ;;\n", to);
	}
}

static void put_firsts(FILE *to)
{
	const struct action *a;

	for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
		fprintf(to, " %s", c->name);
	for (size_t i = 0; (a = action_at(i)) != NULL; i++)
		if (!told_before(i) &&
		    (a->name[strcspn(a->name, " ")] != '\0' || cli_command_find(a->name) == NULL))
			fprintf(to, " %.*s", (int)strcspn(a->name, " "), a->name);
	for (int id = 0; id < CONFIG_COUNT; id++)
		if (config_setting((enum config_id)id)->section == CONFIG_ILA)
			fprintf(to, " --%s", config_setting((enum config_id)id)->name);
	fputs(" --config --help --version", to);
}

/* Both shells run the same function; they differ in how they call it. */
int manual_complete(FILE *to, const char *shell)
{
	int zsh = strcmp(shell, "zsh") == 0;

	if (!zsh && strcmp(shell, "bash") != 0)
		return -1;
	fputs(zsh ? "#compdef ila\nautoload -U +X bashcompinit && bashcompinit\n"
		  : "# completion of ila for bash\n",
	      to);
	fputs("_ila_options()\n{\n\tcase $1 in\n", to);
	put_cases(to);
	fputs("\t*) return 1 ;;\n\tesac\n}\n_ila_words()\n{\n"
	      "\tlocal i first= second= words=\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tcase ${COMP_WORDS[i]} in\n"
	      "\t\t--*) [ -n \"$first\" ] || i=$((i + 1)) ;;\n"
	      "\t\t*) if [ -z \"$first\" ]; then first=${COMP_WORDS[i]}; else second=${COMP_WORDS[i]}; break; fi ;;\n"
	      "\t\tesac\n\tdone\n"
	      "\tcase $first$second in\n\t'') words='",
	      to);
	put_firsts(to);
	fputs("' ;;\n", to);
	put_seconds(to);
	fputs("\tesac\n"
	      "\t[ -n \"$second\" ] && _ila_options \"$first $second\" || _ila_options \"$first\"\n"
	      "\tCOMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
	      "\t[ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
	      "}\ncomplete -F _ila_words ila\n",
	      to);
	/* zsh has read this file to complete a first word: that one is completed, too. */
	fputs(zsh ? "_bash_complete -F _ila_words\n" : "", to);
	return 0;
}
