#!/usr/bin/env python3
"""Writes schema_text.c, which holds the texts of the .avsc files of this folder.

Run it after a change of one: schemas/schema_text.py. A test says when it was forgotten.
"""
import os
import re

FOLDER = os.path.dirname(os.path.abspath(__file__))
ITEM_H = open(os.path.join(FOLDER, "item.h")).read()
IDS = re.findall(r"SCHEMA_(\w+) = (\d+)", ITEM_H)


def literal(line):
    return '"' + line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def name_of(id):
    """The name that all versions of a schema have."""
    return re.sub(r"_V\d+$", "", id).lower()


def path_of(id, number):
    name = name_of(id)
    return name + ".avsc" if name == id.lower() else "history/%s-%s.avsc" % (number, name)


def version_of(id, number):
    return sum(name_of(other) == name_of(id) and int(n) <= int(number) for other, n in IDS)


def main():
    out = ["/* Written by schemas/schema_text.py from the .avsc files. */"]
    out += ['#include "schemas/schema_text.h"', "", "#include <stddef.h>", ""]
    out += ["/* C17 asks compilers for 4095 bytes only; those we use have no limit. */"]
    out += ['#pragma GCC diagnostic ignored "-Woverlength-strings"', ""]
    for id, number in IDS:
        with open(os.path.join(FOLDER, path_of(id, number))) as file:
            lines = [literal(line) for line in file]
        out += [f"static const char {id.lower()}[] ="] + ["\t" + line for line in lines]
        out[-1] += ";"
        out += [""]
    functions = (("const char *schema_text", lambda id, number: id.lower(), "NULL"),
                 ("const char *schema_name", lambda id, number: f'"{name_of(id)}"', "NULL"),
                 ("int schema_version", version_of, "0"))
    for function, value, none in functions:
        out += [f"{function}(enum schema_id id)", "{", "\tswitch (id) {"]
        for id, number in IDS:
            out += [f"\tcase SCHEMA_{id}:", f"\t\treturn {value(id, number)};"]
        out += ["\t}", f"\treturn {none};", "}", ""]
    with open(os.path.join(FOLDER, "schema_text.c"), "w") as file:
        file.write("\n".join(out[:-1]) + "\n")


main()
