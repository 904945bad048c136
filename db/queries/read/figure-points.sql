-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a point: all counted runs of cells that share a level of x and of by. A factor that is NULL is not asked.
-- ?1 experiment_id, ?2 metric, ?3 x, ?4 by
SELECT x.text AS x, x.number AS x_number, x.unit AS x_unit, x.base AS x_base, b.text AS by,
    count(*) AS n, mean(v.value) AS mean, stddev(v.value) AS stddev, sem(v.value) AS sem,
    ci95_low(v.value) AS ci95_low, ci95_high(v.value) AS ci95_high,
    median(v.value) AS median, min(v.value) AS min, max(v.value) AS max
FROM metric m
CROSS JOIN run r ON r.experiment_id = m.experiment_id
CROSS JOIN run_value v ON v.run_id = r.run_id AND v.metric_id = m.metric_id
LEFT JOIN level x ON x.level_id = (SELECT cl.level_id FROM factor f JOIN cell_level cl ON cl.factor_id = f.factor_id
    WHERE f.experiment_id = ?1 AND f.name = ?3 AND cl.cell_id = r.cell_id)
LEFT JOIN level b ON b.level_id = (SELECT cl.level_id FROM factor f JOIN cell_level cl ON cl.factor_id = f.factor_id
    WHERE f.experiment_id = ?1 AND f.name = ?4 AND cl.cell_id = r.cell_id)
WHERE m.experiment_id = ?1 AND m.name = ?2 AND r.status = 'completed' AND r.warmup = 0
GROUP BY x.level_id, b.level_id
ORDER BY x.base IS NULL, x.base, x.position, b.position;
