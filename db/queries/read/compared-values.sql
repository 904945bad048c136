-- SPDX-License-Identifier: GPL-3.0-or-later
-- The counted runs' values of those metrics, with the block that pairs them.
-- ?1 experiment_id, ?2 metric, ?3 all
SELECT v.metric_id AS metric_id, r.cell_id AS cell_id, r.block AS block, r.run_id AS run_id, v.value AS value
FROM run r
CROSS JOIN run_value v ON v.run_id = r.run_id
CROSS JOIN metric m ON m.metric_id = v.metric_id
WHERE r.experiment_id = ?1 AND r.status = 'completed' AND r.warmup = 0
    AND CASE WHEN ?2 IS NOT NULL THEN m.name = ?2 ELSE m.automatic = 0 OR ?3 = 1 END;
