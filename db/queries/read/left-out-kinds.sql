-- SPDX-License-Identifier: GPL-3.0-or-later
-- The rows of left-out.sql by kind, the most frequent first, with the first of their reasons.
-- ?1 experiment_id
WITH attempts AS (
    SELECT r.run_id AS run_id, coalesce(a.class, 'not said') AS class, a.phase AS phase, a.reason AS reason,
        row_number() OVER (PARTITION BY a.class, a.phase ORDER BY r.position, a.attempt) AS place
    FROM run r LEFT JOIN attempt a ON a.run_id = r.run_id AND a.class IS NOT NULL
    WHERE r.experiment_id = ?1 AND (a.class IS NOT NULL OR r.status IN ('failed', 'tainted'))
)
SELECT class, phase, count(*) AS attempts, count(DISTINCT run_id) AS runs, max(run_id) FILTER (WHERE place = 1) AS "first run",
    max(reason) FILTER (WHERE place = 1) AS "its reason"
FROM attempts GROUP BY class, phase ORDER BY 3 DESC, class, phase;
