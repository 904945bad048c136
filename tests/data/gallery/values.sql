-- SPDX-License-Identifier: GPL-3.0-or-later
-- Gives the runs of scenario.yaml, made on fake machines, values that look like measurements and are the same everywhere.
-- noise(a, b) of about -1.7 to 1.7 with a standard deviation of 0.58 is made of two hashes; there is no random number.
PRAGMA foreign_keys = OFF;
CREATE TEMP VIEW place AS SELECT r.run_id, r.cell_id, r.executed, r.repetition, r.warmup,
    (SELECT l.base * 1000 FROM cell_level cl JOIN factor f USING (factor_id) JOIN level l ON l.level_id = cl.level_id
        WHERE cl.cell_id = r.cell_id AND f.name = 'delay') AS delay,
    (SELECT l.base FROM cell_level cl JOIN factor f USING (factor_id) JOIN level l ON l.level_id = cl.level_id
        WHERE cl.cell_id = r.cell_id AND f.name = 'size') AS size,
    ((r.position * 7919 + r.cell_id * 104729) % 10007) / 10007.0 - 0.5 AS u1,
    ((r.position * 6101 + r.repetition * 15485863) % 9973) / 9973.0 - 0.5 AS u2,
    ((r.position * 3571 + r.cell_id * 32452843) % 8191) / 8191.0 - 0.5 AS u3
FROM run r;
-- 40 samples a run.
WITH RECURSIVE k(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i < 39)
INSERT OR REPLACE INTO sample (run_id, metric_id, attempt, sequence, value)
SELECT p.run_id, m.metric_id, 1, i, round(1.2 + 2 * p.delay + p.size / 900 + (1 + p.delay / 4) * (p.u1 + p.u2 + p.u3)
    + p.executed * 0.002 + CASE WHEN p.u1 > 0.46 THEN 4 + p.delay / 10 ELSE 0 END
    + ((p.run_id * 271 + i * i * i * 7907 + i * 613) % 1009) / 1009.0 - 0.5 + 3 * exp(-i / 3.0), 4)
FROM place p JOIN metric m ON m.name = 'rtt' JOIN k;
UPDATE phase SET duration_ns = CASE name WHEN 'prepare' THEN 210000000 WHEN 'network' THEN 160000000 WHEN 'define' THEN 90000000
    WHEN 'boot' THEN 2400000000 WHEN 'ready' THEN 350000000 WHEN 'step:serve' THEN 70000000
    WHEN 'step:ping' THEN 900000000 + 30000000 * (SELECT CAST(delay AS INTEGER) FROM place p WHERE p.run_id = phase.run_id)
    WHEN 'collect' THEN 120000000 ELSE 260000000 END
    + (run_id * 7919 % 1000) * 40000;
UPDATE phase SET start_ns = (SELECT coalesce(sum(b.duration_ns), 0) FROM phase b
    WHERE b.run_id = phase.run_id AND b.attempt = phase.attempt AND b.sequence < phase.sequence);
UPDATE step SET start_ns = (SELECT start_ns FROM phase p WHERE p.run_id = step.run_id AND p.attempt = step.attempt AND p.name = 'step:' || step.name),
    duration_ns = (SELECT duration_ns FROM phase p WHERE p.run_id = step.run_id AND p.attempt = step.attempt AND p.name = 'step:' || step.name);
UPDATE step SET duration_ns = 2100000000 WHERE background = 1;
UPDATE sample SET value = (SELECT p.duration_ns / 1e9 FROM phase p JOIN metric m ON m.name = 'phase.' || p.name
    WHERE m.metric_id = sample.metric_id AND p.run_id = sample.run_id AND p.attempt = sample.attempt)
    WHERE metric_id IN (SELECT metric_id FROM metric WHERE name GLOB 'phase.*');
-- Some go wrong.
UPDATE run SET status = 'tainted' WHERE warmup = 0 AND run_id % 71 = 5;
UPDATE run SET status = 'failed' WHERE warmup = 0 AND run_id % 83 = 9;
UPDATE attempt SET status = 'failed', class = 'step', phase = 'step:ping', reason = 'step ''ping'' ended with status 1'
    WHERE run_id IN (SELECT run_id FROM run WHERE status = 'failed');
DELETE FROM run_value;
INSERT INTO run_value (run_id, metric_id, attempt, value, samples)
SELECT s.run_id, s.metric_id, s.attempt, aggregate(s.value, m.aggregate), count(*) FROM sample s JOIN metric m USING (metric_id)
JOIN run r ON r.run_id = s.run_id AND r.status <> 'failed' GROUP BY s.run_id, s.metric_id;
DELETE FROM cell_stat;
INSERT INTO cell_stat (cell_id, metric_id, n, mean, stddev, sem, ci95_low, ci95_high, median, min, max)
SELECT r.cell_id, v.metric_id, count(*), mean(v.value), stddev(v.value), sem(v.value), ci95_low(v.value), ci95_high(v.value),
    median(v.value), min(v.value), max(v.value)
FROM run_value v JOIN run r USING (run_id) WHERE r.warmup = 0 AND r.status = 'completed' GROUP BY r.cell_id, v.metric_id;
