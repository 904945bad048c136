-- SPDX-License-Identifier: GPL-3.0-or-later
-- For estimates: what the completed attempts of each cell (by its label) of all experiments of a name took on average on
-- this kind of machines, in time and in artifacts.
SELECT c.label AS cell, count(*) AS runs, avg(a.duration_ns) / 1e9 AS run_s,
    avg((SELECT coalesce(sum(f.size), 0) FROM artifact f WHERE f.run_id = a.run_id AND f.attempt = a.attempt)) AS run_bytes
FROM experiment e JOIN cell c ON c.experiment_id = e.experiment_id JOIN run r ON r.cell_id = c.cell_id
JOIN attempt a ON a.run_id = r.run_id AND a.status = 'completed' AND a.backend = ?2
WHERE e.name = ?1 GROUP BY c.label;
