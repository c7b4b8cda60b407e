"""What a frame holds is changed, and changed back, while other frames run for long."""
import threading


def busy(count):
    total = 0
    for number in range(count):
        total += number
    return total


def borrow(items, table, count):
    items.append(count)
    table["extra"] = items
    result = busy(count)
    del table["extra"]
    items.pop()
    return result


def change(items, count):
    items[0] += 1
    busy(count)
    items.reverse()
    return len(items)


def caller(rounds):
    items = [1, 2, 3]
    table = {"a": 1}
    held = None
    for number in range(rounds):
        borrow(items, table, 300 + number)
        change(items, 200)
        held = number
    return held


def cells(rounds):
    value = [0]
    flag = "unset"

    def inner(number):
        nonlocal flag
        before = flag
        flag = "inner %d" % number
        value.append(number)
        busy(250)
        value.pop()
        flag = before

    def vanish():
        nonlocal flag
        flag = "there"
        busy(600)
        del flag

    for number in range(rounds):
        inner(number)
        vanish()
        flag = "again"
    return flag


shared = [0]
names = {"first": shared}


def globals_too(rounds):
    for number in range(rounds):
        shared.append(number)
        names["other"] = number
        busy(400)
        names.pop("other")
        shared.pop()


def generate(store):
    for number in range(6):
        store.append(number)
        busy(220)
        yield number
        store.pop()


def suspended():
    store = []
    seen = []
    for number in generate(store):
        busy(200)
        seen.append(number)
    return seen, store


def worker(number):
    mine = [number]
    for turn in range(8):
        mine.append(turn)
        caller(1)
        mine.pop()
    return mine


caller(12)
cells(8)
globals_too(8)
suspended()
for name in ("one", "two"):
    thread = threading.Thread(target=worker, args=(len(name),), name=name)
    thread.start()
    thread.join()


def shapes():
    """Values that differ in the kinds of their containers alone."""
    x = [()]
    x = ([],)
    x = [[]]
    x = ((),)
    x = [((), [])]
    x = [([], ())]
    x = [[[[(1, 2)]]]]
    x = [[[[[1, 2]]]]]
    x = []
    x = ()
    x = {}
    x = set()
    x = {0: ()}
    x = {0: []}
    return x


shapes()


def lengths():
    """Texts in a list whose first eight characters are the same, and their last but for one."""
    x = ["?baaaaaaa", "1"]
    x[0] = "?baaaaaaaa"
    x[1] = "11"
    x[1] = "1\0"
    x[1] = "\0"
    x[1] = ""
    x[0] = "?baaaaaaa"
    return x


lengths()
