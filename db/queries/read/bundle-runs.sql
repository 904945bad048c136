-- SPDX-License-Identifier: GPL-3.0-or-later
-- A run's last attempt as an action: when it began and ended, and how.
SELECT f.run_id, f.cell_id, f.cell, f.repetition, f.warmup, f.status, f.attempt, f.reason, f.started_at,
    strftime('%Y-%m-%dT%H:%M:%S', (a.started_ns + a.duration_ns) / 1000000000, 'unixepoch')
        || printf('.%03dZ', (a.started_ns + a.duration_ns) / 1000000 % 1000) AS ended_at
FROM run_facts f JOIN attempt a ON a.run_id = f.run_id AND a.attempt = f.attempt
WHERE f.experiment_id = :experiment_id ORDER BY f.position;
