"""Interpreters within the process: code in them, what they share, their errors, their ends."""
import os
import sys
import threading

try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

CODE = """
import sys
def count(n):
    total = 0
    for i in range(n):
        total += i
    return total
print("inside", count(10), sys.gettrace(), __name__, len(sys.argv) > 0, flush=True)
"""


def run(code):
    """Runs it in an interpreter of its own: what went wrong, if something did."""
    one = interpreters.create()
    try:
        run_string = getattr(interpreters, "exec", None) if sys.version_info >= (3, 13) else interpreters.run_string
        wrong = run_string(one, code)
        return None if wrong is None else (wrong.type.__name__, wrong.msg)
    except Exception as error:
        return type(error).__name__, str(error)
    finally:
        interpreters.destroy(one)


print(run(CODE), run(CODE))
print(run("def f():\n    raise KeyError('inside')\nf()"))
print(run("import threading\nt = threading.Thread(target=print, args=('a thread inside',))\nt.start()\nt.join()"))
print(run("class A:\n    def __del__(self):\n        print('deleted inside')\na = A()\na.me = a"))
print(run("import atexit\natexit.register(print, 'atexit inside')"))
print(run("import sys\nseen = []\nsys.settrace(lambda *a: seen.append(a[1]))\ndef f():\n    return 1\nf()\nsys.settrace(None)\nprint(seen)"))
kept = interpreters.create()
interpreters.run_string(kept, "def later(n):\n    return n + 1\nx = later(1)")
interpreters.run_string(kept, "print(later(x), x)")


def in_thread(results):
    results.append(run(CODE))


results = []
threads = [threading.Thread(target=in_thread, args=(results,)) for _ in range(2)]
for thread in threads:
    thread.start()
    thread.join()
print(results)
read, write = os.pipe()
interpreters.run_string(kept, "import os\nos.write(%d, b'through a pipe')" % write)
print(os.read(read, 100))
interpreters.destroy(kept)
left = interpreters.create()
interpreters.run_string(left, "def f():\n    return [1]\nvalue = f()")
print("main", len(interpreters.list_all()), sum(range(5)))
interpreters.destroy(left)


def after(n):
    return n * 2


print(after(4))
