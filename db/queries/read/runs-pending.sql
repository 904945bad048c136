-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT r.run_id AS run_id, r.cell_id AS cell_id, c.label AS cell, r.position AS position, r.repetition AS repetition,
    r.block AS block, r.warmup AS warmup
FROM run r JOIN cell c ON c.cell_id = r.cell_id
WHERE r.experiment_id = :experiment_id AND r.status = 'planned' ORDER BY r.position;
