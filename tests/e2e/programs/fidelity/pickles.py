"""Pickle, copy and dataclasses of classes in __main__."""
import copy
import dataclasses
import enum
import pickle


class Colour(enum.Enum):
    RED = 1
    BLUE = enum.auto()


@dataclasses.dataclass(order=True)
class Point:
    x: int
    y: int = 0
    tags: list = dataclasses.field(default_factory=list)


def main():
    points = [Point(3, 1), Point(1, 2, ["a"]), Point(1, 1)]
    back = pickle.loads(pickle.dumps((points, Colour.RED)))
    print(sorted(back[0]), back[1] is Colour.RED)
    deep = copy.deepcopy(points)
    deep[0].tags.append("b")
    print(points == deep, dataclasses.asdict(deep[0]), list(Colour))


main()
