#!/usr/bin/python3
"""ops/sbom: what smiley is made from and runs with, valid by CycloneDX's own schema."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import ROOT, SMILEY, in_venv  # noqa: E402

in_venv()

from cyclonedx.schema import SchemaVersion  # noqa: E402
from cyclonedx.validation.json import JsonStrictValidator  # noqa: E402
from tap import check, equal, main, test  # noqa: E402

LIBEXEC = os.path.join(os.path.dirname(os.path.dirname(SMILEY)), "libexec", "smiley")
FILES = [SMILEY] + [path for path in (os.path.join(LIBEXEC, n) for n in ("smiley-python.so", "smiley-http", "smiley-web.so"))
                    if os.path.exists(path)]  # no pages without kore


def made():
    done = subprocess.run([os.path.join(ROOT, "ops", "sbom"), *FILES], capture_output=True, text=True, timeout=120)
    equal((done.returncode, done.stderr), (0, ""), "status and stderr of sbom")
    return done.stdout


@test("it is valid, names each package of deps.txt with its reason, and what is loaded as required")
def _():
    text = made()
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    check(wrong is None, "not valid: %r" % wrong)
    parts = {part["name"]: part for part in json.loads(text)["components"]}
    with open(os.path.join(ROOT, "ops", "deps.txt"), encoding="utf-8") as deps:
        section = deps.read().split("\n[build]\n")[1].split("\n[")[0]
    listed = re.findall(r"^([a-z0-9][a-z0-9.+-]*)(\??)", section, re.M)
    check(len(listed) > 10, "deps.txt lists %r" % listed)
    for name, perhaps in listed:
        if not perhaps or name in parts:
            equal(parts[name]["properties"][0]["name"], "smiley:reason", "what %s says" % name)
    for pattern in (r"librocksdb\d.*", "librdkafka1", r"python3\.\d+-minimal", "libssl3.*", "libc6"):
        library = next((name for name in sorted(parts) if re.fullmatch(pattern, name)), pattern)
        equal(parts[library]["scope"], "required", "scope of " + library)
        check(parts[library]["version"] in parts[library]["purl"].replace("%2B", "+").replace("%3A", ":"),
              "purl of %s: %s" % (library, parts[library]["purl"]))
    equal(parts["gcc"]["scope"], "excluded", "scope of gcc")
    check(parts["tree-sitter-python"]["hashes"], "a hash of what comes from PyPI")


@test("the same build gives the same bytes")
def _():
    equal(made(), made(), "the second one")


main()
