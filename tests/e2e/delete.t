#!/usr/bin/python3
"""`smiley delete` removes a run from every view, for good."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import Box  # noqa: E402
from tap import check, contains, equal, main, test  # noqa: E402

PROGRAM = "import sys\nname = sys.argv[1]\ndef f(x):\n    y = x * 2\n    return y\nfor n in range(200):\n    f(n)\n"


def three(box):
    box.write("p.py", PROGRAM)
    for name in ("one", "two", "three"):
        equal(box.run("--", "p.py", name).status, 0, "status")
    return [r["id"] for r in box.runs()]


@test("a deleted run is gone from list, show, threads and replay; the others are as before")
def _():
    with Box() as box:
        ids = three(box)
        before = {i: box.must("replay", i) for i in ids}
        contains(box.must("delete", ids[1]), ids[1], "delete")
        equal([r["id"] for r in box.runs()], [ids[0], ids[2]], "list")
        for command in ("show", "threads", "replay"):
            result = box.smiley(command, ids[1])
            equal(result.status, 1, "status of %s" % command)
            equal(result.out, "", "stdout of %s" % command)
            contains(result.err, ids[1], "stderr of %s" % command)
            equal(len(result.err.splitlines()), 1, "lines on stderr of %s" % command)
        for i in (ids[0], ids[2]):
            equal(box.must("replay", i), before[i], "replay of another run")
        result = box.smiley("replay", ids[1], "--from-log")
        equal((result.status, result.out), (1, ""), "replay --from-log of a deleted run")


@test("it stays deleted after rebuild, with the same digest")
def _():
    with Box() as box:
        ids = three(box)
        box.must("delete", ids[0])
        digest = box.verify()
        box.must("rebuild")
        equal(box.verify(), digest, "digest after rebuild")
        equal([r["id"] for r in box.runs()], ids[1:], "list after rebuild")
        equal(box.smiley("replay", ids[0]).status, 1, "status of replay after rebuild")


@test("several runs at once, by prefix and @latest; what is not there is told and the rest is done")
def _():
    with Box() as box:
        ids = three(box)
        box.must("delete", ids[0][:13], "@latest")
        equal([r["id"] for r in box.runs()], [ids[1]], "list")
        unknown = "00000000-0000-4000-8000-000000000000"
        result = box.smiley("delete", unknown)
        check(result.status == 1, "status of deleting an unknown run: %r" % result)
        contains(result.err, unknown, "stderr")
        again = box.smiley("delete", ids[0])
        equal(again.status, 1, "status of deleting twice")
        equal([r["id"] for r in box.runs()], [ids[1]], "list")


@test("all runs deleted: an empty list, and the digest of nothing after rebuild")
def _():
    with Box() as box:
        ids = three(box)
        box.must("delete", *ids)
        equal(box.runs(), [], "list")
        digest = box.verify()
        box.must("rebuild")
        equal(box.verify(), digest, "digest")
        equal(box.run("--", "p.py", "four").status, 0, "a new run afterwards")
        equal(len(box.runs()), 1, "runs")


main()
