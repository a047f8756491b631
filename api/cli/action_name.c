#include "api/cli/action_name.h"

#include <stdio.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/cli/cli.h"

const char *action_second_word(const struct action *a)
{
	const char *blank = strchr(a->name, ' ');

	return blank ? blank + 1 : "";
}

static int is_first_word(const struct action *a, const char *word)
{
	size_t n = strcspn(a->name, " ");

	return strlen(word) == n && strncmp(a->name, word, n) == 0;
}

int action_is_named(const struct action *a, const char *name)
{
	return strcmp(a->name, name) == 0 || is_first_word(a, name);
}

int action_known(const char *name)
{
	const struct action *a;

	for (size_t i = 0; (a = action_at(i)) != NULL; i++)
		if (action_is_named(a, name))
			return 1;
	return 0;
}

int action_two_words(int argc, char **argv)
{
	const struct action *a;

	for (size_t i = 0; (a = action_at(i)) != NULL; i++)
		if (argc > 1 && is_first_word(a, argv[0]) && strcmp(action_second_word(a), argv[1]) == 0)
			return 1;
	return 0;
}

/* The place of a second word in argv; argc when there is none. */
static int place_of_word(int argc, char **argv, const char *word)
{
	size_t n = strlen(word);
	int i = 1;

	while (i < argc && (strncmp(argv[i], word, n) != 0 ||
			    (argv[i][n] != '\0' && (word[0] != '-' || argv[i][n] != '='))))
		i++;
	return i;
}

const struct action *action_find(int argc, char **argv)
{
	const struct action *a, *found = NULL;
	int first = argc;

	for (size_t i = 0; (a = action_at(i)) != NULL; i++) {
		int at = argc;

		if (!is_first_word(a, argv[0]))
			continue;
		if (action_second_word(a)[0] != '\0')
			at = place_of_word(argc, argv, action_second_word(a));
		if (at < first || (found == NULL && action_second_word(a)[0] == '\0')) {
			found = a;
			first = at;
		}
	}
	return found;
}

int action_say_words(const char *first)
{
	char words[256] = "";
	const struct action *a;
	size_t n = 0;

	for (size_t i = 0; (a = action_at(i)) != NULL; i++)
		if (is_first_word(a, first) && n < sizeof words)
			n += (size_t)snprintf(words + n, sizeof words - n, "%s%s", n > 0 ? ", " : "",
					      action_second_word(a));
	return cli_usage(first, "say one of: %s", words);
}
