#!/usr/bin/python3
"""CPython's own tests come out under `smiley run -m test` as they do under plain python.

Each test's outcome (passed, failed, skipped, an error) is compared, by the XML that regrtest
writes. Usual are a part of the modules, with the tests themselves recorded; with
SMILEY_SOAK=1 it is all of each module, by both engines, with the tests recorded or not, and
with the whole standard library recorded; and on each other Python that is here, with the
tests recorded. DIFFERENT names what cannot be the same, and why.
"""
import os
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import (PYTHON, SANITIZED, SMILEY, SOAK, Box, execute, extension_for,  # noqa: E402
                     other_pythons)
from tap import add, check, diag, equal, main, skip  # noqa: E402

MODULES = (
    "test_generators", "test_coroutines", "test_asyncgen", "test_contextlib", "test_exceptions", "test_scope",
    "test_threading", "test_sys_settrace", "test_sys_setprofile", "test_gc", "test_weakref", "test_subprocess",
    "test_multiprocessing_fork", "test_asyncio")

# Quick, and telling: what follows frames, generators, exceptions and their references.
QUICK = (
    "test_generators.*", "test_coroutines.[!U]*", "test_asyncgen.*", "test_contextlib.*", "test_scope.*",
    "test_sys_settrace.[!J]*", "test_sys_settrace.JumpTestCase.test_jump_[!e]*", "test_sys_setprofile.*",
    "test_exceptions.*cleanup*", "test_exceptions.*context*", "test_exceptions.*infinite_recursion*",
    "test_gc.GCTests.test_[a-f]*", "test_weakref.ReferencesTestCase.test_[c-z]*",
    "test_threading.ThreadTests.test_[a-e]*", "test_threading.ThreadTests.test_leak*",
    "test_subprocess.POSIXProcessTestCase.test_pr*", "test_subprocess.ProcessTestCase.test_c[a-l]*",
    "test_multiprocessing_fork.WithProcessesTestProcess.test_[a-c]*",
    "test_asyncio.test_tasks.CTask_CFuture_Tests.test_[a-f]*")

# And of these on the newest Python that is here.
QUICKLY = MODULES[:4] + ("test_scope", "test_sys_settrace", "test_sys_setprofile")

ENGINES = (("--engine", "instrument"), ("--engine", "settrace"))
EXTENTS = ((), ("--include-package", "test"), ("--include-stdlib",))

DIFFERENT = {
    "test.test_subprocess.POSIXProcessTestCase.test_pass_fds_redirected":
        "the child lists the descriptors that it has: one of them, far up, is its own spool",
}
# Installed without this one (3.11.7, 3.12.1): all of its parts in one module.
FORKING = """from test._test_multiprocessing import install_tests_in_module_dict
install_tests_in_module_dict(globals(), "fork")
"""
HOUR = 3600


def kind_of(case):
    for kind in ("failure", "error", "skipped"):
        if case.find(kind) is not None or case.get("result") == kind:
            return kind
    return "passed"


def folder_of_tests(python):
    """Where the tests of a Python are; None: they are not here."""
    told = execute([python, "-c", "import test; print(*test.__path__)"]).out.strip()
    return told if os.path.exists(os.path.join(told, "test_generators.py")) else None


def outcomes(box, command, modules, patterns=()):
    """Runs the modules; {test: outcome}, and the exit status under another key."""
    path = os.path.join(box.dir, "outcomes.xml")
    words = ["-m", "test", "--junit-xml", path, "-u", "none"]
    if os.path.isdir(os.path.join(box.dir, "own")):
        words += ["--testdir", os.path.join(box.dir, "own")]
    for pattern in patterns:
        words += ["-m", pattern]
    done = execute([*command, *words, *modules], cwd=box.dir, timeout=HOUR if SOAK else 240)
    check(os.path.exists(path), "regrtest wrote nothing: %r" % done)
    found = {case.get("name"): kind_of(case)
             for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase")}
    os.unlink(path)
    check(len(found) > 5 or patterns, "only %d tests were found: %r" % (len(found), done))
    found["exit status"] = done.status
    return found


def differences(box, python, options, modules, patterns=()):
    plain = outcomes(box, [python], modules, patterns)
    traced = outcomes(box, [SMILEY, "run", "--database", box.db, "--python", python, *options, "--"],
                      modules, patterns)
    diag("%d tests" % (len(plain) - 1))
    return {name: (plain.get(name), traced.get(name)) for name in sorted({*plain, *traced})
            if plain.get(name) != traced.get(name) and name not in DIFFERENT}


def same(options, modules, patterns=(), python=PYTHON):
    folder = folder_of_tests(python)
    if not folder:
        skip("the tests of %s are not installed (Debian: libpython3.11-testsuite)" % python)
    if SANITIZED:
        skip("the sanitizer handles signals and has larger frames")
    with Box() as box:
        if modules == ["test_multiprocessing_fork"] and not any(
                os.path.exists(os.path.join(folder, modules[0] + end)) for end in ("", ".py")):
            modules = ["test_forking"]  # by its own name regrtest looks for a package
            box.write("own/test_forking.py", FORKING)
        left = differences(box, python, options, modules, patterns)
        if left.pop("exit status", None) and not left:
            diag("the exit status told of: %s" % ", ".join(DIFFERENT))
        # Some of CPython's tests wait for so many milliseconds: once more, alone.
        if left:
            diag("once more: %s" % left)
            left = differences(box, python, options, modules, list(left))
            left.pop("exit status", None)
        equal({name: traced for name, (_, traced) in left.items()},
              {name: plain for name, (plain, _) in left.items()}, "outcomes")
        box.verify()


if SOAK:
    for module in MODULES:
        for engine in ENGINES:
            for extent in EXTENTS:
                add("%s passes where it does under python: %s" % (module, " ".join(engine + extent)),
                    same, engine + extent, [module])
    for version, python in sorted(other_pythons().items()):
        for module in MODULES if extension_for(version) else ():
            for engine in ENGINES if version == "3.11" else ((),):
                add("%s passes where it does under python %s: %s" % (module, version, " ".join(engine)),
                    same, engine + EXTENTS[1], [module], (), python)
else:
    add("a part of CPython's tests passes where it does under python", same,
        ENGINES[0] + EXTENTS[1], MODULES, ["test." + pattern for pattern in QUICK])
    for version, python in sorted(other_pythons().items())[-1:]:
        if extension_for(version):
            add("a part of them passes where it does under python %s" % version, same,
                EXTENTS[1], QUICKLY, ["test." + pattern for pattern in QUICK[:8]], python)

main()
