# smiley put this directory in front of PYTHONPATH, to trace this process too. Loads the tracer
# where one fits (it stands beside this file, one for each version), takes every trace of that
# away, and makes room for the program's own sitecustomize. Any Python reads this file, so it is
# written for all of them.
import os
import sys


def _begin():
    here = os.path.dirname(__file__)
    told = os.environ.get("SMILEY_CHILD")
    if told and sys.version_info >= (3, 10) and sys.implementation.name == "cpython":
        try:
            import _smiley
        except ImportError:
            pass
        sys.modules.pop("_smiley", None)
    path = os.environ.get("PYTHONPATH")
    if path is not None and (path == here or path.startswith(here + os.pathsep)):
        path = path[len(here) + 1:]
        if path or "&path=1" in (told or ""):
            os.environ["PYTHONPATH"] = path
        else:
            del os.environ["PYTHONPATH"]
    for name in ("SMILEY_CHILD", "SMILEY_PARENT"):
        if name in os.environ:
            del os.environ[name]
    sys.path[:] = [entry for entry in sys.path if entry != here]
    sys.path_importer_cache.pop(here, None)


_begin()
del _begin
sys.modules.pop("sitecustomize", None)
import sitecustomize  # noqa: E402,F401 - the program's own; none: site expects this ImportError
