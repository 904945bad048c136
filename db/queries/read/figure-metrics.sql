-- SPDX-License-Identifier: GPL-3.0-or-later
-- Like figure-cells.sql for several metrics: one row a cell and metric. `place`: of the metric in the list, from 1.
-- ?1 experiment_id, ?2 metrics and ?3 cells, as JSON arrays
SELECT s.cell_id AS cell_id, s.metric AS metric, j.key + 1 AS place, s.unit AS unit, s.n AS n, s.mean AS mean,
    s.stddev AS stddev, s.sem AS sem, s.ci95_low AS ci95_low, s.ci95_high AS ci95_high
FROM json_each(?2) j JOIN cell_summary s ON s.experiment_id = ?1 AND s.metric = j.value
WHERE s.cell_id IN (SELECT value FROM json_each(?3))
ORDER BY s.cell_id, j.key;
