# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes distributions.tsv beside itself: the distributions that our statistics use, by SciPy, because ours come from
R's own library. Not needed to run the tests. (SciPy 1.10.1 made the file that is kept.)"""
import os

import numpy
from scipy import optimize, stats


def quantile(p, df):
    """Where SciPy's own distribution function reaches p: its ppf has 8 digits only (see t.cdf(t.ppf(0.6, 19), 19))."""
    rough = stats.t.ppf(p, df)
    return optimize.brentq(lambda t: stats.t.cdf(t, df) - p, rough * 0.999, rough * 1.001, xtol=1e-15, rtol=1e-14)


rows = []
for df in (1, 2, 3.5, 5, 9, 19, 29.7, 100, 1e4):
    for p in (0.6, 0.9, 0.975, 0.995, 0.99995):
        rows.append(("qt", (p, df), quantile(p, df)))
    for t in (-8.5, -2, -0.3, 0, 1.7):
        rows.append(("pt", (t, df), stats.t.cdf(t, df)))
for z in (0, 0.5, 1.96, 5, 12):
    rows.append(("pnorm-upper", (z,), stats.norm.sf(z)))
for t, df, shift in ((2.1, 18, 1), (2.1, 18, 3), (2.8, 4, 3.5), (12.7, 1, 15), (1.98, 98, 2.8), (3.3, 38, 4.2)):
    rows.append(("pnt-upper", (t, df, shift), stats.nct.sf(t, df, shift)))

# The exact distribution of U, by way of samples of which it is known how many pairs are in order.
generator = numpy.random.default_rng(7)
for m, n in ((4, 4), (4, 9), (7, 5), (12, 12), (20, 31), (49, 49)):
    for _ in range(3):
        values = generator.permutation(m + n).astype(float)
        base, other = values[:m], values[m:]
        answer = stats.mannwhitneyu(other, base, alternative="two-sided", method="exact")
        rows.append(("rank-p", (m, n, *values), answer.pvalue))

with open(os.path.join(os.path.dirname(__file__), "distributions.tsv"), "w", encoding="ascii") as out:
    for name, arguments, value in rows:
        print(name, " ".join(f"{argument:.17g}" for argument in arguments), f"{value:.17g}", sep="\t", file=out)
