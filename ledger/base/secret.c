#include "ledger/base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".key"

/* The text that the check value is a code of.  It must never change. */
static const char label[] = "ila master secret, check value 1";

static int is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* By the ledger's own name: what follows the '#' of an address, or the file's without its folder. */
static void in_folder(const char *folder, const char *url, char *out, size_t size)
{
	int server = strstr(url, "://") != NULL;
	const char *mark = strrchr(url, server ? '#' : '/');

	snprintf(out, size, "%s/%s.secret", folder, mark != NULL ? mark + 1 : server ? "ila" : url);
}

char *secret_place(const char *url, char *out, size_t size)
{
	const char *named = getenv("ILA_SECRET_FILE"), *credentials = getenv("CREDENTIALS_DIRECTORY");

	if (named != NULL && named[0] != '\0') {
		if (is_folder(named))
			in_folder(named, url, out, size);
		else
			snprintf(out, size, "%s", named);
		return out;
	}
	if (credentials != NULL) {
		snprintf(out, size, "%s/ila.secret", credentials);
		if (access(out, F_OK) == 0)
			return out;
	}
	snprintf(out, size, "%s" SUFFIX, url);
	return strstr(url, "://") == NULL ? out : NULL;
}

static int no_place(struct err *err)
{
	return err_set(
		err, ERR_USAGE, NULL,
		"A ledger on a server needs a place for its master secret: name a file in $ILA_SECRET_FILE, the same "
		"on every node.");
}

/* A core file would hold the secret, and the codes made with it. */
static void leave_no_core(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_CORE, &limit) == 0) {
		limit.rlim_cur = 0;
		(void)setrlimit(RLIMIT_CORE, &limit);
	}
	/* Where a program is asked to take the core, the limit does not count. */
	(void)prctl(PR_SET_DUMPABLE, 0);
}

static int write_new(const char *name, struct env *env, unsigned char secret[MASTER_BYTES], struct err *err)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), rc = -1;

	if (fd < 0)
		return err_set(err, errno == EEXIST ? ERR_EXISTS : ERR_STORAGE, NULL, "Cannot create %s: %s.",
			       name, strerror(errno));
	if (env->random(env, secret, MASTER_BYTES) != 0 || write(fd, secret, MASTER_BYTES) != MASTER_BYTES ||
	    fsync(fd) != 0)
		err_set(err, errno == ENOSPC ? ERR_STORAGE_FULL : ERR_STORAGE, NULL, "Cannot write %s: %s.",
			name, strerror(errno));
	else
		rc = 0;
	close(fd);
	if (rc != 0)
		unlink(name);
	return rc;
}

int secret_make(const char *url, struct env *env, unsigned char secret[MASTER_BYTES], int *made,
		struct err *err)
{
	char name[PATH_MAX], beside[PATH_MAX];

	leave_no_core();
	*made = 0;
	if (secret_place(url, name, sizeof name) == NULL)
		return no_place(err);
	snprintf(beside, sizeof beside, "%s" SUFFIX, url);
	if (strcmp(name, beside) != 0 && access(name, F_OK) == 0)
		return secret_read(url, "", secret, err);
	if (write_new(name, env, secret, err) != 0)
		return -1;
	*made = 1;
	return 0;
}

void secret_remove(const char *url)
{
	char name[PATH_MAX];

	if (secret_place(url, name, sizeof name) != NULL)
		unlink(name);
}

char *secret_check(const unsigned char secret[MASTER_BYTES], char out[SHA256_HEX])
{
	unsigned char code[SHA256_BYTES];

	hmac_sha256(secret, MASTER_BYTES, label, sizeof label - 1, code);
	return sha256_hex(code, out);
}

/* Bytes read, MASTER_BYTES when it is whole; -1 with errno. */
static ssize_t read_file(const char *name, unsigned char secret[MASTER_BYTES])
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, secret, MASTER_BYTES);
	close(fd);
	return n;
}

static int is_right(const unsigned char secret[MASTER_BYTES], const char *check)
{
	char own[SHA256_HEX];

	return strcmp(secret_check(secret, own), check) == 0;
}

int secret_read(const char *url, const char *check, unsigned char secret[MASTER_BYTES], struct err *err)
{
	char name[PATH_MAX];
	ssize_t n;

	leave_no_core();
	if (secret_place(url, name, sizeof name) == NULL)
		return no_place(err);
	n = read_file(name, secret);
	if (n != MASTER_BYTES)
		return err_set(
			err, ERR_NO_LEDGER, NULL,
			"The ledger's secret %s cannot be read (%s). Put the file back from its backup: without it "
			"voucher codes cannot be checked.",
			name, n < 0 ? strerror(errno) : "it is too short");
	if (check[0] == '\0' || is_right(secret, check))
		return 0;
	return err_set(
		err, ERR_SECRET_WRONG, NULL,
		"%s is not the secret this ledger was made with: every voucher code given out would be "
		"refused, and those given out now would be lost. Put the right file back from its backup.",
		name);
}

enum secret_state secret_look(const char *url, const char *check)
{
	unsigned char secret[MASTER_BYTES];
	char name[PATH_MAX];
	ssize_t n;

	leave_no_core();
	n = secret_place(url, name, sizeof name) != NULL ? read_file(name, secret) : -1;
	if (n < 0)
		return SECRET_MISSING;
	if (n == MASTER_BYTES && check[0] == '\0')
		return SECRET_UNCHECKED;
	return n == MASTER_BYTES && is_right(secret, check) ? SECRET_RIGHT : SECRET_WRONG;
}
