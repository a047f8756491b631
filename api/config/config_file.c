/*
 * The file of the configuration; the only file that knows libinih.
 *
 * The library neither tells the line of a key nor that it cut a line: both are seen where it is fed, a line
 * at a time.
 */
#include <errno.h>
#include <ini.h>
#include <string.h>
#include <sys/stat.h>

#include "api/config/config_parts.h"

/* A run through the file. */
struct reading {
	struct config_values *values;
	const char *path;
	FILE *file;
	int line;               /* that was fed last */
	int cut, secret;        /* the line that was too long; one that holds a secret; 0 none */
	int seen[CONFIG_COUNT]; /* the line on which it was set */
	struct err *err;
};

static char *feed(char *out, int size, void *stream)
{
	struct reading *r = stream;
	size_t n;

	if (r->cut != 0 || fgets(out, size, r->file) == NULL)
		return NULL;
	r->line++;
	n = strlen(out);
	if (n + 1 >= (size_t)size && out[n - 1] != '\n') {
		r->cut = r->line;
		return NULL;
	}
	return out;
}

static int find(const char *section, const char *name)
{
	for (int id = 0; id < CONFIG_COUNT; id++) {
		const struct setting *s = config_setting((enum config_id)id);
		const char *in = config_section_name(s->section);

		if (strcmp(s->name, name) == 0 &&
		    (strcmp(section, in) == 0 || (section[0] == '\0' && s->section == CONFIG_ILA)))
			return id;
	}
	return -1;
}

static int refuse(struct reading *r, const char *why)
{
	if (r->err->code == ERR_NONE)
		err_set(r->err, ERR_USAGE, NULL, "%s:%d: %s", r->path, r->line, why);
	return 0;
}

/* 1, as the library wants it, or 0: it stands in r->err. */
static int take(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;
	struct err why = {0};
	char text[256];
	int id = find(section, name);

	if (id < 0) {
		snprintf(text, sizeof text, "there is no setting \"%.60s\"%s%.60s%s; ila config lists them",
			 name, section[0] != '\0' ? " in [" : "", section, section[0] != '\0' ? "]" : "");
		return refuse(r, text);
	}
	if (r->seen[id] != 0 && config_setting((enum config_id)id)->type != CONFIG_LIST) {
		snprintf(text, sizeof text, "\"%s\" is set on line %d already", name, r->seen[id]);
		return refuse(r, text);
	}
	r->seen[id] = r->line;
	if (value[0] == '\0')
		return 1; /* as in the environment: nothing is set */
	if (config_setting((enum config_id)id)->type == CONFIG_SECRET)
		r->secret = r->line;
	if (config_put(r->values, (enum config_id)id, value, CONFIG_IN_FILE, r->line, &why) == 0)
		return 1;
	if (r->err->code == ERR_NONE)
		err_set(r->err, why.code, NULL, "%s:%d: %s: %s", r->path, r->line, name, why.text);
	return 0;
}

/* A key is not for everybody's eyes. */
static int hides_secrets(struct reading *r)
{
	struct stat st;

	if (r->secret == 0 || fstat(fileno(r->file), &st) != 0 || (st.st_mode & S_IROTH) == 0)
		return 1;
	r->line = r->secret;
	return refuse(r, "everybody may read this file, which holds a secret: chmod o= it");
}

static int read_all(struct reading *r)
{
	int bad = ini_parse_stream(feed, r, take, r);

	if (r->cut != 0) {
		r->line = r->cut;
		return refuse(r, "the line is too long");
	}
	if (bad != 0 && r->err->code == ERR_NONE) {
		r->line = bad > 0 ? bad : r->line;
		return refuse(r, "this is neither [SECTION] nor KEY = VALUE");
	}
	if (ferror(r->file))
		return refuse(r, strerror(errno));
	return r->err->code == ERR_NONE && hides_secrets(r);
}

int config_read(struct config_values *values, const char *path, int must, struct err *err)
{
	struct reading r = {.values = values, .path = path, .err = err, .file = fopen(path, "re")};
	int good;

	if (r.file == NULL && errno == ENOENT && !must)
		return 0;
	if (r.file == NULL)
		return err_set(
			err, ERR_USAGE, "--config",
			"The configuration %s cannot be read: %s. Name another one with --config, or none with "
			"--config ''.",
			path, strerror(errno));
	snprintf(values->file, sizeof values->file, "%s", path);
	good = read_all(&r);
	fclose(r.file);
	return good ? 0 : -1;
}
