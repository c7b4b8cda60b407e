"""What programs can measure of frames, generators and functions."""
import sys


def generate(count):
    for i in range(count):
        yield i


async def wait():
    return 1


async def generate_async():
    yield 1


def here():
    return sys._getframe()


coroutine = wait()
print([sys.getsizeof(thing) for thing in (
    generate(3), (i for i in ()), coroutine, generate_async(), here(), sys._getframe(), generate, generate.__code__)])
coroutine.close()
print(generate.__code__.co_stacksize, generate.__code__.co_consts, len(generate.__code__.co_code))
print(list(generate.__code__.co_lines()), list(generate.__code__.co_positions())[:4])
