-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a begun run, no warm-up, in the order in which they began. A failed one has no value.
-- ?1 experiment_id, ?2 metric
SELECT r.run_id AS run_id, r.cell_id AS cell_id, m.unit AS unit, r.executed AS executed, r.status AS status,
    v.value AS value, coalesce(s.n, 0) AS n
FROM metric m
JOIN run r ON r.experiment_id = m.experiment_id
LEFT JOIN run_value v ON v.run_id = r.run_id AND v.metric_id = m.metric_id AND r.status <> 'failed'
LEFT JOIN cell_stat s ON s.cell_id = r.cell_id AND s.metric_id = m.metric_id
WHERE m.experiment_id = ?1 AND m.name = ?2 AND r.warmup = 0 AND (v.value IS NOT NULL OR r.status = 'failed')
ORDER BY r.executed;
