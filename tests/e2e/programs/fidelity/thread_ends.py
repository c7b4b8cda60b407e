"""A daemon thread that still runs when the program ends, and one that ends after main."""
import threading
import time

ready = threading.Event()


def endless():
    n = 0
    ready.set()
    while True:
        n += 1


def late():
    main = threading.main_thread()
    main.join()
    print("after main:", main.is_alive())


threading.Thread(target=endless, daemon=True).start()
threading.Thread(target=late).start()
ready.wait()
time.sleep(0.01)
print("main ends")
