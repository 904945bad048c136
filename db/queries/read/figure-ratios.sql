-- SPDX-License-Identifier: GPL-3.0-or-later
-- One row a cell with values of a metric, and its mean over that of its baseline: the cell that has the level ?4 of the
-- factor ?3 and is the same otherwise. The interval is that of the ratio's logarithm: its variance adds up those of
-- both
-- means (first order of a Taylor series), with Welch and Satterthwaite's degrees of freedom. A ratio of what is not
-- above
-- 0 is NULL; so is the interval of the baseline itself, which is 1 by definition.
-- ?1 experiment_id, ?2 metric, ?3 factor, ?4 level
WITH place AS MATERIALIZED (
    SELECT cell_id, max(CASE WHEN name = ?3 THEN text END) AS level,
        group_concat(CASE WHEN name <> ?3 THEN level_id END) AS others
    FROM (SELECT cl.cell_id, f.name, l.text, l.level_id FROM cell_level cl
        JOIN factor f ON f.factor_id = cl.factor_id AND f.experiment_id = ?1 JOIN level l ON l.level_id = cl.level_id
        ORDER BY cl.cell_id, f.position)
    GROUP BY cell_id
), both AS (
    SELECT s.*, b.cell_id AS base_id, b.n AS base_n, s.mean / b.mean AS ratio,
        s.sem * s.sem / (s.mean * s.mean) AS own, b.sem * b.sem / (b.mean * b.mean) AS base
    FROM cell_summary s JOIN place p ON p.cell_id = s.cell_id
    LEFT JOIN (place q JOIN cell_summary b ON b.cell_id = q.cell_id AND b.metric = ?2 AND b.mean > 0)
        ON q.level = ?4 AND q.others IS p.others AND s.mean > 0
    WHERE s.experiment_id = ?1 AND s.metric = ?2
), width AS (
    SELECT *, CASE WHEN base_id = cell_id THEN NULL WHEN own + base = 0 THEN 0
        ELSE sqrt(own + base) * t_quantile(0.975, (own + base) * (own + base)
            / (own * own / (n - 1) + base * base / (base_n - 1))) END AS half
    FROM both
)
SELECT cell_id, unit, n, mean, stddev, sem, ci95_low, ci95_high,
    ratio, ratio * exp(-half) AS ratio_low, ratio * exp(half) AS ratio_high
FROM width ORDER BY cell_id;
