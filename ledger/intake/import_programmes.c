/*
 * programmes: one rule version, a JSON document (ledger/rules/samples/README.md).
 */
#include "ledger/intake/format.h"
#include "ledger/seasons/enact.h"

const struct import_format import_programmes = {
	.kinds = {"programmes"},
	.name = "programme",
	.document_max = RULE_BYTES_MAX,
	.document = rule_enact,
};
