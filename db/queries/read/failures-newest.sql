-- SPDX-License-Identifier: GPL-3.0-or-later
-- The attempts that failed or were tainted last, newest first, at most :limit.
SELECT r.run_id AS run, c.label AS cell, a.attempt AS attempt, a.class AS class, a.phase AS phase, a.reason AS reason
FROM run r JOIN cell c ON c.cell_id = r.cell_id JOIN attempt a ON a.run_id = r.run_id
WHERE r.experiment_id = :experiment_id AND a.class IS NOT NULL ORDER BY a.started_ns DESC LIMIT :limit;
