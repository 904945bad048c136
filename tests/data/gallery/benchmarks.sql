-- SPDX-License-Identifier: GPL-3.0-or-later
-- Gives the runs of benchmarks.yaml, made on fake machines, values that look like measurements and are the same everywhere.
CREATE TEMP TABLE made (metric TEXT, bare REAL, kvm REAL, hardened REAL);
INSERT INTO made VALUES ('kernbench', 212, 1.04, 1.09), ('hackbench', 18.4, 1.11, 1.31), ('tcp-stream', 941, 1.004, 1.02),
    ('apache', 6120, 1.27, 1.52), ('memcached', 58400, 1.18, 1.41);
UPDATE run_value SET value = (
    SELECT d.bare * CASE m.direction WHEN 'lower' THEN s.slower ELSE 1 / s.slower END
        * (1 + ((r.repetition * 7919 + c.position * 3571 + d.rowid * 104729) % 1009 / 1009.0 - 0.5) * CASE d.metric WHEN 'hackbench' THEN 0.16 ELSE 0.05 END)
    FROM run r JOIN cell c USING (cell_id) JOIN metric m ON m.metric_id = run_value.metric_id JOIN made d ON d.metric = m.name
    JOIN (SELECT metric, 'system=bare' AS label, 1 AS slower FROM made UNION ALL SELECT metric, 'system=kvm', kvm FROM made
        UNION ALL SELECT metric, 'system=kvm-hardened', hardened FROM made) s ON s.metric = m.name AND s.label = c.label
    WHERE r.run_id = run_value.run_id)
WHERE metric_id IN (SELECT metric_id FROM metric WHERE automatic = 0);
DELETE FROM cell_stat;
INSERT INTO cell_stat (cell_id, metric_id, n, mean, stddev, sem, ci95_low, ci95_high, median, min, max)
SELECT r.cell_id, v.metric_id, count(*), mean(v.value), stddev(v.value), sem(v.value), ci95_low(v.value), ci95_high(v.value),
    median(v.value), min(v.value), max(v.value)
FROM run_value v JOIN run r USING (run_id) WHERE r.warmup = 0 AND r.status = 'completed' GROUP BY r.cell_id, v.metric_id;
