"""A profiling timer fires thousands of times while code runs."""
import signal

ticks = [0]


def tick(number, frame):
    ticks[0] += 1


def work(n):
    return sum(i * i for i in range(n))


signal.signal(signal.SIGPROF, tick)
signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
rounds = 0
while ticks[0] < 50:
    work(2000)
    rounds += 1
signal.setitimer(signal.ITIMER_PROF, 0)
print(ticks[0] >= 50)
