-- SPDX-License-Identifier: GPL-3.0-or-later
-- How fast runs end: of the last :limit attempts that ended their run, how many there are, when the first of them began
-- and when the last of them ended (nanoseconds since 1970).
SELECT count(*) AS runs, min(started_ns) AS first_ns, max(ended_ns) AS last_ns FROM (
    SELECT a.started_ns AS started_ns, a.started_ns + a.duration_ns AS ended_ns
    FROM run r JOIN attempt a ON a.run_id = r.run_id
    WHERE r.experiment_id = :experiment_id AND r.executed IS NOT NULL AND r.status IN ('completed', 'failed', 'tainted')
        AND a.duration_ns IS NOT NULL AND a.attempt = (SELECT max(attempt) FROM attempt l WHERE l.run_id = r.run_id)
    ORDER BY r.executed DESC LIMIT :limit);
