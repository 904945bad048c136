-- SPDX-License-Identifier: GPL-3.0-or-later
-- For estimates: what completed attempts of all experiments of a name took on average, in time and in artifacts.
SELECT count(*) AS runs, avg(a.duration_ns) / 1e9 AS run_s,
    avg((SELECT coalesce(sum(f.size), 0) FROM artifact f WHERE f.run_id = a.run_id AND f.attempt = a.attempt)) AS run_bytes
FROM experiment e JOIN run r ON r.experiment_id = e.experiment_id JOIN attempt a ON a.run_id = r.run_id
WHERE e.name = :name AND a.status = 'completed';
