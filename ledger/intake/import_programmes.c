/*
 * programmes: one rule version, a JSON document (ledger/scheme/samples/README.md).
 */
#include "ledger/intake/format.h"
#include "ledger/scheme/programme.h"

const struct import_format import_programmes = {
	.kinds = {"programmes"},
	.name = "programme",
	.document_max = RULE_BYTES_MAX,
	.document = programme_import,
};
