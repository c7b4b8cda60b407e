import sys

import beside

print("directory", beside.double(21), __name__, repr(__package__), sys.argv[1:])
