#include "api/http/shelf.h"

#include <string.h>

#include "api/actions/all.h"
#include "api/frame/action.h"

/* What the API itself begins with: "v1", "healthz". */
static int is_of_api(const char *name, size_t len)
{
	const struct action *a;

	for (size_t i = 0; (a = action_at(i)) != NULL; i++)
		if (strcspn(a->path + 1, "/") == len && strncmp(a->path + 1, name, len) == 0)
			return 1;
	return 0;
}

int shelf_name_is_good(const char *name, size_t len)
{
	return len > 0 && len <= SHELF_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") >= len && !is_of_api(name, len);
}

static int is_named(const struct shelf *s)
{
	return s->at[0].name[0] != '\0';
}

int shelf_is_whole(const struct shelf *s, const char *path)
{
	size_t n = strlen("/problems");

	return is_named(s) && (strcmp(path, "/healthz") == 0 || strcmp(path, "/metrics") == 0 ||
			       (strncmp(path, "/problems", n) == 0 && (path[n] == '\0' || path[n] == '/')));
}

struct ledger *shelf_find(const struct shelf *s, const char *path, const char **rest)
{
	size_t n;

	*rest = path;
	if (!is_named(s) || shelf_is_whole(s, path))
		return s->at[0].ledger;
	if (path[0] != '/')
		return NULL;
	n = strcspn(path + 1, "/");
	for (size_t i = 0; i < s->count; i++)
		if (strlen(s->at[i].name) == n && memcmp(s->at[i].name, path + 1, n) == 0) {
			*rest = path + 1 + n;
			return s->at[i].ledger;
		}
	return NULL;
}
