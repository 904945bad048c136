-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a run with a value of a metric, no warm-up; tainted ones come too. n, mean and median are of its cell's
-- counted
-- runs.
-- ?1 experiment_id, ?2 metric
SELECT r.run_id AS run_id, r.cell_id AS cell_id, m.unit AS unit, v.value AS value, r.executed AS executed,
    r.repetition AS repetition, r.status = 'tainted' AS tainted,
    coalesce(s.n, 0) AS n, s.mean AS mean, s.median AS median
FROM metric m
JOIN run r ON r.experiment_id = m.experiment_id
JOIN run_value v ON v.run_id = r.run_id AND v.metric_id = m.metric_id
LEFT JOIN cell_stat s ON s.cell_id = r.cell_id AND s.metric_id = m.metric_id
WHERE m.experiment_id = ?1 AND m.name = ?2 AND r.warmup = 0 AND r.status IN ('completed', 'tainted')
ORDER BY v.value, r.position;
