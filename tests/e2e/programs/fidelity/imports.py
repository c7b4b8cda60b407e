"""Imports: a failing module, a circular one, importlib, reload, a loader, a path hook, __import__."""
import importlib
import importlib.abc
import importlib.util
import os
import shutil
import sys
import tempfile

place = tempfile.mkdtemp()
sys.dont_write_bytecode = True
files = {
    "left.py": "import right\nname = 'left'\ndef get():\n    return right.name\n",
    "right.py": "import left\nname = 'right'\n",
    "broken.py": "value = 1\nraise ImportError('broken on purpose')\n",
    "syntax.py": "def f(:\n    pass\n",
    "latin.py": "# -*- coding: latin-1 -*-\ntext = 'caf\xe9'\n",
}
for name, text in files.items():
    with open(os.path.join(place, name), "w", encoding="latin-1") as out:
        out.write(text)
sys.path.insert(0, place)
import left  # noqa: E402

print(left.get())
for name in ("broken", "syntax", "absent"):
    try:
        importlib.import_module(name)
    except (ImportError, SyntaxError) as error:
        print(type(error).__name__, name in sys.modules, error.msg)
print(importlib.import_module("latin").text == "caf\xe9")
print(importlib.reload(left) is left)


class Loader(importlib.abc.Loader):
    def exec_module(self, module):
        exec("def hello():\n    return __name__\n", vars(module))


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "invented":
            return importlib.util.spec_from_loader(name, Loader())


sys.meta_path.insert(0, Finder())
import invented  # noqa: E402

print(invented.hello())
shutil.rmtree(place)
print(left.get())
