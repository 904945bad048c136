-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a metric with eight samples a run or more: the mean over counted runs of (first quarter of a run's samples less
-- the last half), its standard error, and the mean of the last halves.
WITH numbered AS (
    SELECT s.metric_id, s.run_id, s.value, row_number() OVER run AS k, count(*) OVER (PARTITION BY s.metric_id, s.run_id) AS n
    FROM run r JOIN run_value v ON v.run_id = r.run_id
    JOIN sample s ON s.run_id = v.run_id AND s.metric_id = v.metric_id AND s.attempt = v.attempt
    WHERE r.experiment_id = :experiment_id AND r.status = 'completed' AND r.warmup = 0
    WINDOW run AS (PARTITION BY s.metric_id, s.run_id ORDER BY s.sequence)
), halves AS (
    SELECT metric_id, run_id, avg(value) FILTER (WHERE 4 * k <= n) AS first, avg(value) FILTER (WHERE 2 * k > n) AS last
    FROM numbered WHERE n >= 8 GROUP BY metric_id, run_id
)
SELECT m.name AS metric, count(*) AS n, mean(h.first - h.last) AS change, sem(h.first - h.last) AS sem, mean(h.last) AS mean
FROM halves h JOIN metric m ON m.metric_id = h.metric_id
GROUP BY h.metric_id HAVING count(*) >= 3 ORDER BY m.name;
