// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_STATS_H
#define DB_STATS_H

/* The statistics functions of SQL. Every connection of trialbed has them; trialbed_stats.so (this file alone, compiled
 * with TRIALBED_STATS_EXTENSION) gives them to any SQLite program: `.load ./trialbed_stats` in the sqlite3 shell.
 *
 * Aggregates over the n values that are not NULL; x(1) <= ... <= x(n) are the ordered values:
 *   mean(x)            arithmetic mean m. Mean and squares are updated one value at a time (Welford 1962, Technometrics
 *                      4(3)), in long double and from the first value on, so that a large offset eats no digits
 *   variance(x)        sample variance, sum((x - m)^2) / (n - 1)
 *   stddev(x)          its square root
 *   sem(x)             standard error of the mean, stddev / sqrt(n)
 *   ci95_low(x)        m - t * sem, t being the 0.975 quantile of Student's t with n - 1 degrees of freedom
 *   ci95_high(x)       m + t * sem
 *   geomean(x)         exp of the mean of logarithms; 0 when there is a 0, NULL when there is a negative value
 *   harmonic_mean(x)   1 / mean of reciprocals; 0 when there is a 0, NULL when there is a negative value
 *   median(x)          percentile(x, 50)
 *   percentile(x, p)   p from 0 to 100, linear between order statistics: with h = (n - 1) p / 100 + 1 and k = floor(h),
 *                      x(k) + (h - k) (x(k + 1) - x(k)): type 7 of Hyndman and Fan 1996 (The American Statistician
 *                      50(4)), R's default
 *   mad(x)             median of |x - median(x)|, not scaled (R: mad(x, constant = 1))
 *   aggregate(x, how)  how is 'mean', 'median', 'min', 'max', 'sum', 'last' or 'pNN' (a percentile: 'p95', 'p99.9');
 *                      'last' is the last row that was read
 * Function:
 *   t_quantile(p, df)  quantile of Student's t, p from 0 to 1, as R's qt(p, df) (its library computes it); NULL outside
 *
 * mean to harmonic_mean are window functions, too, over windows that only grow (ROWS UNBOUNDED PRECEDING); a value that
 * would have to be taken out again is an error.
 *
 * No value at all gives NULL. n = 1 gives NULL where n - 1 divides (variance, stddev, sem, ci95). Infinite values: the
 * mean is that infinity (NULL with both signs), order statistics treat them as what they are, and what measures spread
 * is NULL. A value that is no number (a text that does not read as one, a blob) is an error: nothing is quietly 0. */

struct sqlite3;

/* Make them known to a connection. An SQLite result code. */
int stats_register(struct sqlite3 *sqlite);

#endif
