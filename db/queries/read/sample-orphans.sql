-- SPDX-License-Identifier: GPL-3.0-or-later
-- Samples that belong to no attempt, or whose metric is not of their run's experiment: one row a run, metric and
-- attempt.
SELECT s.run_id AS run_id, s.metric_id AS metric_id, s.attempt AS attempt, count(*) AS samples
FROM sample s GROUP BY s.run_id, s.metric_id, s.attempt
HAVING NOT EXISTS (SELECT 1 FROM attempt a JOIN run r ON r.run_id = a.run_id
    JOIN metric m ON m.experiment_id = r.experiment_id
    WHERE a.run_id = s.run_id AND a.attempt = s.attempt AND m.metric_id = s.metric_id)
LIMIT 100;
