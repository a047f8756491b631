/*
 * What the files of this room share: where each value came from, and the parser of the file.
 */
#ifndef ILA_API_CONFIG_CONFIG_PARTS_H
#define ILA_API_CONFIG_CONFIG_PARTS_H

#include "api/config/config.h"

struct config_value {
	char *text[CONFIG_LIST_MAX]; /* NULL: nobody gave any */
	size_t count;
	enum config_source source;
	int line; /* of the file */
};

struct config_values {
	struct config_value of[CONFIG_COUNT];
	char file[1024]; /* "" none was read */
};

/* config_put(values, id, text, source, line, err): hold it against its type and keep a copy; of a list one
 * more. A weaker source than what is there leaves it alone.  USAGE, without saying where. */
int config_put(struct config_values *, enum config_id, const char *text, enum config_source, int line,
	       struct err *);
void config_free(struct config_values *);

/* config_read(values, path, must, err): the file; must: it has to be there. */
int config_read(struct config_values *, const char *path, int must, struct err *);

#endif
