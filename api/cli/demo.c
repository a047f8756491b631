#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/cli/cli.h"
#include "api/demo/demo.h"

/* 0, 1 when it holds something, -1. */
static int is_empty(const char *dir)
{
	struct dirent *entry;
	DIR *d = opendir(dir);
	int rc = 0;

	if (d == NULL)
		return -1;
	while ((entry = readdir(d)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			rc = 1;
	closedir(d);
	return rc;
}

/* The folder to work in: the one named, new or empty, else a fresh temporary one. */
static int make_folder(char dir[DEMO_PATH_MAX], const char *named, struct err *err)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, DEMO_PATH_MAX, "%s/ila-demo-XXXXXX", tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp");
	if (named != NULL)
		snprintf(dir, DEMO_PATH_MAX, "%s", named);
	if (named == NULL ? mkdtemp(dir) == NULL : mkdir(dir, 0777) != 0 && errno != EEXIST)
		return err_set(err, ERR_STORAGE, "--dir", "Cannot make the folder %s: %s.", dir,
			       strerror(errno));
	if (is_empty(dir) != 0)
		return err_set(err, ERR_EXISTS, "--dir",
			       "%s is not an empty folder. Name a new or an empty one.", dir);
	return 0;
}

int cli_demo(int argc, char **argv, const char *db)
{
	static const struct option options[] = {
		{"dir", required_argument, NULL, 'd'},
		{NULL, 0, NULL, 0},
	};
	char dir[DEMO_PATH_MAX];
	const char *named = NULL;
	struct err err = {0};
	int c;

	(void)db; /* the demo makes a ledger of its own */
	while ((c = cli_next_option(argc, argv, options)) != -1) {
		if (c == '?')
			return CLI_USAGE;
		named = optarg;
	}
	if (optind < argc)
		return cli_usage(argv[0], "unexpected argument '%s'", argv[optind]);
	if (make_folder(dir, named, &err) != 0)
		return cli_refused(argv[0], &err);
	config_forget(); /* the demo says all that its children need */
	return demo_play(dir);
}
