-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row an attempt that failed or is tainted, in planned order, also of a run that a later attempt completed; and one a
-- failed or tainted run whose attempts do not say why.
-- ?1 experiment_id, ?2 at most so many
SELECT r.run_id AS run, c.label AS cell, r.repetition AS repetition, iif(r.warmup, 'warm-up, ', '') || r.status AS "run is now",
    a.attempt AS attempt, coalesce(a.class, 'not said') AS class, a.phase AS phase, a.reason AS reason
FROM run r JOIN cell c ON c.cell_id = r.cell_id LEFT JOIN attempt a ON a.run_id = r.run_id AND a.class IS NOT NULL
WHERE r.experiment_id = ?1 AND (a.class IS NOT NULL OR r.status IN ('failed', 'tainted'))
ORDER BY r.position, a.attempt LIMIT ?2;
