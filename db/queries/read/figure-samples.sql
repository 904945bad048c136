-- SPDX-License-Identifier: GPL-3.0-or-later
-- The samples of a metric, run by run: of one run (a warm-up, too), or of all that count or are tainted. n: of its cell's
-- counted runs.
-- ?1 experiment_id, ?2 metric, ?3 run_id or 0, ?4 at most so many
SELECT r.run_id AS run_id, r.cell_id AS cell_id, m.unit AS unit, s.sequence AS sequence, s.value AS value,
    CASE WHEN ?3 = 0 THEN coalesce(c.n, 0) ELSE 1 END AS n
FROM metric m
JOIN run r ON r.experiment_id = m.experiment_id
JOIN run_value v ON v.run_id = r.run_id AND v.metric_id = m.metric_id
JOIN sample s ON s.run_id = v.run_id AND s.metric_id = v.metric_id AND s.attempt = v.attempt
LEFT JOIN cell_stat c ON c.cell_id = r.cell_id AND c.metric_id = m.metric_id
WHERE m.experiment_id = ?1 AND m.name = ?2
    AND CASE WHEN ?3 = 0 THEN r.status IN ('completed', 'tainted') AND r.warmup = 0 ELSE r.run_id = ?3 END
ORDER BY r.position, s.sequence LIMIT ?4;
