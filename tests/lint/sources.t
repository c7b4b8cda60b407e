#!/usr/bin/python3
"""What the sources may include, how long they may be, what they may not hold (STYLE.md)."""
import glob
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
sys.dont_write_bytecode = True

from tap import Failure, add, main, skip  # noqa: E402

# Which folders a folder may include.
MAY_INCLUDE = {
    "schemas": set(),
    "tracer": {"schemas"},
    "ingest": {"schemas"},
    "materializer": {"ingest", "schemas"},
    "web": {"materializer", "schemas"},
    "ops": {"schemas", "tracer", "ingest", "materializer", "web"},
}
# Who may see a library's header: files whose path matches.
LIBRARIES = {
    r"rocksdb/.*": r"materializer/store[a-z_]*\.[ch]$",
    r"Python\.h|internal/pycore.*|frameobject\.h": r"tracer/|ops/python\.c$",
    r"avro\.h|avro/.*": r"tests/",
    r"librdkafka/.*": r"(tests|ingest)/",
    r"kore/.*": r"web/",
    r"microhttpd\.h": r"web/http_server\.c$",
    r"curl/.*": r"web/registry_client\.c$",
    r"graphviz/.*": r"web/graph_layout\.c$",
    r"protobuf-c/.*": r"web/export_perfetto\.c$",
    r"cmocka\.h": r"tests/",
    r"openssl/.*": r"(tests|schemas|ingest|materializer|tracer)/",
    r"xxhash\.h": r"(tests|schemas|ingest|materializer|tracer)/",
}
MAX_LINES = 800
MAX_FUNCTION_LINES = 100
MAX_COMMAND_LINES = 150


def sources():
    found = []
    for folder in MAY_INCLUDE:
        found += glob.glob(os.path.join(ROOT, folder, "*.[ch]"))
    return sorted(os.path.relpath(path, ROOT) for path in found)


def test_sources():
    return sorted(os.path.relpath(p, ROOT) for p in glob.glob(os.path.join(ROOT, "tests/*/*.[ch]")))


def text_of(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as source:
        return source.read()


def complain(found):
    if found:
        raise Failure("\n".join(found))


def folders_keep_to_the_table():
    found = []
    for path in sources():
        folder = path.split("/")[0]
        for name in re.findall(r'^#\s*include "([^"]+)"', text_of(path), re.M):
            other = name.split("/")[0]
            if other not in MAY_INCLUDE:
                found.append(f"{path}: include by the path from the root, not {name}")
            elif other != folder and other not in MAY_INCLUDE[folder]:
                found.append(f"{path}: {folder}/ may not include {name}")
            elif other != folder and name.endswith("_internal.h"):
                found.append(f"{path}: {name} is internal to {other}/")
    complain(found)


def libraries_are_seen_only_by_their_folder():
    found = []
    for path in sources() + test_sources():
        for name in re.findall(r"^#\s*include <([^>]+)>", text_of(path), re.M):
            for library, where in LIBRARIES.items():
                if re.fullmatch(library, name) and not re.match(where, path):
                    found.append(f"{path}: may not include <{name}>")
    complain(found)


def own_header_comes_first():
    found = []
    for path in sources():
        own = path[:-1] + "h"
        if path.endswith(".c") and os.path.exists(os.path.join(ROOT, own)):
            first = re.search(r'^#\s*include\s+[<"]([^>"]+)[>"]', text_of(path), re.M)
            if first and first.group(1) != own:
                found.append(f"{path}: includes {first.group(1)} before {own}")
    complain(found)


def no_file_is_long():
    found = []
    for path in sources() + test_sources():
        lines = text_of(path).count("\n")
        limit = MAX_COMMAND_LINES if path.startswith("ops/cmd_") else MAX_LINES
        if lines > limit:
            found.append(f"{path}: {lines} lines, {limit} at most")
    complain(found)


def no_function_is_long():
    found, lengths = [], []
    for path in sources():
        start = None
        for number, line in enumerate(text_of(path).split("\n"), 1):
            if line == "{":
                start = number
            elif line == "}" and start:
                lengths.append(number - start - 1)
                if lengths[-1] > MAX_FUNCTION_LINES:
                    found.append(f"{path}:{start}: a function of {lengths[-1]} lines, "
                                 f"{MAX_FUNCTION_LINES} at most")
                start = None
    complain(found)
    lengths.sort()
    if lengths and lengths[len(lengths) * 9 // 10] >= 50:
        raise Failure(f"nine in ten functions under 50 lines: {lengths[len(lengths) * 9 // 10]}")


def nothing_is_left_to_do():
    word = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    complain([f"{path}:{number}: {line.strip()}" for path in sources() + test_sources()
              for number, line in enumerate(text_of(path).split("\n"), 1) if word.search(line)])


def comments_are_no_banners():
    banner = re.compile(r"^\s*(//|/\*\s*[-=*#]{3,}|\*\s*[-=*#]{5,})")
    complain([f"{path}:{number}: {line.strip()}" for path in sources() + test_sources()
              for number, line in enumerate(text_of(path).split("\n"), 1) if banner.match(line)])


def only_ops_prints_and_exits():
    call = re.compile(r"(?<![\w.>])(printf|puts|fprintf|perror|exit|abort)\s*\(")
    found = []
    for path in sources():
        if path.split("/")[0] in ("ops", "web"):
            continue
        for number, line in enumerate(text_of(path).split("\n"), 1):
            if call.search(line) and not line.lstrip().startswith(("*", "/*")):
                found.append(f"{path}:{number}: {line.strip()}")
    complain(found)


def tests_can_be_executed():
    """tests/lib/tally runs them by their own first line; one that it cannot run ends it."""
    complain([os.path.relpath(path, ROOT) + " is not executable"
              for path in sorted(glob.glob(os.path.join(ROOT, "tests", "*", "*.t")))
              if not os.access(path, os.X_OK)])


def globals_are_listed():
    """Variables that are not constant, from the objects that were built."""
    objects = []
    for folder in MAY_INCLUDE:
        objects += glob.glob(os.path.join(ROOT, "build", "obj", folder, "*.o"))
    if not objects:
        skip("nothing is built")
    allowed = {line.split()[0] for line in text_of("tests/lint/globals.txt").split("\n")
               if line and not line.startswith("#")}
    found, seen = [], set()
    for path in sorted(objects):
        source = os.path.relpath(path, os.path.join(ROOT, "build", "obj"))[:-1] + "c"
        if not os.path.exists(os.path.join(ROOT, source)):
            continue
        table = subprocess.run(["objdump", "-t", path], capture_output=True, text=True, check=True)
        for line in table.stdout.split("\n"):
            match = re.search(r" O (\.data|\.bss|\.tbss|\.tdata)(\.\S+)?\s+\S+\s+(\.hidden )?(\S+)$",
                              line)
            if not match or (match.group(2) or "").startswith(".rel.ro"):
                continue
            name = f"{source}:{match.group(4).split('.')[0]}"
            seen.add(name)
            if name not in allowed:
                found.append(f"{name} is a global variable that tests/lint/globals.txt has not")
    complain(found + [f"{name} is gone: take it out of tests/lint/globals.txt"
                      for name in sorted(allowed - seen)])


for rule in (folders_keep_to_the_table, libraries_are_seen_only_by_their_folder,
             own_header_comes_first, no_file_is_long, no_function_is_long, nothing_is_left_to_do,
             comments_are_no_banners, only_ops_prints_and_exits, tests_can_be_executed,
             globals_are_listed):
    add(rule.__name__.replace("_", " "), rule)
main()
