import sys

from . import shout

if __name__ == "__main__":
    print(shout("package"), __package__, __spec__.name, sys.argv[1:])
