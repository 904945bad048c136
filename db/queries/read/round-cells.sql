-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a cell, in design order: how many counted runs are planned for it so far, how many of all are not done, and
-- its last block.
SELECT c.cell_id AS cell_id, c.label AS cell, coalesce(sum(r.warmup = 0), 0) AS repetitions,
    coalesce(sum(r.status IN ('planned', 'running')), 0) AS "left", coalesce(max(r.block), 0) AS block
FROM cell c LEFT JOIN run r ON r.cell_id = c.cell_id
WHERE c.experiment_id = :experiment_id GROUP BY c.cell_id ORDER BY c.position;
