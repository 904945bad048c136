-- SPDX-License-Identifier: GPL-3.0-or-later
-- The values of one metric of counted runs, cell by cell in design order and in the order of their repetitions.
SELECT r.cell_id AS cell_id, v.value AS value
FROM cell c JOIN run r ON r.cell_id = c.cell_id
JOIN metric m ON m.experiment_id = c.experiment_id AND m.name = ?2
JOIN run_value v ON v.run_id = r.run_id AND v.metric_id = m.metric_id
WHERE c.experiment_id = ?1 AND r.status = 'completed' AND r.warmup = 0 ORDER BY c.position, r.repetition;
