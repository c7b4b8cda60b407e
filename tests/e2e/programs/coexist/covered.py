"""coverage.py from within, by its C tracer and its Python tracer, branches too."""
import sys

import coverage


def choose(n):
    if n > 1:
        return "more"
    for i in range(n):
        if i == 5:
            break
    else:
        n += 1
    try:
        return [1, 2][n]
    except IndexError:
        return "none"


def measured(**options):
    measurement = coverage.Coverage(data_file=None, include=[__file__], **options)
    measurement.start()
    found = [choose(n) for n in (0, 1, 2)]
    tracer = type(sys.gettrace()).__name__
    measurement.stop()
    _, statements, excluded, missing, _ = measurement.analysis2(__file__)
    data = measurement.get_data()
    lines = sorted(data.lines(__file__) or ())
    arcs = sorted(data.arcs(__file__) or ())
    return found, tracer, len(statements), len(missing), lines, arcs


print(measured())
print(measured(branch=True))
print(measured(branch=True, timid=True))
print(measured(concurrency=["thread"], branch=True))
