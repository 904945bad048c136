-- SPDX-License-Identifier: GPL-3.0-or-later
-- Attempts without an end: running now, or cut off by a crash.
SELECT r.run_id AS run, c.label AS cell, a.attempt AS attempt, a.started_ns AS started_ns
FROM attempt a JOIN run r ON r.run_id = a.run_id JOIN cell c ON c.cell_id = r.cell_id
WHERE a.status = 'running' AND r.experiment_id = :experiment_id ORDER BY r.position;
