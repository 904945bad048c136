-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a cell, in design order: how long its completed attempts took, in this experiment (own_*) and in all of the
-- name that this lab has on the same kind of machines, where a cell of the same label is the same cell.
SELECT c.cell_id AS cell_id, count(*) FILTER (WHERE r.experiment_id = c.experiment_id AND a.run_id IS NOT NULL) AS own_runs,
    avg(a.duration_ns) FILTER (WHERE r.experiment_id = c.experiment_id) / 1e9 AS own_mean_s,
    max(a.duration_ns) FILTER (WHERE r.experiment_id = c.experiment_id) / 1e9 AS own_max_s,
    count(a.run_id) AS runs, avg(a.duration_ns) / 1e9 AS mean_s, max(a.duration_ns) / 1e9 AS max_s
FROM cell c JOIN experiment e ON e.experiment_id = c.experiment_id
JOIN experiment o ON o.name = e.name
JOIN cell l ON l.experiment_id = o.experiment_id AND l.label = c.label
LEFT JOIN run r ON r.cell_id = l.cell_id
LEFT JOIN attempt a ON a.run_id = r.run_id AND a.status = 'completed'
    AND a.backend = json_extract(e.settings, '$.backend')
WHERE c.experiment_id = :experiment_id GROUP BY c.cell_id ORDER BY c.position;
