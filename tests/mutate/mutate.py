"""
Changes the product at N random places, one at a time, and runs the tests that reach
each: a change that no test notices is a line that no test holds in its place.

    make mutate [N=200] [SEED=1] [DIRS="ledger reports api/actions"] [AT=FILE[:LINE]]

Everything happens in copies under build-mutate/.  A change that does not compile, or
compiles to the very same code, is passed over and another one drawn.  A test that fails
is asked a second time, so that a loaded machine is not taken for a finding; one that
takes ten times its time, and half a minute more, has noticed as well.

What survives is either given a test, or explained in equivalent.txt.
"""
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict

import changes
import cover
import tree

TOP = "build-mutate"
EQUIVALENT = "tests/mutate/equivalent.txt"
said = threading.Lock()


def say(text):
    with said:
        print(text, flush=True)


def name_of(c):
    """What a change is known by: lines move, the text of a function stays."""
    return c.file, c.function, c.before, c.after


def equivalents(path):
    """{name: reason}.  A record is four lines: FILE FUNCTION, - BEFORE, + AFTER, and the reason (indented)."""
    known, record = {}, []
    with open(path, encoding="utf-8") as f:
        for line in [*f.read().split("\n"), ""]:
            if line.startswith("#"):
                continue
            if line.strip():
                record.append(line)
                continue
            if record:
                file, function = record[0].split()
                reason = " ".join(x.strip() for x in record[3:])
                if not (record[1].startswith("- ") and record[2].startswith("+ ") and reason):
                    raise SystemExit(f"{path}: a record is FILE FUNCTION, - BEFORE, + AFTER, reason: {record[0]}")
                known[(file, function, record[1][2:].strip(), record[2][2:].strip())] = reason
            record = []
    return known


def all_changes(dirs, at):
    found = []
    for f in tree.files():
        if f.endswith(".c") and any(f == d or f.startswith(d.rstrip("/") + "/") for d in dirs):
            with open(f, encoding="utf-8") as text:
                found += changes.changes_of(f, text.read())
    if at:
        file, _, line = at.partition(":")
        found = [c for c in found if c.file == file and (not line or c.line == int(line))]
    return found


def drawn(found, seed):
    """In an order that the seed gives and that an edit elsewhere leaves alone."""
    return sorted(found, key=lambda c: hashlib.sha256(repr((seed, name_of(c), c.nth)).encode()).digest())


class Queue:
    """Hands out changes until n of them were of use."""

    def __init__(self, order, n):
        self.order, self.wanted, self.at, self.under_way = order, n, 0, 0
        self.done, self.changed = [], threading.Condition()

    def take(self):
        with self.changed:
            while len(self.done) + self.under_way >= self.wanted and self.under_way > 0:
                self.changed.wait()
            if len(self.done) >= self.wanted or self.at >= len(self.order):
                return None
            self.at, self.under_way = self.at + 1, self.under_way + 1
            return self.order[self.at - 1]

    def give(self, result):
        with self.changed:
            self.under_way -= 1
            if result is not None:
                self.done.append(result)
            self.changed.notify_all()


class Place:
    """A copy in which changes are made, built and taken back."""

    def __init__(self, folder, words):
        self.folder, self.words = folder, words
        self.objects = []
        for room in ("ledger", "reports", "api"):
            for root, _, names in os.walk(os.path.join(folder, "build", room)):
                self.objects += [os.path.relpath(os.path.join(root, n), folder) for n in names if n.endswith(".o")]
        self.objects = sorted(o for o in self.objects if o != "build/api/main.o") + ["build/embed.o"]

    def run(self, *words):
        return subprocess.run(words, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env=tree.clean(), check=False).returncode == 0

    def object_of(self, file):
        return os.path.join("build", file[:-2] + ".o")

    def compile(self, file):
        return self.run(*self.words["CC"].split(), *self.words["CFLAGS"].split(), "-w", "-c", "-o",
                        self.object_of(file), file)

    def link(self):
        """The library alone: everything else is linked to it.  It replaces the file, which may be mapped."""
        if not self.run(*self.words["CC"].split(), *self.words["SHARED"].split(), "-o", "build/new.so", *self.objects,
                        *self.words["LIBS"].split()):
            raise SystemExit(f"The library in {self.folder} does not link.")
        os.replace(os.path.join(self.folder, "build/new.so"), os.path.join(self.folder, "build/libila.so"))

    def read(self, path):
        with open(os.path.join(self.folder, path), "rb") as f:
            return f.read()

    def write(self, path, data):
        with open(os.path.join(self.folder, path), "wb") as f:
            f.write(data)

    def apply(self, c):
        """Makes the change; False when it does not compile or compiles to the same."""
        source, before = self.read(c.file), self.read(self.object_of(c.file))
        text = source.decode()
        self.write(c.file, (text[:c.start] + c.new + text[c.end:]).encode())
        useful = self.compile(c.file) and self.read(self.object_of(c.file)) != before
        if useful:
            self.link()
        self.write(c.file, source)
        if not useful:
            self.write(self.object_of(c.file), before)
        return useful, before

    def take_back(self, c, before):
        self.write(self.object_of(c.file), before)


class Judge:
    """Runs the tests that reach a change, those first that find most in the least time."""

    def __init__(self, known):
        self.known, self.lock = known, threading.Lock()
        self.runs, self.finds = defaultdict(float), defaultdict(float)

    def order(self, c):
        room = os.path.dirname(c.file)

        def cost(name):
            hit = (self.finds[name, room] + 0.3) / (self.runs[name, room] + 2)
            return (self.known.tests[name] + 0.2) / (hit + 0.02), name
        with self.lock:
            return sorted(self.known.reach(c), key=cost)

    def learn(self, name, c, found):
        with self.lock:
            self.runs[name, os.path.dirname(c.file)] += 1
            self.finds[name, os.path.dirname(c.file)] += found

    def notices(self, place, name):
        """What the program says against the change, twice."""
        limit = 30 + 10 * self.known.tests[name]
        first = tree.run_test(place.folder, name, limit)
        if first == "" or first.startswith("no end"):
            return first
        return first if tree.run_test(place.folder, name, limit) != "" else ""

    def judge(self, place, c):
        """(verdict, which test and what it said)."""
        tests = self.order(c)
        if not tests:
            return "not reached", ""
        for name in tests:
            why = self.notices(place, name)
            self.learn(name, c, why != "")
            if why:
                return "caught", f"{name}: {why}"
        return "survived", f"{len(tests)} programs reach it"


def show(c, verdict, why, seconds):
    say(f"{verdict:<11} {c.file}:{c.line} {c.function}: {c.kind}\n"
        f"\t- {c.before}\n\t+ {c.after}\n\t{why + ', ' if why else ''}{seconds:.0f} s")


def work(queue, place, judge, known):
    while (c := queue.take()) is not None:
        result = None
        try:
            result = try_one(place, judge, known, c)
        finally:
            queue.give(result)


def try_one(place, judge, known, c):
    """(change, verdict), or None when it is of no use."""
    begun = time.monotonic()
    useful, before = place.apply(c)
    if not useful:
        return None
    verdict, why = judge.judge(place, c)
    place.take_back(c, before)
    if verdict != "caught" and name_of(c) in known:
        verdict, why = "equivalent", known[name_of(c)]
    show(c, verdict, why, time.monotonic() - begun)
    return c, verdict


def link_to_library(folder, words):
    """The program itself, linked like the tests: a change relinks nothing but the library."""
    subprocess.run([*words["CC"].split(), *words["LDFLAGS"].split(), "-o", "build/ila", "build/api/main.o",
                    "build/libila.so", *words["LIBS"].split()], cwd=folder, check=True, env=tree.clean())


def places(words):
    """The copies, built once."""
    say("Building the copies...")
    out = []
    for i in range(1, tree.WORKERS + 1):
        folder = os.path.abspath(os.path.join(TOP, str(i)))
        tree.copy(folder)
        tree.make(folder, words["CC"], "OPT=" + words["OPT"])
        link_to_library(folder, words)
        out.append(Place(folder, words))
    return out


def summary(done, seconds):
    verdicts = Counter(v for _, v in done)
    say("")
    for title, of in (("what", lambda c: c.kind), ("where", lambda c: os.path.dirname(c.file))):
        table = defaultdict(Counter)
        for c, v in done:
            table[of(c)][v] += 1
        say(f"{title:<18} tried caught survived not reached equivalent")
        for key in sorted(table):
            n = table[key]
            say(f"{key:<18} {sum(n.values()):>5} {n['caught']:>6} {n['survived']:>8} {n['not reached']:>11} "
                f"{n['equivalent']:>10}")
        say("")
    say(f"{len(done)} tried in {seconds / 60:.0f} min: {verdicts['caught']} caught, {verdicts['equivalent']} "
        f"equivalent, {verdicts['survived'] + verdicts['not reached']} survived "
        f"({verdicts['not reached']} of them not reached)")


def main():
    words = {k: os.environ[k] for k in ("CC", "CFLAGS", "LDFLAGS", "SHARED", "LIBS", "OPT")}
    n, seed = int(os.environ.get("N") or 200), os.environ.get("SEED") or "1"
    known = equivalents(EQUIVALENT)
    os.makedirs(TOP, exist_ok=True)
    judge = Judge(cover.cover(os.path.abspath(TOP), words["CC"], say))
    for name in judge.known.failing:
        say(f"{name} fails without any change and is left out.")
    found = all_changes(os.environ["DIRS"].split(), os.environ.get("AT"))
    queue = Queue(drawn(found, seed), len(found) if os.environ.get("AT") else n)
    begun = time.monotonic()
    workers = [threading.Thread(target=work, args=(queue, p, judge, known), daemon=True) for p in places(words)]
    say(f"{len(found)} changes are possible; trying {min(queue.wanted, len(found))}, seed {seed}.")
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    summary(queue.done, time.monotonic() - begun)


if __name__ == "__main__":
    if shutil.which("gcov") is None:
        sys.exit("make mutate needs gcov, which comes with gcc.")
    main()
