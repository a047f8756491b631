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

	column_certification(row, FICHE, c.code, err);
	column_text_cut(row, TITLE, REQUIRED, c.title, sizeof c.title, err);
	column_word(row, LEVEL, OPTIONAL, c.level, err);
	column_day_french(row, ENDS, OPTIONAL, &c.ends_on, err);
	column_day_french(row, EFFECT, OPTIONAL, &c.effect_on, err);
	c.active = strcmp(row->cell[ACTIVE], "ACTIVE") == 0;
	if (!c.active && strcmp(row->cell[ACTIVE], "INACTIVE") != 0)
		column_invalid(row, ACTIVE, "is neither ACTIVE nor INACTIVE", err);
	return column_sound(err) ? certification_upsert(row->tx, &c, row->published_on, done, err) : -1;
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

	column_certification(row, RIGHT_FICHE, r.certification, err);
	if (row->cell[RIGHT_SIRET][0] == '\0')
		return column_sound(err) ? 1 : -1;
	column_siret(row, RIGHT_SIRET, REQUIRED, r.siret, err);
	column_text_cut(row, RIGHT_NAME, OPTIONAL, r.name, sizeof r.name, err);
	if (kind == RIGHT_PARTNER)
		column_code(row, RIGHT_HABILITATION, OPTIONAL, r.habilitation, err);
	return column_sound(err) ? training_right_upsert(row->tx, &r, done, err) : -1;
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
