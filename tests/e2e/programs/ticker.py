"""Counts, and writes each count where a kill cannot take it back: ticker.py FILE COUNT."""
import os
import sys
import time


def tick(number, out):
    text = b"%d\n" % number
    os.write(out, text)
    return number * 2


def main(path, count):
    out = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    total = 0
    for number in range(1, count + 1):
        total += tick(number, out)
        if number % 20 == 0:
            time.sleep(0.001)
    os.write(out, b"end\n")
    return total


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
