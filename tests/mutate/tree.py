"""
Copies of the source tree to build and break in, and one run of a test program there.
The tree itself is only read.
"""
import hashlib
import os
import resource
import selectors
import shutil
import signal
import subprocess
import tempfile
import time

WORKERS = 2
MEMORY, FILE = 12 << 30, 8 << 30  # what a change that runs wild may take

_files = None


def files():
    """What git knows or would add."""
    global _files
    if _files is None:
        out = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard"], check=True, stdout=subprocess.PIPE)
        _files = sorted(f for f in out.stdout.decode().split("\0") if f and os.path.isfile(f))
    return _files


def state():
    """A digest of all that decides which line is reached."""
    h = hashlib.sha256()
    for f in files():
        if not f.startswith("tests/mutate/") and not f.endswith(".md"):
            with open(f, "rb") as x:
                h.update(f.encode() + b"\0" + hashlib.sha256(x.read()).digest())
    return h.hexdigest()


def copy(folder):
    """Makes folder hold the files of the tree; what is the same keeps its date, and so its object."""
    wanted = set(files())
    for root, folders, names in os.walk(folder):
        if root == folder:
            folders[:] = [d for d in folders if d not in ("build", "counts")]
        for name in names:
            path = os.path.join(root, name)
            if os.path.relpath(path, folder) not in wanted:
                os.unlink(path)
    for f in wanted:
        to = os.path.join(folder, f)
        with open(f, "rb") as a:
            text = a.read()
        if os.path.exists(to):
            with open(to, "rb") as b:
                if b.read() == text:
                    continue
        os.makedirs(os.path.dirname(to), exist_ok=True)
        with open(to, "wb") as b:
            b.write(text)
        shutil.copymode(f, to)


def make(folder, cc, *words):
    """Builds everything there; a build that fails is shown."""
    run = subprocess.run(["make", "-s", f"-j{WORKERS}", "CC=" + cc, "RPATH=", "WARN=-w", *words, "tests"], cwd=folder,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean())
    if run.returncode != 0:
        raise SystemExit(run.stdout.decode()[-4000:] + f"\nThe build in {folder} failed.")


def clean():
    """The environment without what the make above says to a make below."""
    return {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")}


def tests(folder):
    """The names of the test programs, as tests/run.sh takes them."""
    base = os.path.join(folder, "build", "tests")
    out = []
    for root, _, names in os.walk(base):
        for n in names:
            path = os.path.join(root, n)
            name = os.path.relpath(path, base)
            if os.access(path, os.X_OK) and os.path.isfile(os.path.join(folder, "tests", name + ".c")) and \
                    not name.startswith(("bench/", "tidy/", "lib/")) and name != "replay/replay":
                out.append(name)
    return sorted(out)


def limits():
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, FILE), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))


def scratch():
    """Where the temporary files of a run go: memory, where there is some."""
    return tempfile.mkdtemp(prefix="ila-mutate-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)


def run_test(folder, name, seconds, env=None, whole=False):
    """Runs one test program: "" when it passes, else what happened.  It is stopped at its first failure,
    unless the whole is wanted, and with all that it started when its time is over."""
    build, place = os.path.join(folder, "build"), scratch()
    words = clean() | {"ILA_BIN": os.path.join(build, "ila"), "CMOCKA_MESSAGE_OUTPUT": "TAP",
                       "LD_LIBRARY_PATH": build, "TMPDIR": place, "ILA_TEST_DIR": place} | (env or {})
    words["ILA_SHARED"] = os.path.abspath(os.environ.get("ILA_SHARED", "../shared"))
    program = subprocess.Popen([os.path.join(build, "tests", name)], cwd=folder, env=words,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               start_new_session=True, preexec_fn=limits)
    try:
        return follow(program, seconds, whole)
    finally:
        try:
            os.killpg(program.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        program.stdout.close()
        program.wait()
        shutil.rmtree(place, ignore_errors=True)


def follow(program, seconds, whole):
    end, text, fails, at = time.monotonic() + seconds, b"", "", 0
    with selectors.DefaultSelector() as wait:
        wait.register(program.stdout, selectors.EVENT_READ)
        while True:
            left = end - time.monotonic()
            if left <= 0:
                return f"no end after {seconds:.0f} s"
            if not wait.select(min(left, 1)):
                if program.poll() is None:
                    continue
            got = os.read(program.stdout.fileno(), 65536)
            if not got:
                break
            text += got
            *lines, text = (text).split(b"\n")
            for line in lines:
                at += line.startswith(b"ok ")
                if line.startswith(b"not ok ") and b"# SKIP" not in line and not fails:
                    fails = line.decode(errors="replace")[len("not ok "):].split(" - ", 1)[-1]
                    if not whole:
                        return fails
    status = program.wait()
    if fails:
        return fails
    return "" if status == 0 and at > 0 else f"exit {status}"
