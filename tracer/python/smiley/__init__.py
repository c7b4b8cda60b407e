"""smiley records every call, line, return, exception and changed local variable of a program.

    import smiley

    smiley.start()                      # from here on; returns the run's id
    smiley.stop()                       # a gap, until start() again

    with smiley.tracing(only_mine=True):
        ...

    @smiley.trace                       # while this function runs, generators and coroutines too
    def bill(names): ...

A process is one run: the first start() begins it, stop() pauses it, another start() goes on, and
the end of the process ends it. Options are those of `smiley run` as keywords, and count where the
run begins: database="runs.db", brokers="host:9092", include=["*/app/*"], redact=["iban"],
max_time=60, children=False, toggle_signal="USR1". `smiley run` shows the run, as any other: smiley replay @latest.
"""
import _thread
import os
import sys

__all__ = ["Error", "start", "stop", "recording", "run_id", "tracing", "trace"]


class Error(RuntimeError):
    """Nothing can be recorded, for the reason that it says."""


def _refuse():
    version = "%s %d.%d" % (sys.implementation.name, *sys.version_info[:2])
    if sys.implementation.name != "cpython":
        raise ImportError("%s: smiley traces CPython" % version)
    if not (3, 10) <= sys.version_info[:2] <= (3, 13):
        raise ImportError("%s: smiley traces 3.10 to 3.13" % version)
    if "t" in getattr(sys, "abiflags", ""):
        raise ImportError("a free-threaded build of %s: smiley traces builds with the global lock" % version)


_refuse()


def _home():
    """The directory with bin/smiley and libexec/smiley: where the package was installed to."""
    place = os.path.dirname(os.path.abspath(__file__))
    for _ in range(4):
        place = os.path.dirname(place)
        if os.access(os.path.join(place, "bin", "smiley"), os.X_OK):
            return place
    for entry in os.environ.get("PATH", "").split(os.pathsep):
        if os.access(os.path.join(entry, "smiley"), os.X_OK):
            return os.path.dirname(os.path.dirname(os.path.realpath(os.path.join(entry, "smiley"))))
    raise Error("the program smiley is neither beside this package nor in PATH")


def _load():
    """The tracer: that which traces this process already, or the extension for this python."""
    answer = []
    sys.audit("smiley.tracer", answer)
    if answer:
        return answer[0]
    from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec
    path = os.path.join(_home(), "libexec", "smiley", "inject", "_smiley" + EXTENSION_SUFFIXES[0])
    if not os.path.exists(path):
        raise Error("no tracer for Python %d.%d is installed: %s" % (*sys.version_info[:2], path))
    loader = ExtensionFileLoader("_smiley", path)
    try:
        return loader.create_module(ModuleSpec("_smiley", loader, origin=path))
    finally:
        sys.modules.pop("_smiley", None)


_lock = _thread.RLock()
_tracer = None
_beginning = False
_blocks = {}            # of each thread: how many `with tracing()` it is in
_block_began = False    # the outermost of them has started, and so it stops


def _forked():
    global _lock, _blocks, _beginning
    _lock = _thread.RLock()
    _beginning = False
    mine = _thread.get_ident()
    _blocks = {thread: count for thread, count in _blocks.items() if thread == mine}


os.register_at_fork(after_in_child=_forked)


def _found():
    global _tracer
    if _tracer is None:
        _tracer = _load()
    return _tracer


def _words(name, value):
    """An option as the command line has it."""
    option = "--" + name.replace("_", "-")
    if name == "children":
        return [] if value else ["--no-children"]
    if value is True:
        return [option]
    if value is False:
        return ["--no-" + option[2:]]
    if value is None:
        return []
    if isinstance(value, dict):
        return ["%s=%s=%s" % (option, key, one) for key, one in value.items()]
    if isinstance(value, (list, tuple, set, frozenset)):
        return ["%s=%s" % (option, os.fspath(one)) for one in value]
    return ["%s=%s" % (option, value if isinstance(value, (int, float)) else os.fspath(value))]


def _begin(options):
    words = ["run"]
    for name, value in options.items():
        words += _words(name, value)
    words += ["--", *sys.orig_argv[1:]]
    if options.get("toggle_signal"):
        _check_thread()
    program = os.path.join(_home(), "bin", "smiley")
    said = _tracer.attach(os.fsencode(program), [os.fsencode(word) for word in words])
    process, _, spool = said.partition("\n")
    if not spool.startswith("spool "):
        raise Error(said.strip().removeprefix("smiley: run: ") or "smiley run ended without a word")
    _tracer.begin(os.fsencode(spool[len("spool "):-1]))
    if options.get("toggle_signal"):
        _pass_on(options["toggle_signal"], int(process[len("process "):]))


def _check_thread():
    import threading
    if threading.current_thread() is not threading.main_thread():
        raise Error("toggle_signal: only the main thread can have a signal handled: start there")


def _pass_on(name, process):
    """The signal goes to the helper, which pauses and resumes this process and its children."""
    import signal
    helper = os.pidfd_open(process)    # no other process can be meant, whoever has ended

    def toggle(number, frame):
        try:
            signal.pidfd_send_signal(helper, number)
        except OSError:
            pass
    signal.signal(getattr(signal, "SIG" + name), toggle)


def start(**options):
    """Records all threads of this process from now on, and returns the run's id.

    Frames that run already are recorded from their next event. No effect while it is recorded.
    Raises smiley.Error when nothing can be recorded.
    """
    global _block_began
    with _lock:
        _block_began = False
        return _start(options)


def _start(options):
    global _beginning
    run, on = _found().state()
    if on or _beginning:
        return run
    _tracer.resume()    # a fork that was made while it was stopped begins its run by that
    if _tracer.state()[0] is None:
        _beginning = True
        try:
            _begin(options)
        except RuntimeError as error:
            if isinstance(error, Error):
                raise
            raise Error(str(error)) from None
        finally:
            _beginning = False
    return _tracer.state()[0]


def stop():
    """Pauses the recording; what comes until start() is a gap. No effect while nothing is recorded."""
    with _lock:
        _found().pause()


def recording():
    """Is this process recorded now?"""
    return _found().state()[1]


def run_id():
    """The id of this process's run, for `smiley replay ID`; None: there is none."""
    return _found().state()[0]


class tracing:
    """with smiley.tracing(): what runs meanwhile is recorded, in all threads.

    Within another one, or while all is recorded anyway, it changes nothing; the outermost stops what
    it has started. Any number of threads may be in one at a time.
    """

    def __init__(self, **options):
        self._options = options
        self._threads = []      # that are in it

    def __enter__(self):
        global _block_began
        with _lock:
            if not any(_blocks.values()) and not _found().state()[1]:
                _start(self._options)
                _block_began = True
            mine = _thread.get_ident()
            self._threads.append(mine)
            _blocks[mine] = _blocks.get(mine, 0) + 1
        return self

    def __exit__(self, *_):
        global _block_began
        with _lock:
            mine = _thread.get_ident()
            thread = mine if mine in self._threads else self._threads[-1]   # a generator may move
            self._threads.remove(thread)
            if _blocks.get(thread, 0) > 1:
                _blocks[thread] -= 1
            else:
                _blocks.pop(thread, None)
            if _block_began and not _blocks:
                _block_began = False
                _tracer.pause()


def trace(function=None, **options):
    """Decorates a function: it is recorded while it runs.

    Of a generator, a coroutine or an asynchronous generator each step is, not what others do
    between them.
    """
    from . import decorate
    return decorate.trace(function, options)
