/*
 * The France Competences export: Standard, the register of certifications;
 * Certificateurs and Partenaires, who may train for them.
 */
#include <string.h>

#include "ledger/intake/column.h"
#include "ledger/registers/certification.h"

enum { FICHE, TITLE, LEVEL, ENDS, EFFECT, ACTIVE };

static int take_certification(const struct import_row *row, enum upsert *done, struct err *err)
{
	struct certification c = {.effect_on = DAY_NONE};

	if (column_certification(row, FICHE, c.code, err) != 0 ||
	    column_text_cut(row, TITLE, REQUIRED, c.title, sizeof c.title, err) != 0 ||
	    column_word(row, LEVEL, OPTIONAL, c.level, err) != 0 ||
	    column_day_french(row, ENDS, OPTIONAL, &c.ends_on, err) != 0 ||
	    column_day_french(row, EFFECT, OPTIONAL, &c.effect_on, err) != 0)
		return -1;
	c.active = strcmp(row->cell[ACTIVE], "ACTIVE") == 0;
	if (!c.active && strcmp(row->cell[ACTIVE], "INACTIVE") != 0)
		return column_invalid(row, ACTIVE, "is neither ACTIVE nor INACTIVE", err);
	return certification_upsert(row->tx, &c, row->published_on, done, err);
}

const struct import_format import_certifications = {
	.kinds = {"certifications", "partners"},
	.name = "Standard",
	.key = FICHE,
	.unique = 1,
	.independent_rows = 1,
	.columns = {[FICHE] = {"Numero_Fiche", 0},
		    [TITLE] = {"Intitule", 0},
		    [LEVEL] = {"Nomenclature_Europe_Niveau", 0},
		    [ENDS] = {"Date_Fin_Enregistrement", 0},
		    [EFFECT] = {"Date_Effet", 0},
		    [ACTIVE] = {"Actif", 0}},
	.row = take_certification,
};

enum { RIGHT_FICHE, RIGHT_SIRET, RIGHT_NAME, RIGHT_HABILITATION };

/* Foreign bodies have no SIRET, and a right without one opens nothing to a provider: passed over. */
static int take_right(const struct import_row *row, enum right_kind kind, enum upsert *done, struct err *err)
{
	struct training_right r = {.kind = kind};

	if (column_certification(row, RIGHT_FICHE, r.certification, err) != 0)
		return -1;
	if (row->cell[RIGHT_SIRET][0] == '\0')
		return 1;
	if (column_siret(row, RIGHT_SIRET, REQUIRED, r.siret, err) != 0 ||
	    column_text_cut(row, RIGHT_NAME, OPTIONAL, r.name, sizeof r.name, err) != 0)
		return -1;
	if (kind == RIGHT_PARTNER && column_code(row, RIGHT_HABILITATION, OPTIONAL, r.habilitation, err) != 0)
		return -1;
	return training_right_upsert(row->tx, &r, done, err);
}

static int take_certifier(const struct import_row *row, enum upsert *done, struct err *err)
{
	return take_right(row, RIGHT_CERTIFIER, done, err);
}

static int take_partner(const struct import_row *row, enum upsert *done, struct err *err)
{
	return take_right(row, RIGHT_PARTNER, done, err);
}

const struct import_format import_certifiers = {
	.kinds = {"certifications", "partners"},
	.name = "Certificateurs",
	.key = RIGHT_FICHE,
	.independent_rows = 1,
	.columns = {[RIGHT_FICHE] = {"Numero_Fiche", 0},
		    [RIGHT_SIRET] = {"Siret_Certificateur", 0},
		    [RIGHT_NAME] = {"Nom_Certificateur", 0}},
	.row = take_certifier,
};

const struct import_format import_partners = {
	.kinds = {"partners", "certifications"},
	.name = "Partenaires",
	.key = RIGHT_FICHE,
	.independent_rows = 1,
	.columns = {[RIGHT_FICHE] = {"Numero_Fiche", 0},
		    [RIGHT_SIRET] = {"Siret_Partenaire", 0},
		    [RIGHT_NAME] = {"Nom_Partenaire", 0},
		    [RIGHT_HABILITATION] = {"Habilitation_Partenaire", 0}},
	.row = take_partner,
};
