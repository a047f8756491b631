/*
 * The package: built twice it is the same, holds what it should, runs from where it is put; and what
 * it brings for other programs passes their own checks, where these are installed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/cli/cli.h"
#include "tests/lib/place.h"

#define SCRIPT_MAX 4096
#define SAID_MAX   131072
#define SKIPPED    77 /* exit status of a script that finds nothing to try it on */

static char folder[PLACE_PATH / 2];
static char said[SAID_MAX];

/* The status of a script of the shell; what it said is in said. */
__attribute__((format(printf, 1, 2))) static int sh(const char *fmt, ...)
{
	char script[SCRIPT_MAX];
	va_list ap;
	int n;

	n = snprintf(script, sizeof script, "exec 2>&1; set -eu; cd %s; ILA=%s; HERE=%s/api/package\n",
		     folder, getenv("ILA_BIN"), getenv("PWD"));
	va_start(ap, fmt);
	vsnprintf(script + n, sizeof script - (size_t)n, fmt, ap);
	va_end(ap);
	return program_shell(said, sizeof said, "%s", script);
}

static void expect_good(int status)
{
	if (status != 0)
		fail_msg("%s", said);
}

/* The test is left out where one of the programs is not installed. */
static void needs(const char *program)
{
	if (sh("command -v %s", program) == 0)
		return;
	print_message("# %s is not installed\n", program);
	skip();
}

static int build(void **state)
{
	(void)state;
	program_folder(folder, sizeof folder);
	setenv("ILA_CONFIG", "", 1);
	if (sh("command -v dpkg-deb && command -v dpkg-shlibdeps") != 0)
		return 0;
	if (sh("cd $HERE/../..; sh $HERE/deb.sh $ILA %s/one && mkdir %s/root && dpkg-deb -x %s/one/*.deb %s/root",
	       folder, folder, folder, folder) != 0)
		print_message("%s", said);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	program_remove(folder);
	return 0;
}

static void the_same_program_makes_the_same_package(void **state)
{
	(void)state;
	needs("dpkg-shlibdeps");
	expect_good(sh("cd $HERE/../..; TMPDIR=%s sh $HERE/deb.sh $ILA %s/two; cmp %s/one/*.deb %s/two/*.deb",
		       folder, folder, folder, folder));
}

static void it_holds_what_a_machine_needs_and_says_what_it_depends_on(void **state)
{
	static const char *const holds[] = {
		"./usr/bin/ila",
		"./usr/share/man/man1/ila.1.gz",
		"./usr/share/bash-completion/completions/ila",
		"./usr/share/zsh/vendor-completions/_ila",
		"./lib/systemd/system/ila.service",
		"./usr/lib/sysusers.d/ila.conf",
		"./usr/lib/tmpfiles.d/ila.conf",
		"./etc/ila/ila.ini",
		"./usr/share/doc/ila/guide/operator.",
		"./usr/share/doc/ila/examples/nginx.conf",
		"./usr/share/doc/ila/examples/haproxy.cfg",
		"./usr/share/doc/ila/changelog.gz",
		"./usr/share/ila/programmes/cpf-2026.json",
	};

	(void)state;
	needs("dpkg-shlibdeps");
	expect_good(sh("dpkg-deb -c one/*.deb"));
	for (size_t i = 0; i < sizeof holds / sizeof holds[0]; i++)
		expect_text(said, holds[i]);
	expect_good(sh("dpkg-deb -f one/*.deb"));
	expect_text(said, "Version: " ILA_VERSION "\n");
	expect_text(said, "libsqlite3-0");
	expect_text(said, "tzdata");
	expect_good(sh("dpkg-deb -I one/*.deb conffiles"));
	assert_string_equal(said, "/etc/ila/ila.ini\n");
	expect_good(sh("dpkg-deb -e one/*.deb control; cd root; md5sum --quiet -c ../control/md5sums"));
	expect_good(sh("for s in postinst prerm postrm; do sh -n control/$s; done"));
}

static void the_program_runs_from_where_it_is_put(void **state)
{
	(void)state;
	needs("dpkg-shlibdeps");
	expect_good(sh("export ILA_CONFIG=$PWD/root/etc/ila/ila.ini; root/usr/bin/ila config"));
	expect_text(said, "/var/lib/ila/ila.db");
	expect_text(said, "root/etc/ila/ila.ini:");
	expect_good(sh("export ILA_CONFIG=$PWD/root/etc/ila/ila.ini\n"
		       "root/usr/bin/ila --db first.db init --operators anna,ben\n"
		       "root/usr/bin/ila --db first.db serve --listen 127.0.0.1:0 > served 2> log & pid=$!\n"
		       "for i in $(seq 100); do grep -q listening served && break; sleep 0.1; done\n"
		       "root/usr/bin/ila --url $(sed -n 's/^listening on //p' served) health\n"
		       "kill $pid; wait $pid; root/usr/bin/ila --db first.db verify; rm first.db*"));
	expect_text(said, "status: ok");
	expect_text(said, "The ledger holds");
}

static void the_manual_tells_every_command_and_is_clean(void **state)
{
	(void)state;
	expect_good(sh("$ILA help --man > ila.1"));
	needs("man");
	/* man-db warns of what the formatter does not understand. */
	expect_good(sh(
		"MANWIDTH=120 LC_ALL=C.UTF-8 man -l --warnings ila.1 > page 2> complaints; cat complaints"));
	assert_string_equal(said, "");
	expect_good(sh("cat page"));
	for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
		expect_text(said, c->summary);
	expect_text(said, "voucher order LEARNER COURSE --session-start DATE");
	expect_text(said, "ILA_PER_ADDRESS");
	expect_text(said, "--per-address N");
}

static void a_shell_completes_commands_second_words_and_options(void **state)
{
	(void)state;
	needs("bash");
	expect_good(sh(
		"$ILA help --completion bash > words\n"
		"bash -c '. ./words\n"
		"ask() { COMP_WORDS=(ila \"$@\"); COMP_CWORD=$#; _ila_words; echo \"$*: ${COMPREPLY[*]}\"; }\n"
		"ask vou; ask voucher or; ask voucher order --session-s; ask --db x.db serve --per; ask ver; "
		"ask report --as'"));
	expect_text(said, "vou: voucher\n");
	expect_text(said, "voucher or: order\n");
	expect_text(said, "voucher order --session-s: --session-start\n");
	expect_text(said, "--db x.db serve --per: --per-address\n");
	expect_text(said, "ver: verify\n");
	expect_text(said, "report --as: --as-of\n");
	needs("zsh");
	/* In a shell of its own, as one types: the first and the second time. */
	expect_good(sh(
		"mkdir zsh; $ILA help --completion zsh > zsh/_ila; zsh -n zsh/_ila\n"
		"cat > type.zsh <<'END'\n"
		"zmodload zsh/zpty\n"
		"zpty it 'PS1= TERM=dumb zsh -f -i'\n"
		"zpty -w it 'fpath=('$PWD/zsh' $fpath); autoload -U compinit; compinit -D -u; bindkey \"^I\" "
		"complete-word; ila() { echo \"[$*]\" }'\n"
		"zpty -w -n it $'ila vou\\t ord\\t\\n'; zpty -w it exit\n"
		"for i in {1..50}; do zpty -r -t it line && print -rn -- $line; sleep 0.1; zpty -t it || break; done\n"
		"END\n"
		"zsh -f type.zsh"));
	expect_text(said, "[voucher order]");
}

static void the_unit_is_right_and_exposes_little(void **state)
{
	(void)state;
	needs("systemd-analyze");
	/* 1.5 of 10; a service without any of it is at 9.6. */
	expect_good(sh(
		"cp $HERE/ila.service .; systemd-analyze security --no-pager --offline=true --threshold=15 "
		"./ila.service"));
	expect_good(
		sh("sed -i \"s|/usr/bin/ila|$ILA|; /^Documentation/d\" ila.service; systemd-analyze verify "
		   "./ila.service"));
	assert_string_equal(said, "");
}

static void the_samples_for_proxies_pass_their_checks(void **state)
{
	(void)state;
	needs("openssl");
	expect_good(
		sh("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=ila -days 1 -keyout key -out cert; "
		   "cat cert key > pem"));
	needs("/usr/sbin/nginx");
	expect_good(sh(
		"sed \"s|/etc/ssl/certs.*pem|$PWD/cert|; s|/etc/ssl/private.*key|$PWD/key|\" $HERE/nginx.conf > "
		"site\n"
		"printf 'error_log stderr;pid %%s/pid;events {}\\nhttp { access_log off; include %%s/site; }\\n' "
		"$PWD $PWD > nginx.conf; /usr/sbin/nginx -t -p $PWD -c $PWD/nginx.conf"));
	expect_text(said, "test is successful");
	assert_null(strstr(said, "[warn]"));
	needs("/usr/sbin/haproxy");
	expect_good(sh("sed \"s|/etc/haproxy/ila.pem|$PWD/pem|\" $HERE/haproxy.cfg > haproxy.cfg\n"
		       "/usr/sbin/haproxy -c -f haproxy.cfg"));
	assert_null(strstr(said, "WARNING"));
}

/* The operator's page, pasted on a Debian that has never seen it. */
static void a_clean_machine_serves_a_first_scheme_by_the_operators_page(void **state)
{
	int status;

	(void)state;
	if (getenv("ILA_SOAK") == NULL) {
		print_message("# only with ILA_SOAK=1\n");
		skip();
	}
	needs("dpkg-shlibdeps");
	status = sh("cd $HERE/../..; TMPDIR=/var/tmp sh tests/clean_machine.sh %s/one/*.deb", folder);
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED) {
		print_message("# %s", said);
		skip();
	}
	expect_good(status);
	expect_text(said, "ok: installed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_program_makes_the_same_package),
		cmocka_unit_test(it_holds_what_a_machine_needs_and_says_what_it_depends_on),
		cmocka_unit_test(the_program_runs_from_where_it_is_put),
		cmocka_unit_test(the_manual_tells_every_command_and_is_clean),
		cmocka_unit_test(a_shell_completes_commands_second_words_and_options),
		cmocka_unit_test(the_unit_is_right_and_exposes_little),
		cmocka_unit_test(the_samples_for_proxies_pass_their_checks),
		cmocka_unit_test(a_clean_machine_serves_a_first_scheme_by_the_operators_page),
	};

	return cmocka_run_group_tests_name("http/package", tests, build, clean);
}
