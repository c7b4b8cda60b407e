"""Holds what smiley recorded against what the oracle saw (tests/lib/oracle.py)."""
import re

from tap import Failure, equal

# From 3.12 on a comprehension of a module or class keeps its variable in a hidden fast slot of that
# frame: it is not recorded, and 3.13's f_locals shows nothing else meanwhile.
HIDDEN = {("3.12", "codes.py"), ("3.12", "match_and_more.py"), ("3.13", "codes.py"), ("3.13", "match_and_more.py"),
          ("3.13", "closures.py"), ("3.12", "render.py"), ("3.13", "render.py")}

# Of tests/e2e/programs/fidelity: programs that are hard for a tracer and come out the same each time.
STEADY = ("generators", "contextmanagers", "exceptions", "closures", "codes", "properties", "pickles", "big_values",
          "coroutines", "deletions", "match_and_more", "first_lines", "first_statements", "between_lines")

KINDS = {"call", "line", "return", "yield", "resume", "exception", "unwind"}
KEYS = ("event", "file", "line", "function", "depth", "locals", "value", "exception")
ADDRESS = re.compile(r"\b0x[0-9a-fX]+")


# A set of what hashes by address comes out in another order in each process.
OBJECTS = re.compile(r"\{(<[^{}:]*>)\}")


def plain(text):
    text = ADDRESS.sub("0xX", text)
    return OBJECTS.sub(lambda match: "{%s}" % ", ".join(sorted(match[1].split(", "))), text)


def comparable(record):
    seen = {key: record.get(key) for key in KEYS}
    seen["locals"] = {name: plain(text) for name, text in seen["locals"].items()}
    for key in ("value", "exception"):
        # An unwind says which exception; a trace function is not told.
        text = seen[key] if record["event"] != "unwind" else None
        seen[key] = plain(text) if text is not None else None
    return seen


def by_thread(records):
    threads = {}
    for record in records:
        if record["event"] in KINDS and "/_distutils_hack/" not in record["file"]:
            threads.setdefault(record["thread"], []).append(record)
    return threads


def drop_end(got, want):
    """What ran while the interpreter was taken down: the oracle ends with the program."""
    if want and want[-1]["event"] == "return" and want[-1]["function"] == "<module>":
        del got[len(want):]


def explain(number, got, want, before):
    lines = ["event %d of its thread differs" % number]
    for record in before:
        lines.append("  before: %(event)s %(file)s:%(line)s %(function)s" % record)
    for key in KEYS:
        if got[key] == want[key]:
            continue
        if key == "locals":
            for name in sorted(set(got[key]) | set(want[key])):
                if got[key].get(name) != want[key].get(name):
                    lines.append("  local %s: recorded %.400s" % (name, got[key].get(name)))
                    lines.append("  %s  expected %.400s" % (" " * len(name), want[key].get(name)))
        else:
            lines.append("  %s: recorded %.400s, expected %.400s" % (key, got[key], want[key]))
    lines.append("  at: %(event)s %(file)s:%(line)s %(function)s" % want)
    return "\n".join(lines)


def compare_events(got, want):
    """Both as lists of records, in the order of their run; how many events agree. Failure
    tells the first three that do not."""
    got, want = by_thread(got), by_thread(want)
    equal(sorted(got), sorted(want), "the threads")
    count, wrong = 0, []
    for thread in want:
        count += len(want[thread])
        drop_end(got[thread], want[thread])
        for number, pair in enumerate(zip(got[thread], want[thread])):
            seen = [comparable(record) for record in pair]
            if seen[0] != seen[1]:
                wrong.append((thread, explain(number, *seen, want[thread][max(0, number - 3):number])))
        if len(got[thread]) != len(want[thread]):
            wrong.append((thread, "%d events recorded, %d expected" % (len(got[thread]), len(want[thread]))))
    if wrong:
        raise Failure("%d of %d events differ; the first:\n%s" % (
            len(wrong), count, "\n".join("%s: %s" % pair for pair in wrong[:3])))
    return count
