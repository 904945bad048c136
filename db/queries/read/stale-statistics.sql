-- SPDX-License-Identifier: GPL-3.0-or-later
-- Cells whose stored statistics are not what their counted runs' values give.
WITH fresh AS (
    SELECT r.cell_id AS cell_id, v.metric_id AS metric_id, count(*) AS n,
        mean(v.value) AS mean, stddev(v.value) AS stddev
    FROM run r JOIN run_value v ON v.run_id = r.run_id
    WHERE r.status = 'completed' AND r.warmup = 0 GROUP BY r.cell_id, v.metric_id)
SELECT c.label AS cell, m.name AS metric
FROM fresh f FULL JOIN cell_stat s ON s.cell_id = f.cell_id AND s.metric_id = f.metric_id
JOIN cell c ON c.cell_id = coalesce(f.cell_id, s.cell_id)
JOIN metric m ON m.metric_id = coalesce(f.metric_id, s.metric_id)
WHERE f.n IS NOT s.n OR abs(f.mean - s.mean) > 1e-9 * abs(f.mean) OR abs(f.stddev - s.stddev) > 1e-9 * f.stddev
LIMIT 100;
