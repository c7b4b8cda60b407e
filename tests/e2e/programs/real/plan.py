"""Data structures and algorithms: graphs, heaps, memoised recursion, generators, classes."""
import functools
import heapq
import itertools


class Graph:
    """Directed, weighted."""

    def __init__(self, edges=()):
        self._next = {}
        for edge in edges:
            self.add(*edge)

    def add(self, start, end, weight=1):
        self._next.setdefault(start, {})[end] = weight
        self._next.setdefault(end, {})

    def __iter__(self):
        return iter(self._next)

    def __len__(self):
        return len(self._next)

    def __getitem__(self, node):
        return self._next[node]

    def order(self):
        """Nodes such that every edge leads forward; ValueError on a circle."""
        done, active, result = set(), set(), []

        def visit(node):
            if node in done:
                return
            if node in active:
                raise ValueError("circle at %s" % node)
            active.add(node)
            for other in self[node]:
                visit(other)
            active.discard(node)
            done.add(node)
            result.append(node)

        for node in self:
            visit(node)
        return result[::-1]

    def shortest(self, start):
        far = {start: 0}
        before = {}
        heap = [(0, start)]
        while heap:
            distance, node = heapq.heappop(heap)
            if distance > far[node]:
                continue
            for other, weight in self[node].items():
                new = distance + weight
                if new < far.get(other, 1 << 30):
                    far[other] = new
                    before[other] = node
                    heapq.heappush(heap, (new, other))
        return far, before

    def walk(self, node, depth=0):
        yield depth, node
        for other in self[node]:
            if depth < 2:
                yield from self.walk(other, depth + 1)


def path(before, end):
    steps = [end]
    while steps[-1] in before:
        steps.append(before[steps[-1]])
    return tuple(reversed(steps))


@functools.lru_cache(maxsize=None)
def edit_distance(a, b):
    if not a or not b:
        return len(a) + len(b)
    if a[0] == b[0]:
        return edit_distance(a[1:], b[1:])
    return 1 + min(edit_distance(a[1:], b), edit_distance(a, b[1:]), edit_distance(a[1:], b[1:]))


def queens(size):
    def place(row, columns, rising, falling):
        if row == size:
            yield ()
            return
        for column in range(size):
            if column in columns or row + column in rising or row - column in falling:
                continue
            for rest in place(row + 1, columns | {column}, rising | {row + column}, falling | {row - column}):
                yield (column, *rest)
    return list(place(0, frozenset(), frozenset(), frozenset()))


def primes():
    composites = {}
    for number in itertools.count(2):
        if number not in composites:
            yield number
            composites[number * number] = [number]
            continue
        for prime in composites.pop(number):
            composites.setdefault(prime + number, []).append(prime)


class Matrix:
    def __init__(self, rows):
        self.rows = [list(row) for row in rows]

    def __matmul__(self, other):
        columns = list(zip(*other.rows))
        return Matrix([[sum(a * b for a, b in zip(row, column)) for column in columns] for row in self.rows])

    def power(self, exponent):
        result = Matrix([[int(i == j) for j in range(len(self.rows))] for i in range(len(self.rows))])
        base = self
        while exponent:
            if exponent & 1:
                result = result @ base
            base = base @ base
            exponent >>= 1
        return result


def words(text):
    counts = {}
    current = ""
    for character in text + " ":
        if character.isalpha():
            current += character
        elif current:
            counts[current.lower()] = counts.get(current.lower(), 0) + 1
            current = ""
    return counts


def main():
    tasks = Graph([("wake", "wash"), ("wash", "dress"), ("wake", "eat", 3), ("eat", "leave"), ("dress", "leave", 7)])
    print(tasks.order(), len(tasks))
    far, before = tasks.shortest("wake")
    print(far, path(before, "leave"))
    print(list(tasks.walk("wake")))
    tasks.add("leave", "wake")
    try:
        tasks.order()
    except ValueError as error:
        print(error)
    print(edit_distance("kitten", "sitting"), edit_distance.cache_info().hits)
    print(queens(5)[:2], len(queens(4)))
    print(list(itertools.takewhile(lambda n: n < 60, primes())))
    print(Matrix([[1, 1], [1, 0]]).power(90).rows)
    print(words("The quick brown fox, the lazy dog: THE end."))
    try:
        {}["x"]
    except (KeyError, IndexError) as error:
        kept = repr(error)
    finally:
        last = "done"
    print(kept, last)


if __name__ == "__main__":
    main()
