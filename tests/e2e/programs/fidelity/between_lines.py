"""What can happen between two lines of a function, other than lines."""
import functools
import gc
import operator
import sys
import threading


class One:
    def __init__(self, value): self.value = value


class Other(One):
    pass


def collected(turn):
    kept = [turn]
    here = next(filter(functools.partial(operator.is_, kept), gc.get_objects()))
    kept.append(turn)
    here.append("through gc")
    count = len(kept)
    return kept, count


def changes_class(turn):
    one = One(turn)
    text = type(one).__name__
    one.__class__ = Other
    text += type(one).__name__
    return text


def profiled(turn):
    seen = []
    sys.setprofile(lambda frame, event, argument: None)
    seen.append(turn)
    sys.setprofile(None)
    seen.append(turn + 1)
    return seen


def own_names(turn):
    first = turn
    names = sorted(locals())
    second = first + len(names)
    names.append("second")
    return names, second


def executed(turn):
    space = {"turn": turn}
    exec("result = turn + 1", space)
    result = eval("result * 2", space)
    return result


def shared():
    number = 0
    while True:
        step = yield number
        number += step


def in_another_thread(generator, steps):
    last = One(0)  # shown as an object: when the other thread is how far is nobody's to say

    def run():
        for step in steps:
            last.value = generator.send(step)

    thread = threading.Thread(target=run, name="other")
    thread.start()
    thread.join()
    return last.value


def counts(turns, shared_list, lock):
    mine = 0
    for turn in range(turns):
        with lock:
            shared_list[0] += 1
        mine += turn
    return mine


def many_threads():
    numbers, lock = [0], threading.Lock()
    threads = [threading.Thread(target=counts, args=(60, [0], lock), name="count-%d" % i) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return numbers


def main():
    generator = shared()
    next(generator)
    for turn in range(30):
        collected(turn)
        changes_class(turn)
        profiled(turn)
        own_names(turn)
        executed(turn)
        generator.send(turn)
        in_another_thread(generator, [1, 2])
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.00001)
    many_threads()
    sys.setswitchinterval(interval)
    print(generator.send(1))


main()
