/*
 * Linked into a copy of the program under test (build/tests/failing_ila): its disk
 * fails while a file exists.  ILA_FAILING_DISK names kind and file:
 * "full:/tmp/sign" or "sync:/tmp/sign".  The program itself knows nothing of it.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/lib/fault_vfs.h"

static void __attribute__((constructor)) begin(void)
{
	const char *plan = getenv("ILA_FAILING_DISK");
	const char *path = plan != NULL ? strchr(plan, ':') : NULL;

	if (path == NULL)
		return;
	fault_install();
	fault_while_exists(strncmp(plan, "full", 4) == 0 ? FAULT_FULL : FAULT_SYNC, path + 1);
}
