#!/usr/bin/python3
"""clang-format has nothing to change."""
import glob
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
sys.dont_write_bytecode = True

from tap import Failure, add, main, skip  # noqa: E402

FOLDERS = ("schemas", "tracer", "ingest", "materializer", "web", "ops", "tests/*")


def formatted(folder):
    if not shutil.which("clang-format-14"):
        skip("clang-format-14 is not installed: make deps")
    files = sorted(glob.glob(os.path.join(ROOT, folder, "*.[ch]")))
    if not files:
        return
    result = subprocess.run(["clang-format-14", "--dry-run", "-Werror", *files], text=True,
                            capture_output=True)
    if result.returncode:
        wrong = [line for line in result.stderr.split("\n") if "error:" in line]
        raise Failure("make format would change:\n" + "\n".join(wrong[:20]))


for name in FOLDERS:
    add(f"{name} is formatted", formatted, name)
main()
