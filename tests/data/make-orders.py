# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the digests of long orders that tests/unit/plan/test-order.c pins, from the description in docs/statistics.md alone: a
second implementation of the generator and of the shuffling. Not needed to run the tests."""
import hashlib

CELLS, REPETITIONS, WARMUP = 150, 40, 2


def pcg32(seed, stream=54):
    """PCG XSH RR 64/32 of O'Neill 2014, seeded as her pcg32_srandom_r."""
    mask, increment = 2**64 - 1, 2 * stream + 1
    state = (increment + seed) * 6364136223846793005 + increment & mask
    while True:
        word = ((state >> 18) ^ state) >> 27 & 0xFFFFFFFF
        turn = state >> 59
        yield (word >> turn | word << (32 - turn)) & 0xFFFFFFFF
        state = state * 6364136223846793005 + increment & mask


def below(numbers, bound):
    """Lemire 2019: the upper half of a product, without the draws that would favour some results."""
    while True:
        product = next(numbers) * bound
        if product % 2**32 >= 2**32 % bound:
            return product >> 32


def shuffle(runs, numbers):
    """Durstenfeld 1964, from the end."""
    for last in range(len(runs) - 1, 0, -1):
        other = below(numbers, last + 1)
        runs[last], runs[other] = runs[other], runs[last]


def order(kind, seed):
    numbers = pcg32(seed)
    rounds = [[(cell, round, round) for cell in range(CELLS)] for round in range(1, REPETITIONS + 1)]
    if kind == "blocks":
        for block in rounds:
            shuffle(block, numbers)
    runs = [run for block in rounds for run in block]
    if kind == "sequential":
        runs.sort()
    if kind == "shuffled":
        shuffle(runs, numbers)
        runs = [(cell, round, 1) for cell, round, _ in runs]
    warm = " ".join(f"{cell}.{round}" for cell in range(CELLS) for round in range(1, WARMUP + 1))
    return warm + " | " + "".join(f"{cell}.{round}/{block} " for cell, round, block in runs)


for kind, seed in (("sequential", 1), ("interleaved", 1), ("blocks", 1), ("blocks", 20261126), ("shuffled", 1), ("shuffled", 20261126)):
    print(kind, seed, hashlib.sha256(order(kind, seed).encode()).hexdigest())
