-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a published value of a metric and a cell that it belongs to: one that has all the levels it names.
-- ?1 experiment_id, ?2 metric
SELECT c.cell_id AS cell_id, p.mean AS mean, p.stddev AS stddev, p.n AS n, p.source AS source
FROM published p JOIN cell c ON c.experiment_id = p.experiment_id
WHERE p.experiment_id = ?1 AND p.metric = ?2 AND NOT EXISTS (
    SELECT 1 FROM published_level l LEFT JOIN cell_level cl ON cl.cell_id = c.cell_id AND cl.factor_id = l.factor_id
    WHERE l.experiment_id = p.experiment_id AND l.position = p.position AND cl.level_id IS NOT l.level_id)
ORDER BY p.position, c.cell_id;
