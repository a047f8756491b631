/*
 * Runs the program under test, $ILA_BIN, as a user would: exit status, stdout,
 * stderr.  Asserts (cmocka) what is about the test itself, such as a missing
 * $ILA_BIN, and what holds for every run: a refused command that writes says
 * once what it left as it was, and one that reads says nothing of it.
 */
#ifndef ILA_TESTS_LIB_PROGRAM_H
#define ILA_TESTS_LIB_PROGRAM_H

#include <stddef.h>
#include <sys/types.h>

#define PROGRAM_OUTPUT_MAX  131072
#define PROGRAM_ADDRESS_MAX 128

struct program_run {
	int status; /* exit status; 128 + signal when it was killed */
	char out[PROGRAM_OUTPUT_MAX];
	char errors[PROGRAM_OUTPUT_MAX];
};

/*
 * program_run(run, args): run ILA_BIN with these words (NULL ends), without $ILA_DB and $ILA_KEY, and wait.
 */
void program_run(struct program_run *, const char *const *args);
/* program_run_as: the same with $ILA_KEY set; NULL: without. */
void program_run_as(struct program_run *, const char *key, const char *const *args);
#define ILA(run, ...) program_run(run, (const char *const[]){__VA_ARGS__, NULL})

/* program_effects(text): how many sentences of what a refusal left (err_effect_text) stand in it. */
int program_effects(const char *text);

/* program_start(args): runs on, its output is lost; program_wait: its exit status, as above. */
pid_t program_start(const char *const *args);
int program_wait(pid_t);

/* program_shell(said, size, format, ...): a line of shell; what it prints, as far as there is room.  Its
 * status, as of wait(): 0 when all went well. */
int program_shell(char *said, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* program_folder(out, size): a fresh temporary folder.  program_remove deletes it with all it holds. */
void program_folder(char *out, size_t size);
void program_remove(const char *folder);

/* program_write(path, text): a file of that text. */
void program_write(const char *path, const char *text);

/* program_serve(db, address): "ila --db DB serve" on a free port; program_stop sends SIGTERM and gives its
 * exit status. */
pid_t program_serve(const char *db, char address[PROGRAM_ADDRESS_MAX]);
pid_t program_serve_with(const char *db, const char *const *options, char address[PROGRAM_ADDRESS_MAX]);
int program_stop(pid_t);

#endif
