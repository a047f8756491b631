/*
 * The public list of training organisations: 31 columns, of which these matter
 * here.
 */
#include "ledger/base/check.h"
#include "ledger/intake/column.h"
#include "ledger/registers/provider.h"

enum { NDA, NAME, SIREN, SIRET, POSTCODE, CITY, REGION, TRAINING, ASSESSMENT, VAE, APPRENTICESHIP };

static int take(const struct import_row *row, enum upsert *done, struct err *err)
{
	static const int column[ACTION_ACCREDITED__MAX] = {[ACTION_TRAINING] = TRAINING,
							   [ACTION_ASSESSMENT] = ASSESSMENT,
							   [ACTION_VAE] = VAE,
							   [ACTION_APPRENTICESHIP] = APPRENTICESHIP};
	struct provider p = {0};
	char nda[CODE_MAX + 1];

	if (column_code(row, NDA, REQUIRED, nda, err) == 0 && !check_nda(nda))
		column_invalid(row, NDA, "is not a declaration number: eleven digits (2A or 2B for Corsica)",
			       err);
	/* Foreign organisations declare without a SIRET: no course of theirs can be bought here. */
	if (row->cell[SIRET][0] == '\0')
		return column_sound(err) ? 1 : -1;
	for (size_t i = 0; i < sizeof p.nda; i++)
		p.nda[i] = nda[i];
	column_siren_siret(row, SIREN, SIRET, p.siren, p.siret, err);
	column_text_cut(row, NAME, REQUIRED, p.name, sizeof p.name, err);
	column_text_cut(row, POSTCODE, OPTIONAL, p.postcode, sizeof p.postcode, err);
	column_text_cut(row, CITY, OPTIONAL, p.city, sizeof p.city, err);
	column_word(row, REGION, OPTIONAL, p.region, err);
	for (int a = ACTION_TRAINING; a < ACTION_ACCREDITED__MAX; a++)
		column_bool(row, column[a], OPTIONAL, &p.certified[a], err);
	return column_sound(err) ? provider_upsert(row->tx, &p, row->published_on, done, err) : -1;
}

const struct import_format import_providers = {
	.kinds = {"providers"},
	.name = "public list of training organisations",
	.key = NDA,
	.unique = 1,
	.independent_rows = 1,
	.columns = {[NDA] = {"numeroDeclarationActivite", 0},
		    [NAME] = {"denomination", 0},
		    [SIREN] = {"siren", 0},
		    [SIRET] = {"siretEtablissementDeclarant", 0},
		    [POSTCODE] = {"adressePhysiqueOrganismeFormation.codePostal", 0},
		    [CITY] = {"adressePhysiqueOrganismeFormation.ville", 0},
		    [REGION] = {"adressePhysiqueOrganismeFormation.codeRegion", 0},
		    [TRAINING] = {"certifications.actionsDeFormation", 0},
		    [ASSESSMENT] = {"certifications.bilansDeCompetences", 0},
		    [VAE] = {"certifications.VAE", 0},
		    [APPRENTICESHIP] = {"certifications.actionsDeFormationParApprentissage", 0}},
	.row = take,
};
