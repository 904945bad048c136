-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a cell, in design order: what became of the runs that are no warm-up. `left` are planned or running.
SELECT c.label AS cell, count(r.run_id) AS runs,
    count(*) FILTER (WHERE r.status = 'completed') AS completed,
    count(*) FILTER (WHERE r.status = 'failed') AS failed,
    count(*) FILTER (WHERE r.status = 'tainted') AS tainted,
    count(*) FILTER (WHERE r.status IN ('planned', 'running')) AS "left"
FROM cell c LEFT JOIN run r ON r.cell_id = c.cell_id AND r.warmup = 0
WHERE c.experiment_id = :experiment_id GROUP BY c.cell_id ORDER BY c.position;
