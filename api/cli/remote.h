/*
 * `ila --url http://HOST:PORT COMMAND`: the commands that write, through the
 * server that holds the ledger.  They act under an API key (--key where the
 * command has it, else $ILA_KEY) and print the server's answer.
 */
#ifndef ILA_API_CLI_REMOTE_H
#define ILA_API_CLI_REMOTE_H

#include "ledger/base/buf.h"

/* cli_is_url(db): the ledger named is a server. */
int cli_is_url(const char *db);

/*
 * cli_remote(command, url, key, path, type, body, len, answer): POST body there
 * and put the server's answer into answer (initialised by the caller).  Returns
 * the exit status after having printed a refusal; 0 prints nothing.
 */
int cli_remote(const char *command, const char *url, const char *key, const char *path, const char *type,
	       const char *body, size_t len, struct buf *answer);

/* cli_remote_json: the same with a JSON body, and the answer printed on a line of its own. */
int cli_remote_json(const char *command, const char *url, const char *key, const char *path,
		    const char *body);

/* cli_remote_file: the same with a file as the body. */
int cli_remote_file(const char *command, const char *url, const char *path, const char *file);

#endif
