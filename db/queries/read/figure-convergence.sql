-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a cell and number k >= 2: half the width of the mean's 95 % confidence interval after its first k counted
-- runs.
-- ?1 experiment_id, ?2 metric
WITH value AS MATERIALIZED (
    SELECT r.cell_id, m.unit, v.value, row_number() OVER (PARTITION BY r.cell_id ORDER BY r.executed, r.position) AS k
    FROM metric m JOIN run r ON r.experiment_id = m.experiment_id
    JOIN run_value v ON v.run_id = r.run_id AND v.metric_id = m.metric_id
    WHERE m.experiment_id = ?1 AND m.name = ?2 AND r.warmup = 0 AND r.status = 'completed'
)
SELECT a.cell_id AS cell_id, a.unit AS unit, a.k AS k, s.n AS n, mean(b.value) AS mean,
    (ci95_high(b.value) - ci95_low(b.value)) / 2 AS half_width
FROM value a JOIN value b ON b.cell_id = a.cell_id AND b.k <= a.k
JOIN (SELECT cell_id, max(k) AS n FROM value GROUP BY cell_id) s ON s.cell_id = a.cell_id
WHERE a.k >= 2 GROUP BY a.cell_id, a.k ORDER BY a.cell_id, a.k;
