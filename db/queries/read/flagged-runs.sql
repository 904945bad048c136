-- SPDX-License-Identifier: GPL-3.0-or-later
-- The counted runs whose last attempt has an event of this kind, a row an event: `unsteady` (their iterations came to no steady state, a
-- row a metric), `kept` (they began on machines of an earlier run, of which they are not independent). Events come first, because most runs have none.
SELECT r.run_id AS run_id, c.label AS cell, e.text AS found
FROM run r
CROSS JOIN event e ON e.run_id = r.run_id AND e.kind = :kind
CROSS JOIN attempt a ON a.run_id = e.run_id AND a.attempt = e.attempt AND a.status = 'completed'
    AND a.attempt = (SELECT max(attempt) FROM attempt l WHERE l.run_id = e.run_id)
CROSS JOIN cell c ON c.cell_id = r.cell_id
WHERE r.experiment_id = :experiment_id AND r.status = 'completed' AND r.warmup = 0
ORDER BY c.position, r.repetition, e.sequence;
