-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a cell and phase of its counted runs: mean time, phases in the order in which they begin.
WITH counted AS MATERIALIZED (
    SELECT r.run_id, r.cell_id, max(a.attempt) AS attempt, count(*) OVER (PARTITION BY r.cell_id) AS n
    FROM run r JOIN attempt a ON a.run_id = r.run_id AND a.status = 'completed'
    WHERE r.experiment_id = :experiment_id AND r.status = 'completed' AND r.warmup = 0 GROUP BY r.run_id
)
SELECT c.cell_id AS cell_id, p.name AS phase, 's' AS unit, c.n AS n, sum(p.duration_ns) / 1e9 / c.n AS mean
FROM counted c JOIN phase p ON p.run_id = c.run_id AND p.attempt = c.attempt
WHERE p.machine IS NULL
GROUP BY c.cell_id, p.name
ORDER BY min(min(p.sequence)) OVER (PARTITION BY p.name), p.name, c.cell_id;
