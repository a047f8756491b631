#include "ledger/rules/words.h"

#include <string.h>

static const char *const action_names[ACTION__MAX] = {
	[ACTION_TRAINING] = "training",
	[ACTION_ASSESSMENT] = "skills_assessment",
	[ACTION_VAE] = "vae",
	[ACTION_APPRENTICESHIP] = "apprenticeship",
	[ACTION_LIGHT_LICENCE] = "light_vehicle_licence",
	[ACTION_HEAVY_LICENCE] = "heavy_vehicle_licence",
};

const char *action_type_name(enum action_type action)
{
	return action_names[action];
}

int action_type_find(const char *name, enum action_type *out)
{
	for (int a = ACTION_TRAINING; a < ACTION__MAX; a++) {
		if (strcmp(action_names[a], name) == 0) {
			*out = (enum action_type)a;
			return 0;
		}
	}
	return -1;
}

enum action_type action_accreditation(enum action_type action)
{
	return action == ACTION_LIGHT_LICENCE || action == ACTION_HEAVY_LICENCE ? ACTION_TRAINING : action;
}

int action_untitled(enum action_type action)
{
	return action == ACTION_ASSESSMENT || action == ACTION_LIGHT_LICENCE ||
	       action == ACTION_HEAVY_LICENCE;
}
