/*
 * The head guard: the highest entry that this machine has acknowledged to anybody, on
 * its own disk.  A database that does not hold that entry has lost writes: a log that
 * was cut, a copy that was put back, a server that went back to an older state.  The
 * journal that is left is sound in itself and tells nothing of it; this file does.
 *
 * It lies beside a ledger that is a file, as PATH.head; of a ledger on a server it is
 * ID-DATABASE-LEDGER.head in $ILA_STATE_DIR, in $STATE_DIRECTORY (systemd's), in
 * $XDG_STATE_HOME/ila or in ~/.local/state/ila, whichever is set first.  ID is the
 * ledger's own; the names tell it from a copy in another database; the host is left
 * out, since another one may take over.
 *
 * Two records of 256 bytes are written in turn, each with a check sum, so that one of
 * them is whole after any crash.  They are brought to disk once a second and at the end:
 * a process that is killed loses nothing, a power cut at most the last second.
 * Processes of one machine may share the file; threads may share a struct.
 */
#ifndef ILA_DESK_HEAD_GUARD_H
#define ILA_DESK_HEAD_GUARD_H

#include "ledger/base/err.h"
#include "ledger/store/head.h"

struct head_guard;

/*
 * guard_open(out, url, id, writes, err): the guard of that ledger.  To write, the file is
 * made when there is none; otherwise a missing one is one that knows nothing.  STORAGE when
 * it cannot be made, USAGE when no place is named for it.
 */
int guard_open(struct head_guard **, const char *url, const char *id, int writes, struct err *);
void guard_close(struct head_guard *); /* brings it to disk; harmless on NULL */

const char *guard_path(const struct head_guard *); /* of its file */
struct head guard_head(struct head_guard *);       /* the highest it knows; seq 0: nothing */

/* guard_keep(g, head): acknowledged; a lower one than is known changes nothing. */
void guard_keep(struct head_guard *, const struct head *);

/*
 * guard_forget(g, head, err): what is missing is given up, head is the highest from here on.
 * The file is kept as PATH.SEQ, with the number that was given up.
 */
int guard_forget(struct head_guard *, const struct head *, struct err *);

#endif
