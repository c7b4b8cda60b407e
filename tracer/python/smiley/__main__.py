"""python -m smiley run PROGRAM: as `smiley run`, with this python. Any other command, too."""
import os
import sys

from . import Error, _home


def main():
    try:
        program = os.path.join(_home(), "bin", "smiley")
    except Error as error:
        sys.exit("smiley: %s" % error)
    words = sys.argv[1:]
    if words and words[0] == "run":
        words[1:1] = ["--python", sys.executable]
    os.execv(program, [program, *words])


main()
