-- SPDX-License-Identifier: GPL-3.0-or-later
-- Files of ended attempts that are not on the disk before the database says so, because nothing is measured in them, as far as they may have been
-- written within ?2 nanoseconds before the oldest attempt without an end began, or later. When all attempts have an end: before the last
-- of them ended, if that was before ?3, when this host booted, and runs are left; else none.
SELECT f.run_id AS run_id, f.attempt AS attempt, f.sequence AS sequence, f.kind AS kind, f.machine AS machine, f.step AS step,
    f.path AS path, f.size AS size, f.sha256 AS sha256
FROM run r JOIN attempt a ON a.run_id = r.run_id JOIN artifact f ON f.run_id = a.run_id AND f.attempt = a.attempt
WHERE r.experiment_id = ?1 AND f.kind IN ('command', 'exit', 'log', 'definition')
    AND a.started_ns + a.duration_ns >= coalesce(
        (SELECT min(c.started_ns) FROM attempt c JOIN run o ON o.run_id = c.run_id WHERE c.status = 'running' AND o.experiment_id = ?1),
        (SELECT max(c.started_ns + c.duration_ns) FROM attempt c JOIN run o ON o.run_id = c.run_id WHERE o.experiment_id = ?1
            AND EXISTS (SELECT 1 FROM run p WHERE p.experiment_id = ?1 AND p.status = 'planned') HAVING max(c.started_ns + c.duration_ns) < ?3)
        ) - ?2
ORDER BY f.run_id, f.attempt, f.sequence;
