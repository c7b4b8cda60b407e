"""Programs from the npm registry, fetched once into build/npm."""
import os
import shutil
import subprocess
import tempfile

from product import ROOT
from tap import skip


def package(name, version):
    """The directory of the unpacked package."""
    there = os.path.join(ROOT, "build", "npm", "%s-%s" % (name, version))
    if os.path.isdir(there):
        return there
    if not shutil.which("npm"):
        skip("no npm here")
    os.makedirs(os.path.dirname(there), exist_ok=True)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(there)) as box:
        subprocess.run(["npm", "pack", "--silent", "%s@%s" % (name, version)], cwd=box,
                       check=True, timeout=120, stdout=subprocess.DEVNULL)
        archive = next(f for f in os.listdir(box) if f.endswith(".tgz"))
        shutil.unpack_archive(os.path.join(box, archive), box)
        try:
            os.rename(os.path.join(box, "package"), there)
        except OSError:
            if not os.path.isdir(there):  # somebody else has fetched it meanwhile
                raise
    return there
