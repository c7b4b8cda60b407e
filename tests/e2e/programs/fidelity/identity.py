"""The process as the program sees it: descriptors, threads, modules, hooks, settings, memory maps of its own."""
import builtins
import gc
import io
import os
import resource
import signal
import sys
import sysconfig
import tempfile
import threading

print(open(os.devnull).fileno(), os.pipe(), os.dup(0), tempfile.TemporaryFile().fileno())
print(threading.active_count(), [thread.name for thread in threading.enumerate()], len(os.listdir("/proc/self/task")))
print(threading.get_ident() == threading.main_thread().ident, threading.get_native_id() == os.getpid(), threading.stack_size())
print(sys.flags, sys.warnoptions, sys._xoptions, sys.argv[1:], sys.orig_argv[1:] == [__file__])
print(sys.path[0] == os.path.dirname(os.path.abspath(__file__)), sys.meta_path, len(sys.path_hooks))
print(sys.gettrace(), sys.getprofile(), sys.getrecursionlimit(), sys.getswitchinterval(), sys.getdlopenflags())
print(sys.excepthook, sys.displayhook, sys.unraisablehook, sys.breakpointhook, threading.excepthook)
print(sorted(vars(builtins)) == sorted(dir(builtins)), open, print, __import__, input)
print(sorted(sys.modules))
print(sorted(globals()), __spec__, __loader__.__class__, __package__, __doc__[:11], __file__ == sys.argv[0])
print([s for s in signal.Signals if signal.getsignal(s) not in (signal.SIG_DFL, None)], signal.sigpending())
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.getitimer(signal.ITIMER_REAL), signal.set_wakeup_fd(-1))
print([resource.getrlimit(which) for which in (resource.RLIMIT_NOFILE, resource.RLIMIT_STACK, resource.RLIMIT_CORE, resource.RLIMIT_AS)])
print(os.getcwd() == os.path.realpath(os.getcwd()), os.getpgrp() == os.getpgid(0), os.umask(0o22), os.nice(0), os.sched_getaffinity(0))
print(sys.stdin.encoding, sys.stdout.encoding, sys.stderr.errors, sys.stdout.line_buffering, sys.stdout.isatty(), sys.getfilesystemencoding())
print(gc.isenabled(), gc.get_threshold(), gc.get_debug(), gc.get_freeze_count(), gc.callbacks, gc.garbage)
print(sys.thread_info, sys.implementation.name, sys.version_info, sys.hexversion, sys.api_version, sys.platform)
print(sys.get_asyncgen_hooks(), sys.get_coroutine_origin_tracking_depth(), sys.dont_write_bytecode, sys.pycache_prefix)
print([key for key in os.environ if "SMILEY" in key or key.startswith("PYTHON")], len(os.environ), os.environb.keys() is not None)
print(sysconfig.get_paths()["stdlib"], sys.prefix, sys.exec_prefix, sys.base_prefix, sys.executable, sys.platlibdir)
print([os.path.basename(place) for place in sys.path[1:]], sys.byteorder, sys.float_repr_style, sys.maxsize)
print(io.DEFAULT_BUFFER_SIZE, sys.stdin.fileno(), sys.stdout.fileno(), sys.stdin.read())
print(os.get_inheritable(0), [os.get_inheritable(fd) for fd in range(3, 6)], sys.exc_info())
blocks = sys.getallocatedblocks()


def uses(n):
    values = [str(number) for number in range(n)]
    return len(values)


uses(10)
before = sys.getallocatedblocks()
for _ in range(50):
    uses(10)
print(abs(sys.getallocatedblocks() - before) < 5)
print(os.times().children_user, os.waitpid.__name__, os.fork, os.execv, os._exit, os.posix_spawn)
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError as error:
    print(error)
