"""Reads stdin in pieces, by line, by fileinput; stdin is not a terminal."""
import sys

print(sys.stdin.readline())
for line in sys.stdin:
    print(repr(line))
print(sys.stdin.read(), sys.stdin.isatty(), sys.stdin.fileno())
