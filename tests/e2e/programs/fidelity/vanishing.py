"""The program deletes its own file, changes directory, closes stdin and low descriptors, fills fds."""
import os
import shutil
import sys
import tempfile

here = tempfile.mkdtemp()
mine = os.path.join(here, "gone.py")
shutil.copy(__file__, mine)
if len(sys.argv) == 1:
    os.chdir(here)
    os.close(0)
    first = os.open("/dev/null", os.O_RDONLY)
    print("lowest", first)
    for fd in range(3, 64):
        try:
            os.close(fd)
        except OSError:
            pass
    print("closed")
    shutil.rmtree(here)


def work(n):
    total = 0
    for i in range(n):
        total += i
    return total


print(work(1000))
try:
    print(os.getcwd())
except FileNotFoundError as error:
    print(error.strerror)
os.umask(0o777)
os.environ.clear()
print(work(20000))
