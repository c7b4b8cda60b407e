"""A small command line: accounts and bookings in a text file (argparse with subcommands)."""
import argparse
import collections
import datetime
import decimal
import re
import sys

LINE = re.compile(r"(?P<day>\d{4}-\d\d-\d\d) (?P<account>\w+) (?P<amount>-?\d+(?:\.\d+)?)(?: (?P<note>.*))?$")


class BadLine(ValueError):
    """A line of the ledger that makes no sense."""

    def __init__(self, number, text):
        super().__init__("line %d: %r" % (number, text))
        self.number = number


class Booking(collections.namedtuple("Booking", "day account amount note")):
    """One booking."""
    __slots__ = ()

    @classmethod
    def parse(cls, number, text):
        match = LINE.match(text)
        if match is None:
            raise BadLine(number, text)
        day = datetime.date.fromisoformat(match["day"])
        amount = decimal.Decimal(match["amount"])
        return cls(day, match["account"], amount, match["note"] or "")

    @property
    def month(self):
        return "%04d-%02d" % (self.day.year, self.day.month)


def made_up(count, seed=7):
    """Lines of an invented ledger, some of them damaged."""
    state = seed
    names = ("rent", "food", "books", "travel")
    for number in range(count):
        state = (state * 1103515245 + 12345) % (1 << 31)
        name = names[state % len(names)]
        cents = state % 9973 - 3000
        if number % 17 == 16:
            yield "nonsense %d" % number
        else:
            yield "2024-%02d-%02d %s %d.%02d%s" % (
                number % 12 + 1, number % 28 + 1, name, cents // 100, cents % 100,
                " note %d" % number if number % 3 == 0 else "")


def read(lines, strict):
    bookings, problems = [], []
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        try:
            bookings.append(Booking.parse(number, line))
        except BadLine as error:
            if strict:
                raise
            problems.append(error.number)
        except decimal.InvalidOperation:
            problems.append(number)
    return bookings, problems


def totals(bookings, key):
    sums = collections.defaultdict(decimal.Decimal)
    for booking in bookings:
        sums[key(booking)] += booking.amount
    return dict(sorted(sums.items()))


def table(rows):
    widths = [max(len(str(cell)) for cell in column) for column in zip(*rows)]
    for row in rows:
        yield "  ".join(str(cell).rjust(width) for cell, width in zip(row, widths))


def command_sums(args):
    bookings, problems = read(made_up(args.count), args.strict)
    key = {"account": lambda b: b.account, "month": lambda b: b.month}[args.by]
    rows = [(name, amount) for name, amount in totals(bookings, key).items()]
    for line in table(rows):
        print(line)
    return 1 if problems and args.check else 0


def command_find(args):
    bookings, _ = read(made_up(args.count), strict=False)
    found = [b for b in bookings
             if (args.account is None or b.account == args.account)
             and args.least <= b.amount <= args.most]
    for booking in sorted(found, key=lambda b: (b.amount, b.day))[:args.limit]:
        print(booking.day.isoformat(), booking.account, booking.amount, booking.note)
    return 0


def amount(text):
    try:
        return decimal.Decimal(text)
    except decimal.InvalidOperation:
        raise argparse.ArgumentTypeError("%r is no amount" % text) from None


def build_parser():
    parser = argparse.ArgumentParser(prog="ledger", description=__doc__)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--strict", action="store_true")
    commands = parser.add_subparsers(dest="command", required=True)
    sums = commands.add_parser("sums", help="sums of all bookings")
    sums.add_argument("--by", choices=("account", "month"), default="account")
    sums.add_argument("--check", action=argparse.BooleanOptionalAction)
    sums.set_defaults(function=command_sums)
    find = commands.add_parser("find", help="search bookings")
    find.add_argument("account", nargs="?")
    group = find.add_argument_group("limits")
    group.add_argument("--least", type=amount, default=decimal.Decimal("-1e9"))
    group.add_argument("--most", type=amount, default=decimal.Decimal("1e9"))
    find.add_argument("--limit", "-n", type=int, default=10)
    find.set_defaults(function=command_find)
    return parser


def main(argv):
    parser = build_parser()
    args = parser.parse_args(argv)
    try:
        return args.function(args)
    except BadLine as error:
        print("ledger:", error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    worst = 0
    for argv in (["sums"], ["sums", "--by", "month", "--check"], ["find", "food", "--least", "1.5", "-n", "3"],
                 ["--strict", "sums"], ["find", "--most", "x"], ["--help"], ["sums", "--by", "year"]):
        try:
            status = main(argv)
        except SystemExit as leaving:
            status = leaving.code
        print(argv, status)
        worst = max(worst, status or 0)
    sys.exit(worst)
