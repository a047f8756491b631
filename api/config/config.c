#include "api/config/config.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/config/config_parts.h"
#include "ledger/base/log.h"

#define CONFIG_FILE_VARIABLE "ILA_CONFIG"

enum {
	TYPE_TEXT = CONFIG_TEXT,
	TYPE_FILE = CONFIG_FILE_NAME,
	TYPE_URL = CONFIG_URL,
	TYPE_WORD = CONFIG_WORD,
	TYPE_NUMBER = CONFIG_NUMBER,
	TYPE_SWITCH = CONFIG_SWITCH,
	TYPE_LIST = CONFIG_LIST,
	TYPE_SECRET = CONFIG_SECRET
};

static const struct setting settings[CONFIG_COUNT] = {
#define SETTING(id, section, type, name, takes, fallback, min, max, help)                                    \
	[CONFIG_OF_##id] = {                                                                                 \
		CONFIG_##section, (enum config_type)TYPE_##type, name, takes, fallback, min, max, help},
#include "api/config/settings.def"
#undef SETTING
};

static struct config_values values;
static const char *file_named; /* by --config; NULL not */

const struct setting *config_setting(enum config_id id)
{
	return &settings[id];
}

const char *config_section_name(enum config_section section)
{
	static const char *const names[CONFIG_SECTIONS] = {[CONFIG_ILA] = "ila", [CONFIG_SERVE] = "serve"};

	return names[section];
}

/* --- one value ----------------------------------------------------------------------- */

/* One of those with '|' between. */
static int is_word_of(const char *words, const char *text)
{
	size_t len = strlen(text);

	for (; *words != '\0'; words += *words == '|') {
		size_t n = strcspn(words, "|");

		if (n == len && memcmp(words, text, n) == 0)
			return 1;
		words += n;
	}
	return 0;
}

/* Whole digits within the limits. */
static int is_number(const struct setting *s, const char *text)
{
	char *end;
	long long value = strtoll(text, &end, 10);

	return isdigit((unsigned char)text[0]) && *end == '\0' && value >= s->min && value <= s->max;
}

static int hold_against_type(const struct setting *s, const char *text, struct err *err)
{
	if (s->type == CONFIG_NUMBER && !is_number(s, text))
		return err_set(err, ERR_USAGE, s->name, "It takes %lld to %lld, not \"%s\".",
			       (long long)s->min, (long long)s->max, text);
	if (s->type == CONFIG_WORD && !is_word_of(s->takes, text))
		return err_set(err, ERR_USAGE, s->name, "It takes %s, not \"%s\".", s->takes, text);
	if (s->type == CONFIG_SWITCH && !is_word_of("yes|no", text))
		return err_set(err, ERR_USAGE, s->name, "It takes yes or no, not \"%s\".", text);
	if (s->type == CONFIG_URL && strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0)
		return err_set(err, ERR_USAGE, s->name, "It takes a URL, http://HOST:PORT, not \"%s\".",
			       text);
	return 0;
}

/* The bare name of a credential of this service (systemd.exec(5)) becomes its path; NULL: it is none. */
static char *credential(const char *name)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char *path = NULL;

	if (folder == NULL || strchr(name, '/') != NULL || asprintf(&path, "%s/%s", folder, name) < 0)
		return NULL;
	if (access(path, R_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static void drop(struct config_value *v)
{
	for (size_t i = 0; i < v->count; i++)
		free(v->text[i]);
	*v = (struct config_value){.count = 0};
}

void config_free(struct config_values *all)
{
	for (int id = 0; id < CONFIG_COUNT; id++)
		drop(&all->of[id]);
}

int config_put(struct config_values *all, enum config_id id, const char *text, enum config_source source,
	       int line, struct err *err)
{
	const struct setting *s = &settings[id];
	struct config_value *v = &all->of[id];
	char *copy = NULL;

	if (v->count > 0 && v->source > source)
		return 0;
	if (hold_against_type(s, text, err) != 0)
		return -1;
	if (v->source < source || s->type != CONFIG_LIST)
		drop(v);
	if (v->count == CONFIG_LIST_MAX)
		return err_set(err, ERR_USAGE, s->name, "It is given more than %d times.", CONFIG_LIST_MAX);
	if (s->type == CONFIG_FILE_NAME)
		copy = credential(text);
	if (copy == NULL)
		copy = strdup(text);
	if (copy == NULL)
		return err_set(err, ERR_STORAGE, s->name, "Out of memory.");
	v->text[v->count++] = copy;
	v->source = source;
	v->line = line;
	return 0;
}

/* --- options --------------------------------------------------------------------------- */

size_t config_options(enum config_section section, struct option *options, size_t n)
{
	for (int id = 0; id < CONFIG_COUNT; id++)
		if (settings[id].section == section)
			options[n++] = (struct option){settings[id].name,
						       settings[id].type == CONFIG_SWITCH ? no_argument
											  : required_argument,
						       NULL, CONFIG_OPTION + id};
	options[n] = (struct option){NULL, 0, NULL, 0};
	return n;
}

int config_take(enum config_id id, const char *text, struct err *err)
{
	return config_put(&values, id, settings[id].type == CONFIG_SWITCH ? "yes" : text, CONFIG_BY_OPTION, 0,
			  err);
}

/* --- the environment ---------------------------------------------------------------------- */

char *config_variable(enum config_id id, char out[CONFIG_VARIABLE_MAX])
{
	snprintf(out, CONFIG_VARIABLE_MAX, "ILA_%s", settings[id].name);
	for (char *at = out; *at != '\0'; at++)
		*at = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
	return out;
}

/* Of a list each word; what the option said is stronger. */
static int put_variable(struct config_values *all, enum config_id id, const char *text, struct err *err)
{
	char *words, *rest, *word;
	int rc = 0;

	if (settings[id].type != CONFIG_LIST)
		return config_put(all, id, text, CONFIG_IN_ENVIRONMENT, 0, err);
	words = rest = strdup(text);
	if (words == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	while (rc == 0 && (word = strsep(&rest, " \t\n")) != NULL)
		if (word[0] != '\0')
			rc = config_put(all, id, word, CONFIG_IN_ENVIRONMENT, 0, err);
	free(words);
	return rc;
}

static int read_environment(struct config_values *all, struct err *err)
{
	char name[CONFIG_VARIABLE_MAX];

	for (int id = 0; id < CONFIG_COUNT; id++) {
		const char *text = getenv(config_variable((enum config_id)id, name));
		struct err why = {0};

		if (text != NULL && text[0] != '\0' && put_variable(all, (enum config_id)id, text, &why) != 0)
			return err_set(err, why.code, NULL, "$%s: %s", name, why.text);
	}
	return 0;
}

/* --- all of it ------------------------------------------------------------------------------ */

/* The rooms of the ledger know two of them by the environment. */
static void hand_down(void)
{
	static const enum config_id below[] = {CONFIG_OF_SECRET_FILE, CONFIG_OF_STATE_DIR};
	char name[CONFIG_VARIABLE_MAX];

	for (size_t i = 0; i < sizeof below / sizeof *below; i++)
		if (config_source(below[i]) != CONFIG_FALLBACK)
			setenv(config_variable(below[i], name), config_text(below[i]), 1);
	log_from(config_text(CONFIG_OF_LOG_LEVEL));
}

/* Which file: 1 it has to be there, 0 it may be, -1 none. */
static int which_file(const char **path)
{
	const char *variable = getenv(CONFIG_FILE_VARIABLE);

	*path = file_named != NULL ? file_named : variable;
	if (*path != NULL)
		return (*path)[0] != '\0' ? 1 : -1;
	*path = CONFIG_FILE;
	return 0;
}

static int read_file(struct config_values *all, struct err *err)
{
	const char *path;
	int must = which_file(&path);

	return must < 0 ? 0 : config_read(all, path, must, err);
}

int config_load(const char *named, struct err *err)
{
	file_named = named;
	if (read_environment(&values, err) != 0 || read_file(&values, err) != 0)
		return -1;
	hand_down();
	return 0;
}

int config_reload(struct err *err)
{
	struct config_values again = {.file = ""};
	int rc = read_file(&again, err);
	const struct config_value *level = &again.of[CONFIG_OF_LOG_LEVEL];

	if (rc == 0 && values.of[CONFIG_OF_LOG_LEVEL].source <= CONFIG_IN_FILE)
		log_from(level->count > 0 ? level->text[0] : settings[CONFIG_OF_LOG_LEVEL].fallback);
	config_free(&again);
	return rc;
}

void config_forget(void)
{
	char name[CONFIG_VARIABLE_MAX];

	for (int id = 0; id < CONFIG_COUNT; id++)
		if (settings[id].section != CONFIG_ILA)
			unsetenv(config_variable((enum config_id)id, name));
	setenv(CONFIG_FILE_VARIABLE, "", 1);
}

/* --- what is set ------------------------------------------------------------------------------ */

const char *config_text(enum config_id id)
{
	return values.of[id].count > 0 ? values.of[id].text[0] : settings[id].fallback;
}

int64_t config_number(enum config_id id)
{
	return strtoll(config_text(id), NULL, 10);
}

int config_on(enum config_id id)
{
	return strcmp(config_text(id), "yes") == 0;
}

const char *config_list(enum config_id id, size_t i)
{
	return i < values.of[id].count ? values.of[id].text[i] : NULL;
}

enum config_source config_source(enum config_id id)
{
	return values.of[id].count > 0 ? values.of[id].source : CONFIG_FALLBACK;
}

char *config_where(enum config_id id, char out[CONFIG_WHERE_MAX])
{
	char variable[CONFIG_VARIABLE_MAX];

	switch (config_source(id)) {
	case CONFIG_BY_OPTION:
		snprintf(out, CONFIG_WHERE_MAX, "--%s", settings[id].name);
		break;
	case CONFIG_IN_ENVIRONMENT:
		snprintf(out, CONFIG_WHERE_MAX, "$%s", config_variable(id, variable));
		break;
	case CONFIG_IN_FILE:
		snprintf(out, CONFIG_WHERE_MAX, "%s:%d: %s", values.file, values.of[id].line,
			 settings[id].name);
		break;
	default:
		snprintf(out, CONFIG_WHERE_MAX, "the fallback");
	}
	return out;
}
