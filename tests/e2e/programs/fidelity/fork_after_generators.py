"""A fork after generators went away with their code while they were suspended."""
import gc
import os


def suspended(count):
    """Generators of code that nobody else has, each at a yield."""
    kept = []
    for number in range(count):
        space = {}
        exec("def g(a, b=%d):\n    c = a\n    yield c\n    yield b\n" % number, space)
        generator = space["g"](number)
        next(generator)
        kept.append(generator)
    return kept


def fork():
    child = os.fork()
    if child == 0:
        def after(n):
            return n + 1
        os._exit(after(2))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


generators = suspended(300)
print(fork(), sum(next(generator) for generator in generators))
for turn in range(2):
    generators = suspended(200)[::2]
    del generators
    gc.collect()
    os.environb.copy()
    filled = [b"\xff" * (number % 600) for number in range(6000)]
    again = suspended(50)
    print(turn, fork(), len(again), len(filled))
