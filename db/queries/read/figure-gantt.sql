-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a phase or step of a run's last attempt. Steps are phases too; they come once, with their machine. Without a
-- run: the first that counts.
-- ?1 experiment_id, ?2 run_id or 0
WITH shown AS MATERIALIZED (
    SELECT r.run_id, r.status, c.label, a.attempt, a.reason
    FROM run r JOIN cell c ON c.cell_id = r.cell_id JOIN attempt a ON a.run_id = r.run_id
    WHERE r.experiment_id = ?1
        AND CASE WHEN ?2 = 0 THEN r.status = 'completed' AND r.warmup = 0 ELSE r.run_id = ?2 END
    ORDER BY r.position, a.attempt DESC LIMIT 1
)
SELECT s.run_id AS run_id, s.label AS cell, s.status AS status, s.attempt AS attempt, s.reason AS reason,
    'phase' AS what,
    p.machine AS machine, p.name AS name, p.start_ns / 1e9 AS start_s, p.duration_ns / 1e9 AS duration_s
FROM shown s JOIN phase p ON p.run_id = s.run_id AND p.attempt = s.attempt
WHERE NOT EXISTS (SELECT 1 FROM step t
    WHERE t.run_id = p.run_id AND t.attempt = p.attempt AND p.name = 'step:' || t.name)
UNION ALL
SELECT s.run_id, s.label, s.status, s.attempt, s.reason,
    CASE WHEN t.timed_out THEN 'timed out' WHEN t.exit_status <> 0 AND NOT t.background THEN 'failed'
        WHEN t.background THEN 'background' ELSE 'step' END,
    t.machine, t.name, t.start_ns / 1e9, t.duration_ns / 1e9
FROM shown s JOIN step t ON t.run_id = s.run_id AND t.attempt = s.attempt
ORDER BY 9, 6, 7, 8;
