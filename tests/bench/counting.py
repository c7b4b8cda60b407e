"""Instructions of a traced process for each event, beyond those of the program alone, by callgrind.

Each program runs at two scales: the difference of the two is free of start-up, and machine and
load do not matter. (Time stamps take a byte or two more than at full speed, since there the
clock runs slower.)
"""
import os
import re
import shutil
import subprocess

from product import Box, clean_env
from tools import Smiley, path_of

# Scale and repetitions, of the shorter run and of the longer one.
SCALES = {"a_loop": ((0.005, 1), (0.02, 1)), "b_fib": ((0.1, 1), (0.3, 1)),
          "d_class": ((0.01, 1), (0.04, 1)), "e_data": ((0.015, 1), (0.045, 1)),
          "j_pyflakes": ((0.4, 1), (0.4, 2))}


def instructions(tool, program, scale, reps, inside=None, keep=None):
    """(events, instructions) of one run; of `inside` alone, if that function is given. keep: a
    directory that gets the file for callgrind_annotate."""
    with Box() as box:
        out = os.path.join(box.dir, "callgrind.")
        place = os.path.join(box.dir, "kept")
        words = ["valgrind", "--tool=callgrind", "--trace-children=yes", "--callgrind-out-file=%s%%p" % out]
        if inside:
            words += ["--collect-atstart=no", "--toggle-collect=" + inside]
        subprocess.run([*words, *tool.command(place, [path_of(program), "%g" % scale])], cwd=box.dir,
                       env=clean_env({"BENCH_REPS": str(reps), **tool.env}), check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=1200)
        found = [one for one in (read(box.dir, name) for name in os.listdir(box.dir)) if one]
        most, path = max(found)
        if keep:
            shutil.copy(path, os.path.join(keep, "callgrind." + program))
        return tool.kept(place)[0] if isinstance(tool, Smiley) else 0, most


def read(place, name):
    """(instructions, path) of a file of callgrind's that is of a Python; `smiley run` and what it
    starts to look around are none."""
    path = os.path.join(place, name)
    if not name.startswith("callgrind."):
        return None
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    command = re.search(r"^cmd:\s*(\S+)", text, re.M)
    summary = re.search(r"^(?:summary|totals): (\d+)", text, re.M)
    if not summary or not command or os.path.basename(command[1]) == "smiley":
        return None
    return int(summary[1]), path


def growth(tool, program, inside=None, keep=None):
    """(events, instructions) by which the longer run exceeds the shorter."""
    first, second = (instructions(tool, program, scale, reps, inside, keep) for scale, reps in SCALES[program])
    return second[0] - first[0], second[1] - first[1]
