/*
 * The configuration of the program: settings.def says what can be set.  In this order of strength:
 *
 *	an option            --per-address 4096
 *	the environment      ILA_PER_ADDRESS=4096
 *	the file             per-address = 4096, in [serve]
 *	the fallback         of settings.def
 *
 * The file is the one that --config names, else $ILA_CONFIG, else CONFIG_FILE where there is one; an
 * empty name is none.  A section, key or value that is not known is refused with its line, so that a slip is
 * noticed at the start and not in the night.
 *
 * A value is held against its type when it is taken, whatever its source.  Whoever needs more of
 * it refuses it by config_where(), which names the source.
 *
 * One configuration belongs to the process.  It is filled before any thread is started, and does not
 * change but by config_reload().
 */
#ifndef ILA_API_CONFIG_CONFIG_H
#define ILA_API_CONFIG_CONFIG_H

#include <getopt.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ledger/base/err.h"
#include "ledger/base/limits.h"

#define CONFIG_FILE      "/etc/ila/ila.ini"
#define CONFIG_LIST_MAX  32
#define CONFIG_WHERE_MAX 1200

enum config_section { CONFIG_ILA, CONFIG_SERVE, CONFIG_SECTIONS };
enum config_type {
	CONFIG_TEXT,
	CONFIG_FILE_NAME,
	CONFIG_URL,
	CONFIG_WORD,
	CONFIG_NUMBER,
	CONFIG_SWITCH,
	CONFIG_LIST,
	CONFIG_SECRET
};
enum config_source { CONFIG_FALLBACK, CONFIG_IN_FILE, CONFIG_IN_ENVIRONMENT, CONFIG_BY_OPTION };

enum config_id {
#define SETTING(id, section, type, name, takes, fallback, min, max, help) CONFIG_OF_##id,
#include "api/config/settings.def"
#undef SETTING
	CONFIG_COUNT
};

struct setting {
	enum config_section section;
	enum config_type type;
	const char *name, *takes, *fallback;
	int64_t min, max;
	const char *help;
};

/* config_setting(id): its row; config_section_name: "ila", "serve". */
const struct setting *config_setting(enum config_id);
const char *config_section_name(enum config_section);

/*
 * config_option(section, options, n): the options of a section for getopt_long(), their val CONFIG_OPTION +
 * id, behind the n that are there; how many there are then.  options has room for CONFIG_COUNT + n + 1.
 * config_take(id, text, err): what one of them said.  USAGE.
 */
#define CONFIG_OPTION 1000
size_t config_options(enum config_section, struct option *options, size_t n);
int config_take(enum config_id, const char *text, struct err *);

/* config_load(named, err): the environment and the file; named: by --config, NULL not.  USAGE. */
int config_load(const char *named, struct err *);

/* config_reload(err): the file once more, of which the level of the log counts from now on, the rest at the
 * next start.  Refused it changes nothing. */
int config_reload(struct err *);

/* What is set.  config_text: "" nothing; of a list the first.  config_list: the i-th, NULL past the last. */
const char *config_text(enum config_id);
int64_t config_number(enum config_id);
int config_on(enum config_id);
const char *config_list(enum config_id, size_t i);

/*
 * config_source(id); config_where(id, out): "--listen", "$ILA_LISTEN", "listen in FILE:LINE", "the fallback
 * of listen".  config_variable(id, out): "ILA_LISTEN".  They return out.
 */
enum config_source config_source(enum config_id);
char *config_where(enum config_id, char out[CONFIG_WHERE_MAX]);
#define CONFIG_VARIABLE_MAX 64
char *config_variable(enum config_id, char out[CONFIG_VARIABLE_MAX]);

/* config_forget(): neither file nor environment counts for the programs that this one starts. */
void config_forget(void);

/* For `ila config`, for help, and the file that the package brings: everything set, with its source; the
 * lines of a section's options; the words of a usage line; a file in which all is set as it is anyway. */
void config_print(FILE *);
void config_print_help(FILE *, enum config_section);
void config_print_usage(FILE *, enum config_section);
void config_print_sample(FILE *);

#endif
