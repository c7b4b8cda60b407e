#!/usr/bin/env python3
"""Writes schema_text.c, which holds the texts of the .avsc files of this folder.

Run it after a change of one: schemas/schema_text.py. A test says when it was forgotten.
"""
import os
import re

FOLDER = os.path.dirname(os.path.abspath(__file__))
IDS = re.findall(r"SCHEMA_(\w+) = \d+", open(os.path.join(FOLDER, "item.h")).read())


def literal(line):
    return '"' + line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def main():
    out = ["/* Written by schemas/schema_text.py from the .avsc files. */"]
    out += ['#include "schemas/schema_text.h"', "", "#include <stddef.h>", ""]
    out += ["/* C17 asks compilers for 4095 bytes only; those we use have no limit. */"]
    out += ['#pragma GCC diagnostic ignored "-Woverlength-strings"', ""]
    for name in map(str.lower, IDS):
        with open(os.path.join(FOLDER, name + ".avsc")) as file:
            lines = [literal(line) for line in file]
        out += [f"static const char {name}[] ="] + ["\t" + line for line in lines]
        out[-1] += ";"
        out += [""]
    for function, form in (("text", "{}"), ("name", '"{}"')):
        out += [f"const char *schema_{function}(enum schema_id id)", "{", "\tswitch (id) {"]
        for id in IDS:
            out += [f"\tcase SCHEMA_{id}:", f"\t\treturn {form.format(id.lower())};"]
        out += ["\t}", "\treturn NULL;", "}", ""]
    with open(os.path.join(FOLDER, "schema_text.c"), "w") as file:
        file.write("\n".join(out[:-1]) + "\n")


main()
