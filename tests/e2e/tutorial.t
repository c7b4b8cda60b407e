#!/usr/bin/python3
"""docs/tutorial.md: each command prints what stands there."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from product import ROOT, SMILEY, Box, clean_env  # noqa: E402
from tap import check, equal, main, test  # noqa: E402

with open(os.path.join(ROOT, "docs", "tutorial.md"), encoding="utf-8") as page:
    BLOCKS = re.findall(r"(?s)```(\w+)\n(.*?)```\n", page.read())


def table(text):
    """A table's cells: how wide its columns are is of no account."""
    return [[cell.strip() for cell in line.split("|")] if line.startswith("|") else line
            for line in text.splitlines() if not line.startswith("+--")]


@test("the tutorial is true")
def _():
    with Box() as box:
        directory = os.path.realpath(box.dir)
        env = clean_env()
        env["PATH"] = os.path.dirname(SMILEY) + ":" + env["PATH"]
        commands = 0
        for language, text in BLOCKS:
            if text.startswith("# shop.py\n"):
                box.write("shop.py", text)
            elif language == "python":
                head = text.splitlines()[0].split("(")[0]
                source = re.sub(re.escape(head) + r"\(.*\n", lambda _: text, box_source(box))
                box.write("shop.py", source)
            else:
                for command, told in re.findall(r"(?m)^\$ (.*)\n((?:(?!\$ ).*\n)*)", text):
                    done = subprocess.run(command, shell=True, cwd=box.dir, env=env, text=True,
                                          capture_output=True, check=False)
                    equal((done.returncode, done.stderr), (0, ""), command)
                    equal(table(done.stdout.replace(directory, "/tmp/tut")), table(told), command)
                    commands += 1
        check(commands >= 6, "only %d commands" % commands)


def box_source(box):
    with open(os.path.join(box.dir, "shop.py"), encoding="utf-8") as source:
        return source.read()


main()
