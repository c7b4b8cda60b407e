"""Runs a program under coverage.py: cover.py RCFILE DATA PACKAGES [-m] PROGRAM ARGS...

As `coverage run`, but the named packages are first taken out of sys.modules: coverage has
imported some of them itself, and their module-level lines would be missing.
"""
import os
import runpy
import sys

import coverage

rcfile, data, packages = sys.argv[1:4]
args = sys.argv[4:]
for package in packages.split(",") if packages else ():
    for name in [n for n in sys.modules if n == package or n.startswith(package + ".")]:
        del sys.modules[name]
measure = coverage.Coverage(config_file=rcfile, data_file=data)
measure.start()
try:
    if args[0] == "-m":
        sys.argv = args[1:]
        sys.path[0] = os.getcwd()
        runpy.run_module(args[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = args
        sys.path[0] = os.path.dirname(os.path.abspath(args[0]))
        runpy.run_path(os.path.abspath(args[0]), run_name="__main__")
finally:
    measure.stop()
    measure.save()
