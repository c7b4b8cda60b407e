"""An uncaught exception in a thread is told on stderr and does not change the status."""
import threading


def fails():
    raise ValueError("in a thread")


t = threading.Thread(target=fails, name="bad")
t.start()
t.join()
print("still here")
