# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes steady.tsv beside itself: series of iterations, and where the rule of Georges, Buytaert and Eeckhout finds a
steady state in them. The standard deviations are those of Python's statistics module, which computes with exact fractions.
Columns: name, window, variation, is it steady, from, coefficient of variation there, values. Not needed to run the tests."""
import math
import os
import random
import statistics

draw = random.Random(5)
series = {
    "constant": [7.0] * 12,
    "zeros": [0.0] * 12,
    "warm-up": [100 + 80 * math.exp(-i / 4) for i in range(40)],
    "warm-up with noise": [100 + 80 * math.exp(-i / 4) + draw.gauss(0, 1) for i in range(40)],
    "noise of 1 %": [draw.gauss(50, 0.5) for _ in range(30)],
    "noise of 10 %": [draw.gauss(50, 5) for _ in range(30)],
    "trend": [100.0 + 5 * i for i in range(30)],
    "cycle of 2": [100 + 10 * (i % 2) for i in range(30)],
    "a level after a jump": [10.0] * 5 + [20 + 0.01 * (i % 3) for i in range(15)],
    "huge offset": [1e9 + draw.gauss(0, 1) for _ in range(20)],
    "negative": [-100 - 50 * math.exp(-i) + draw.gauss(0, 0.5) for i in range(25)],
    "about zero": [draw.gauss(0, 1) for _ in range(20)],
    "tiny numbers": [1e-9 * (1 + 0.5**i) for i in range(20)],
    "too few": [1.0, 1.0, 1.0],
}


def variation_of(window):
    deviation, mean = statistics.stdev(window), statistics.mean(window)
    return 0.0 if deviation == 0 else math.inf if mean == 0 else deviation / abs(mean)


with open(os.path.join(os.path.dirname(__file__), "steady.tsv"), "w", encoding="ascii") as out:
    for name, values in series.items():
        for size, limit in ((10, 0.02), (10, 0.01), (5, 0.05)):
            places = [(variation_of(values[i : i + size]), i) for i in range(len(values) - size + 1)]
            found = next((place for place in places if place[0] <= limit), None)
            variation, start = found or min(places, default=(math.inf, 0))
            print(name, size, limit, int(found is not None), start, f"{variation:.17g}",
                  " ".join(f"{value:.17g}" for value in values), sep="\t", file=out)
