-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a cell and factor, in design order; level is NULL for a cell without factors.
SELECT c.cell_id AS cell_id, c.label AS cell, l.text AS level
FROM cell c
LEFT JOIN (cell_level cl JOIN factor f ON f.factor_id = cl.factor_id JOIN level l ON l.level_id = cl.level_id)
    ON cl.cell_id = c.cell_id
WHERE c.experiment_id = :experiment_id ORDER BY c.position, f.position;
