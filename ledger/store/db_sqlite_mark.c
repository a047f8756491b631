#include "ledger/store/db_sqlite_mark.h"

#include <sqlite3.h>
#include <stddef.h>

int sqlite_mark_is_last(sqlite3 *handle)
{
	sqlite3_file *file = NULL;

	return sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK &&
	       file != NULL && file->pMethods != NULL &&
	       (file->pMethods->xDeviceCharacteristics(file) & SQLITE_IOCAP_POWERSAFE_OVERWRITE) != 0;
}
