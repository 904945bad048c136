-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a cell and number k >= 2: half the width of the mean's 95 % confidence interval after its first k counted
-- runs.
-- ?1 experiment_id, ?2 metric
WITH value AS (
    SELECT r.cell_id AS cell_id, m.unit AS unit, count(*) OVER so_far AS k, count(*) OVER (PARTITION BY r.cell_id) AS n,
        mean(v.value) OVER so_far AS mean, (ci95_high(v.value) OVER so_far - ci95_low(v.value) OVER so_far) / 2 AS half_width
    FROM metric m JOIN run r ON r.experiment_id = m.experiment_id
    JOIN run_value v ON v.run_id = r.run_id AND v.metric_id = m.metric_id
    WHERE m.experiment_id = ?1 AND m.name = ?2 AND r.warmup = 0 AND r.status = 'completed'
    WINDOW so_far AS (PARTITION BY r.cell_id ORDER BY r.executed, r.position ROWS UNBOUNDED PRECEDING)
)
SELECT cell_id, unit, k, n, mean, half_width FROM value WHERE k >= 2 ORDER BY cell_id, k;
