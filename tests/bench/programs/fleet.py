"""A service: some ten bursts of work, each of its own block as the pauses between cut them."""
import sys
import time


def price(name, number):
    total = len(name)
    for step in range(number % 5 + 3):
        total += step * number
    return total


def request(number):
    basket = {}
    for item in ("tea", "cake", "pie"):
        basket[item] = price(item, number)
    return sum(basket.values())


def main(bursts, requests):
    for burst in range(bursts):
        for number in range(requests):
            request(burst * requests + number)
        time.sleep(0.08)


main(int(sys.argv[1]), int(sys.argv[2]))
