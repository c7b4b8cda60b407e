"""What `make demo` traces: python test.py [-e] [-t]."""
import argparse
import threading

import test_funcs


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("-e", "--error", action="store_true", help="end with an exception")
    parser.add_argument("-t", "--threads", action="store_true", help="do it in two threads")
    return parser.parse_args()


def main():
    args = parse()
    print("args:", args)
    if args.threads:
        workers = [threading.Thread(target=test_funcs.a, args=(n,), name=f"worker-{n}")
                   for n in (1, 2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    print("total:", test_funcs.a(3))
    if args.error:
        test_funcs.fail({"password": "hunter2", "user": "ada"})


if __name__ == "__main__":
    main()
