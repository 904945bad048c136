-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a cell, in design order: how many runs have which status.
SELECT c.cell_id AS cell_id, c.label AS cell, count(r.run_id) AS runs,
    count(*) FILTER (WHERE r.status = 'planned') AS planned,
    count(*) FILTER (WHERE r.status = 'running') AS running,
    count(*) FILTER (WHERE r.status = 'completed') AS completed,
    count(*) FILTER (WHERE r.status = 'failed') AS failed,
    count(*) FILTER (WHERE r.status = 'tainted') AS tainted
FROM cell c LEFT JOIN run r ON r.cell_id = c.cell_id
WHERE c.experiment_id = :experiment_id GROUP BY c.cell_id ORDER BY c.position;
