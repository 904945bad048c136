-- SPDX-License-Identifier: GPL-3.0-or-later
-- Box plots of a metric: a row `box` a cell, and one for every run beyond its whiskers (`outlier`) or tainted.
-- Quartiles as
-- percentile() has them; the whiskers end at the outermost values within 1.5 interquartile ranges of the box.
-- ?1 experiment_id, ?2 metric
WITH value AS MATERIALIZED (
    SELECT r.run_id, r.cell_id, m.unit, v.value, r.status = 'tainted' AS tainted
    FROM metric m JOIN run r ON r.experiment_id = m.experiment_id
    JOIN run_value v ON v.run_id = r.run_id AND v.metric_id = m.metric_id
    WHERE m.experiment_id = ?1 AND m.name = ?2 AND r.warmup = 0 AND r.status IN ('completed', 'tainted')
), box AS MATERIALIZED (
    SELECT cell_id, unit, count(*) AS n, percentile(value, 25) AS q1, median(value) AS median,
        percentile(value, 75) AS q3, mean(value) AS mean
    FROM value WHERE NOT tainted GROUP BY cell_id
)
SELECT 'box' AS what, b.cell_id AS cell_id, NULL AS run_id, b.unit AS unit, b.n AS n, NULL AS value,
    min(v.value) AS whisker_low, b.q1 AS q1, b.median AS median, b.q3 AS q3, max(v.value) AS whisker_high,
    b.mean AS mean
FROM box b JOIN value v ON v.cell_id = b.cell_id AND NOT v.tainted
    AND v.value BETWEEN b.q1 - 1.5 * (b.q3 - b.q1) AND b.q3 + 1.5 * (b.q3 - b.q1)
GROUP BY b.cell_id
UNION ALL
SELECT CASE WHEN v.tainted THEN 'tainted' ELSE 'outlier' END, v.cell_id, v.run_id, v.unit, coalesce(b.n, 0), v.value,
    NULL, NULL, NULL, NULL, NULL, NULL
FROM value v LEFT JOIN box b ON b.cell_id = v.cell_id
WHERE v.tainted OR v.value NOT BETWEEN b.q1 - 1.5 * (b.q3 - b.q1) AND b.q3 + 1.5 * (b.q3 - b.q1)
ORDER BY 2, 3;
