-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row an attempt that failed or is tainted, in planned order.
SELECT r.run_id AS run, c.label AS cell, r.status AS status, a.attempt AS attempt, a.class AS class, a.phase AS phase,
    a.reason AS reason
FROM run r JOIN cell c ON c.cell_id = r.cell_id JOIN attempt a ON a.run_id = r.run_id
WHERE r.experiment_id = :experiment_id AND a.class IS NOT NULL ORDER BY r.position, a.attempt;
