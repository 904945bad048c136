-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a cell and metric. Automatic metrics come only when the metric names one or all is 1.
-- ?1 experiment_id, ?2 metric, ?3 all
SELECT cell, metric, unit, n, mean, stddev, sem, ci95_low, ci95_high, median, min, max FROM cell_summary
WHERE experiment_id = ?1
    AND CASE WHEN ?2 IS NOT NULL THEN metric = ?2 ELSE automatic = 0 OR ?3 = 1 END
ORDER BY automatic, position, metric;
