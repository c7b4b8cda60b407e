"""Ends in the way its argument names."""
import os
import signal
import sys


def end(how):
    if how == "0":
        return
    if how == "3":
        sys.exit(3)
    if how == "none":
        sys.exit(None)
    if how == "text":
        sys.exit("leaving with words")
    if how == "big":
        sys.exit(1 << 70)
    if how == "256":
        sys.exit(256)
    if how == "raise":
        numbers = [1, 0]
        print(numbers[0] // numbers[1])
    if how == "os._exit":
        print("buffered", flush=True)
        os._exit(7)
    if how == "abort":
        os.abort()
    if how == "interrupt":
        raise KeyboardInterrupt
    if how.startswith("SIG"):
        print("dying of", how, flush=True)
        os.kill(os.getpid(), getattr(signal, how))
    raise AssertionError(how)


def outer(how):
    marker = "before the end"
    end(how)
    print(marker)


outer(sys.argv[1])
