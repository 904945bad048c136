-- SPDX-License-Identifier: GPL-3.0-or-later
-- What should have been the same for all counted runs and was not: one row a thing that differs within a cell, or, for
-- what nobody varies as a factor, between cells.
WITH place AS MATERIALIZED (
    SELECT r.cell_id, a.platform, a.accelerator, a.emulator, a.concurrent
    FROM run r JOIN attempt a ON a.run_id = r.run_id AND a.status = 'completed'
    WHERE r.experiment_id = :experiment_id AND r.status = 'completed' AND r.warmup = 0
), found AS (
    SELECT cell_id, 1 AS rank, 'platform' AS what, platform AS value FROM place
    UNION SELECT cell_id, 2, 'accelerator', accelerator FROM place
    UNION SELECT NULL, 3, 'emulator', emulator FROM place
    UNION SELECT NULL, 4, 'number of runs side by side', CAST(concurrent AS TEXT) FROM place
)
SELECT coalesce(c.label, '') AS cell, f.what AS what, group_concat(f.value, ', ') AS found
FROM (SELECT * FROM found WHERE value IS NOT NULL ORDER BY rank, cell_id, value) f LEFT JOIN cell c ON c.cell_id = f.cell_id
GROUP BY f.rank, f.cell_id HAVING count(*) > 1 ORDER BY f.rank, c.position;
