"""
Which test programs reach a line of the product: every one is run once in a build that
counts its lines (gcov), each into a folder of its own.  The answer is kept beside the
build until a file of the product or of the tests changes.

A program that is killed writes no counts: what only it reaches counts as not reached.
"""
import concurrent.futures
import glob
import json
import os
import subprocess
import time

import tree

LIMIT = 900  # seconds; lines are counted slowly


def compiled(folder, cc):
    """The build that counts."""
    tree.make(folder, cc, "SANITIZE=--coverage -fprofile-update=atomic", "OPT=-O0 -g")


def run_one(folder, name):
    """One program: seconds, whether it passed, {file: [lines reached]}, {file: [lines counted]}."""
    counts = os.path.join(folder, "counts", name)
    os.makedirs(counts, exist_ok=True)
    env = {"GCOV_PREFIX": counts, "GCOV_PREFIX_STRIP": str(len(os.path.join(folder, "build").strip("/").split("/")))}
    begun = time.monotonic()
    passed = tree.run_test(folder, name, LIMIT, env=env, whole=True) == ""
    seconds = time.monotonic() - begun
    return seconds, passed, *read_counts(folder, counts)


def read_counts(folder, counts):
    reached, counted = {}, {}
    files = glob.glob(os.path.join(counts, "**", "*.gcda"), recursive=True)
    for path in files:
        notes = path[:-5] + ".gcno"
        if not os.path.exists(notes):
            os.symlink(os.path.join(folder, "build", os.path.relpath(notes, counts)), notes)
    for at in range(0, len(files), 50):
        out = subprocess.run(["gcov", "--json-format", "--stdout", *files[at:at + 50]], cwd=folder, check=True,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        for row in out.splitlines():
            for f in json.loads(row)["files"] if row.startswith(b"{") else []:
                lines = f["lines"]
                reached.setdefault(f["file"], set()).update(x["line_number"] for x in lines if x["count"] > 0)
                counted.setdefault(f["file"], set()).update(x["line_number"] for x in lines)
    return reached, counted


class Cover:
    """tests[name] = seconds; reach(change) = the names that reach it."""

    def __init__(self, kept):
        self.tests, self.failing = kept["tests"], kept["failing"]
        self.lines = {f: {int(k): v for k, v in lines.items()} for f, lines in kept["lines"].items()}

    def reach(self, change):
        """By its own line where that is counted, else by any line of its statement."""
        lines = self.lines.get(change.file, {})
        if change.line in lines:
            return set(lines[change.line])
        return {t for k in range(change.first, change.last + 1) for t in lines.get(k, [])}


def measure(folder, cc, say):
    compiled(folder, cc)
    subprocess.run(["rm", "-rf", os.path.join(folder, "counts")], check=True)
    names = tree.tests(folder)
    kept = {"tests": {}, "failing": [], "lines": {}}
    with concurrent.futures.ThreadPoolExecutor(tree.WORKERS) as pool:
        for name, (seconds, passed, reached, counted) in zip(names, pool.map(lambda n: run_one(folder, n), names)):
            if not passed:
                kept["failing"].append(name)
                continue
            kept["tests"][name] = seconds
            for f, lines in counted.items():
                for k in lines:
                    kept["lines"].setdefault(f, {}).setdefault(k, [])
            for f, lines in reached.items():
                for k in lines:
                    kept["lines"][f][k].append(name)
            say(f"  {name} reaches {sum(map(len, reached.values()))} lines in {seconds:.1f} s")
    subprocess.run(["rm", "-rf", os.path.join(folder, "counts")], check=True)
    return kept


def cover(top, cc, say):
    """The map, measured anew where anything changed."""
    folder, kept = os.path.join(top, "cover"), os.path.join(top, "cover.json")
    state = tree.state()
    try:
        with open(kept, encoding="utf-8") as f:
            known = json.load(f)
        if known["state"] == state:
            return Cover(known)
    except (OSError, ValueError, KeyError):
        pass
    say("Finding out which test reaches which line (once for this state of the files)...")
    tree.copy(folder)
    found = measure(folder, cc, say)
    found["state"] = state
    with open(kept, "w", encoding="utf-8") as f:
        json.dump(found, f)
    with open(kept, encoding="utf-8") as f:
        return Cover(json.load(f))
