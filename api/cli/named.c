#include "api/cli/named.h"

#include <stdio.h>
#include <string.h>

#include "api/cli/cli.h"

int named_take(const char *command, const char *text, struct named *n)
{
	size_t len = strcspn(text, "=");

	if (n->count == NAMED_MAX)
		return cli_usage(command, "at most %d ledgers", NAMED_MAX);
	if (text[len] != '=' || !shelf_name_is_good(text, len) || text[len + 1] == '\0')
		return cli_usage(
			command,
			"--ledger takes NAME=LEDGER, not \"%s\": a name is of a to z, 0 to 9, _ and -, %d "
			"at most, and not v1",
			text, SHELF_NAME_MAX);
	for (size_t i = 0; i < n->count; i++)
		if (strlen(n->name[i]) == len && memcmp(n->name[i], text, len) == 0)
			return cli_usage(command, "two ledgers have the name %s", n->name[i]);
	snprintf(n->name[n->count], SHELF_NAME_MAX + 1, "%.*s", (int)len, text);
	n->url[n->count++] = text + len + 1;
	return 0;
}

int named_open(const char *command, const struct named *n, const char *db, int serves, struct shelf *shelf)
{
	size_t count = n->count > 0 ? n->count : 1;

	for (size_t i = 0; i < count; i++) {
		struct shelved *s = &shelf->at[i];
		const char *url = n->count > 0 ? n->url[i] : db;
		int rc = serves ? cli_open_to_serve(command, url, &s->ledger)
				: cli_open(command, url, 0, &s->ledger);

		if (rc != 0) {
			named_close(shelf);
			return rc;
		}
		snprintf(s->name, sizeof s->name, "%s", n->name[i]);
		shelf->count++;
	}
	return 0;
}

void named_close(struct shelf *shelf)
{
	for (size_t i = 0; i < shelf->count; i++)
		ledger_close(shelf->at[i].ledger);
	shelf->count = 0;
}
