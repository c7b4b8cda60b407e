#!/usr/bin/python3
"""Writes schemas/printable_internal.h: which characters str.isprintable() accepts."""

import sys
import unicodedata

BORDERS_A_LINE = 9


def borders():
    """Code points at which isprintable() changes, from 0x7f on; printable begins at the first."""
    printable = False
    for code_point in range(0x7F, sys.maxunicode + 1):
        if chr(code_point).isprintable() != printable:
            printable = not printable
            yield code_point


def main():
    found = list(borders())
    print("/*")
    print(" * printable_internal: where str.isprintable() changes, from U+007F on, by Unicode")
    print(f" * {unicodedata.unidata_version}. Printable begins at the first border, ends before the second, and so on.")
    print(" * Made by tests/lib/make_printable.py; tests/e2e/value_repr.t walks every character.")
    print(" */")
    print("#ifndef SMILEY_SCHEMAS_PRINTABLE_INTERNAL_H")
    print("#define SMILEY_SCHEMAS_PRINTABLE_INTERNAL_H")
    print()
    print("#include <stdint.h>")
    print()
    print("/* clang-format off */")
    print("static const uint32_t printable_borders[] = {")
    for start in range(0, len(found), BORDERS_A_LINE):
        row = found[start : start + BORDERS_A_LINE]
        print("\t" + " ".join(f"0x{border:05x}," for border in row))
    print("};")
    print("/* clang-format on */")
    print()
    print("#endif")


main()
