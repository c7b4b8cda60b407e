"""Shows what smiley records: calls across modules, a generator, arguments, -e, -t."""
import argparse
import threading

import steps


def worker(number, totals):
    square = number * number
    totals.append(square)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-e", dest="error", action="store_true")
    parser.add_argument("-t", dest="threads", action="store_true")
    args, words = parser.parse_known_args()
    print("words:", words, "error:", args.error)
    total = steps.a(3)
    print("total:", total)
    if args.threads:
        totals = []
        threads = [threading.Thread(target=worker, args=(n, totals), name="worker-%d" % n)
                   for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print("threads:", sorted(totals))
    if args.error:
        steps.fail(total)


if __name__ == "__main__":
    main()
