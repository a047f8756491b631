/*
 * The files of the sample scheme.  The registers have the very form of the
 * public ones: `;`, CRLF, a TAB before SIRETs, 31 columns.  Organisations, people
 * and IBANs are invented; the numbers pass their checks.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "api/demo/demo.h"
#include "ledger/base/embed.h"

#define SAMPLES "ledger/rules/samples/"

static const char organisations[] =
	"code;name;roles;siret;iban\n"
	"FC;Sample national authority;funder;;\n"
	"FUND-OPERATOR;Sample fund operator;operator|controller|authoriser|accountant;;\n"
	"PORTAL;Sample learners' portal;portal;;\n"
	"OPCO-M;Sample branch body, metal;funder;;\n"
	"ACME;Acme Works;funder;99900066400014;\n"
	"REGION-BZH;Sample region;funder;;\n"
	"99900011000018;Institut Armor du Numerique;provider;99900011000018;FR7699999000010000000010106\n"
	"99900022700010;Ateliers de la Loire;provider;99900022700010;FR7699999000010000000020291\n";

#define STANDARD_HEADER                                                                                            \
	"\"Id_Fiche\";\"Numero_Fiche\";\"Intitule\";\"Abrege_Libelle\";\"Abrege_Intitule\";\"Nomenclature_Europe_" \
	"Niveau\";\"Nomenclature_Europe_Intitule\";\"Accessible_Nouvelle_Caledonie\";\"Accessible_Polynesie_"      \
	"Francaise\";\"Date_dernier_jo\";\"Date_Decision\";\"Date_Fin_Enregistrement\";\"Date_Effet\";\"Type_"     \
	"Enregistrement\";\"Validation_Partielle\";\"Actif\"\r\n"

static const char certifications[] = STANDARD_HEADER
	"\"37674\";\"RNCP37674\";\"Développeur web\net web mobile\";;;\"NIV5\";\"Niveau "
	"5\";\"Non\";\"Non\";;;\"01/09/2028\";\"01/09/2023\";\"Enregistrement sur demande\";;\"ACTIVE\"\r\n"
	"\"35191\";\"RNCP35191\";\"Soudeur industriel\";;;\"NIV3\";\"Niveau "
	"3\";\"Non\";\"Non\";;;\"31/12/2027\";\"01/01/2023\";\"Enregistrement sur demande\";;\"ACTIVE\"\r\n"
	"\"6151\";\"RS6151\";\"Test d'anglais \"\"professionnel\"\"\";;;;;\"Non\";\"Non\";;;\"23/11/2027\";\"23/11/"
	"2022\";\"Enregistrement sur demande\";;\"ACTIVE\"\r\n";

static const char certifiers[] = "\"Numero_Fiche\";\"Siret_Certificateur\";\"Nom_Certificateur\"\r\n"
				 "\"RNCP37674\";\"\t99900011000018\";\"INSTITUT ARMOR DU NUMERIQUE\"\r\n"
				 "\"RNCP35191\";\"\t99900044100017\";\"UNION DES METIERS DU METAL\"\r\n"
				 "\"RS6151\";\"\t99900055700010\";\"BUREAU DES LANGUES\"\r\n";

static const char partners[] =
	"\"Numero_Fiche\";\"Nom_Partenaire\";\"Siret_Partenaire\";\"Habilitation_Partenaire\"\r\n"
	"\"RNCP35191\";\"INSTITUT ARMOR\";\"\t99900011000018\";\"HABILITATION_FORMER\"\r\n"
	"\"RNCP37674\";\"ATELIERS DE LA LOIRE\";\"\t99900022700010\";\"HABILITATION_FORMER\"\r\n"
	"\"RS6151\";\"ATELIERS DE LA LOIRE\";\"\t99900022700010\";\"HABILITATION_ORGA_FORM\"\r\n"
	"\"RS6151\";\"FORMATIONS EXPRESS\";\"\t99900033400014\";\"HABILITATION_ORGA_FORM\"\r\n";

#define PUBLIC_LIST_HEADER                                                                                           \
	"numeroDeclarationActivite;numerosDeclarationActivitePrecedent;denomination;siren;"                          \
	"siretEtablissementDeclarant;adressePhysiqueOrganismeFormation.voie;"                                        \
	"adressePhysiqueOrganismeFormation.codePostal;adressePhysiqueOrganismeFormation.ville;"                      \
	"adressePhysiqueOrganismeFormation.codeRegion;certifications.actionsDeFormation;"                            \
	"certifications.bilansDeCompetences;certifications.VAE;certifications.actionsDeFormationParApprentissage;"   \
	"organismeEtrangerRepresente.denomination;organismeEtrangerRepresente.voie;"                                 \
	"organismeEtrangerRepresente.codePostal;organismeEtrangerRepresente.ville;organismeEtrangerRepresente.pays;" \
	"informationsDeclarees.dateDerniereDeclaration;informationsDeclarees.debutExercice;"                         \
	"informationsDeclarees.finExercice;informationsDeclarees.specialitesDeFormation.codeSpecialite1;"            \
	"informationsDeclarees.specialitesDeFormation.libelleSpecialite1;"                                           \
	"informationsDeclarees.specialitesDeFormation.codeSpecialite2;"                                              \
	"informationsDeclarees.specialitesDeFormation.libelleSpecialite2;"                                           \
	"informationsDeclarees.specialitesDeFormation.codeSpecialite3;"                                              \
	"informationsDeclarees.specialitesDeFormation.libelleSpecialite3;informationsDeclarees.nbStagiaires;"        \
	"informationsDeclarees.nbStagiairesConfiesParUnAutreOF;informationsDeclarees.effectifFormateurs;\r\n"

/* Formations Express is on the list, but certified for nothing. */
static const char providers[] = PUBLIC_LIST_HEADER
	"53350000135;;INSTITUT ARMOR DU NUMERIQUE;999000110;99900011000018;1 rue du Port;35000;Rennes;53;true;false;false;"
	"false;;;;;;31/05/2025;01/01/2024;31/12/2024;326;Informatique;;;;;420;0;18;\r\n"
	"52440000244;;ATELIERS DE LA LOIRE;999000227;99900022700010;9 quai Est;44000;Nantes;52;true;true;false;false;;;;;;"
	"30/04/2025;01/01/2024;31/12/2024;136;Langues;;;;;160;0;7;\r\n"
	"11750000353;;FORMATIONS EXPRESS;999000334;99900033400014;3 rue du Vent;75010;Paris;11;false;false;false;false;;;;;"
	";12/05/2025;01/01/2024;31/12/2024;136;Langues;;;;;9;0;1;\r\n";

static const char courses[] =
	"course;provider_siret;certification;action_type;title;price_eur;hours;days;region;open_from;open_to\n"
	"ARMOR-WEB;99900011000018;RNCP37674;training;Web development, one block;1500.00;70;10;53;2026-01-01;2026-12-31\n"
	"ARMOR-WELD;99900011000018;RNCP35191;training;Industrial welder;6300.00;400;80;53;2026-01-01;2026-12-31\n"
	"ARMOR-LONG;99900011000018;RNCP37674;training;Web developer, whole title;4000.00;600;180;53;2026-01-01;2026-12-31\n"
	"LOIRE-ENGLISH;99900022700010;RS6151;training;English at work;800.00;40;20;52;2026-01-01;2026-12-31\n"
	"LOIRE-WEB;99900022700010;RNCP37674;training;Web pages for beginners;1000.00;50;10;52;2026-01-01;2026-12-31\n"
	"EXPRESS-ENGLISH;99900033400014;RS6151;training;English in three days;600.00;21;3;11;2026-01-01;2026-12-31\n";

static const char learners[] =
	"learner;programme;work_pct;low_qualified;status;sex;age_band;qualification;region;active_from\n"
	"L-001;cpf;100;0;employee;F;25-34;niv5;53;2015-01-01\n"
	"L-002;cpf;100;0;employee;M;35-44;niv3;53;2015-01-01\n"
	"L-003;cpf;60;0;employee;F;45-54;niv4;52;2015-01-01\n"
	"L-004;cpf;100;0;employee;M;25-34;niv5;52;2015-01-01\n"
	"L-005;cpf;40;0;employee;F;35-44;niv6;53;2015-01-01\n"
	"L-006;cpf;100;1;employee;M;55-64;niv3;52;2015-01-01\n"
	"L-007;cpf;100;0;job_seeker;F;25-34;niv4;53;2015-01-01\n"
	"B-001;region-bzh;100;0;employee;F;25-34;niv4;53;2026-01-01\n";

static const char contributions[] =
	"reference;kind;fund;amount_eur;value_date;call\n"
	"FC-2026-01;payment;cpf-law;20000.00;2026-01-05;\n"
	"OPCO-M-CALL-1;call;branch-metal-2026;8000.00;2026-01-05;\n"
	"OPCO-M-RECEIPT-1;receipt;branch-metal-2026;5000.00;2026-01-05;OPCO-M-CALL-1\n"
	"BZH-2026-01;payment;region-bzh-2026;1000.00;2026-01-05;\n";

static const char topups[] = "reference;learner;fund;amount_eur;earmark_kind;earmark;expires_on\n"
			     "OPCO-M-L002;L-002;branch-metal-2026;600.00;certification;RNCP35191;\n";

/* For trials: the roles that have no part in the story. */
static const char offices[] = "code;name;roles;siret;iban\n"
			      "QUALITY;Sample quality agency;quality;;\n"
			      "AWARDER;Sample awarding body;awarder;;\n"
			      "AUDIT;Sample court of auditors;auditor;;\n"
			      "UNION-METAL;Sample metal workers' union;union;;\n";

/* The second line has a SIRET with a wrong digit, the third no name. */
static const char bad_organisations[] = "code;name;roles;siret;iban\n"
					"GOOD;A good row;funder;;\n"
					"BAD-SIRET;One digit wrong;funder;99900011000019;\n"
					"NO-NAME;;funder;;\n";

static void write_file(struct demo *d, const char *name, const char *text)
{
	char path[DEMO_PATH_MAX];
	FILE *f;
	int failed;

	if (d->failed)
		return;
	f = fopen(demo_path(d, name, path), "we");
	failed = f == NULL || fputs(text, f) < 0;
	if (f != NULL)
		failed |= fclose(f) != 0;
	if (failed)
		demo_fail(d, "cannot write %s: %s", path, strerror(errno));
}

/* The sample programmes are part of the binary. */
static void write_programmes(struct demo *d)
{
	char name[DEMO_PATH_MAX];
	size_t prefix = sizeof SAMPLES - 1;

	for (const struct embedded *e = embedded_files; e->name != NULL; e++) {
		if (strncmp(e->name, SAMPLES, prefix) != 0 || strstr(e->name, ".json") == NULL)
			continue;
		snprintf(name, sizeof name, "in/%s", e->name + prefix);
		write_file(d, name, e->text);
	}
}

void demo_files(struct demo *d)
{
	char path[DEMO_PATH_MAX];

	if (!d->failed && mkdir(demo_path(d, "in", path), 0777) != 0)
		demo_fail(d, "cannot make %s: %s", path, strerror(errno));
	write_file(d, "in/organisations.csv", organisations);
	write_file(d, "in/certifications.csv", certifications);
	write_file(d, "in/certifiers.csv", certifiers);
	write_file(d, "in/partners.csv", partners);
	write_file(d, "in/providers.csv", providers);
	write_file(d, "in/courses.csv", courses);
	write_file(d, "in/learners.csv", learners);
	write_file(d, "in/contributions.csv", contributions);
	write_file(d, "in/topups.csv", topups);
	write_file(d, "in/offices.csv", offices);
	write_file(d, "in/bad.csv", bad_organisations);
	write_programmes(d);
}
