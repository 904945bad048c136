-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a counted run and metric: its samples summed up, and what the run cost (steps in the foreground, and all).
-- ?1 experiment_id, ?2 metric, ?3 all
SELECT r.cell_id AS cell_id, v.metric_id AS metric_id,
    count(*) AS n, mean(s.value) AS mean, variance(s.value) AS variance,
    (SELECT duration_ns FROM attempt a WHERE a.run_id = v.run_id AND a.attempt = v.attempt) / 1e9 AS duration_s,
    (SELECT sum(duration_ns) FROM step p
        WHERE p.run_id = v.run_id AND p.attempt = v.attempt AND p.background = 0) / 1e9 AS steps_s
FROM run r
CROSS JOIN run_value v ON v.run_id = r.run_id
CROSS JOIN metric m ON m.metric_id = v.metric_id
CROSS JOIN sample s ON s.run_id = v.run_id AND s.metric_id = v.metric_id AND s.attempt = v.attempt
WHERE r.experiment_id = ?1 AND r.status = 'completed' AND r.warmup = 0
    AND CASE WHEN ?2 IS NOT NULL THEN m.name = ?2 ELSE m.automatic = 0 OR ?3 = 1 END
GROUP BY v.run_id, v.metric_id;
