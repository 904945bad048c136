-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a cell with values of a metric.
SELECT cell_id, unit, n, mean, stddev, sem, ci95_low, ci95_high FROM cell_summary
WHERE experiment_id = :experiment_id AND metric = :metric ORDER BY cell_id;
