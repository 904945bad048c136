-- SPDX-License-Identifier: GPL-3.0-or-later
-- Behind the attempt's other events, at its end.
INSERT INTO event (run_id, attempt, sequence, at_ns, kind, text)
SELECT a.run_id, a.attempt, (SELECT count(*) FROM event e WHERE e.run_id = a.run_id AND e.attempt = a.attempt), coalesce(a.duration_ns, 0), ?3, ?4
FROM attempt a WHERE a.run_id = ?1 AND a.attempt = ?2;
