#!/usr/bin/python3
"""Every header compiles alone, with the flags of the build."""
import glob
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
sys.dont_write_bytecode = True

from tap import Failure, add, main  # noqa: E402

FOLDERS = ("schemas", "tracer", "ingest", "materializer", "web", "ops")
FLAGS = ["-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", ROOT,
         "-x", "c", "-Wno-unused-function", "-Wno-unused-variable", "-Wno-unused-const-variable"]


def compiles(header):
    python = os.environ.get("PYTHON_CFLAGS", "-isystem /usr/include/python3.11").split()
    result = subprocess.run([*os.environ.get("CC", "gcc").split(), *FLAGS, *python, "-"],
                            input=f'#include "{header}"\n#include "{header}"\n',
                            text=True, capture_output=True)
    if result.returncode:
        raise Failure(result.stderr)


for folder in FOLDERS:
    for path in sorted(glob.glob(os.path.join(ROOT, folder, "*.h"))):
        name = os.path.relpath(path, ROOT)
        add(f"{name} compiles alone", compiles, name)
main()
