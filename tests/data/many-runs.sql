-- SPDX-License-Identifier: GPL-3.0-or-later
-- Gives the newest experiment of a lab a thousand runs in each of its cells, one of five of them failed, with values that
-- look like measurements and are the same everywhere.
PRAGMA foreign_keys = OFF;
CREATE TEMP TABLE cells AS SELECT c.cell_id, c.experiment_id, c.position, r.run_id AS first FROM cell c JOIN run r USING (cell_id)
WHERE c.experiment_id = (SELECT max(experiment_id) FROM experiment);
CREATE TEMP TABLE added AS
WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 999)
SELECT c.*, k.i AS i, (SELECT max(run_id) FROM run) + row_number() OVER (ORDER BY k.i, c.position) AS run_id,
    row_number() OVER (ORDER BY k.i, c.position) AS place FROM cells c JOIN k;
INSERT INTO run (run_id, experiment_id, cell_id, position, executed, repetition, block, warmup, status)
SELECT run_id, experiment_id, cell_id, 1000000 + place, 1000000 + place, i + 1, i + 1, 0, iif(i % 5 = 0 OR i = 1, 'failed', 'completed')
FROM added;
INSERT INTO attempt (run_id, attempt, status, class, phase, reason, started_ns, duration_ns, platform)
SELECT run_id, 1, iif(r.status = 'failed', 'failed', 'completed'), iif(r.status = 'failed', 'step', NULL),
    iif(r.status = 'failed', 'step:say', NULL),
    iif(r.status = 'failed', 'step ''say'' ended with status 1 in run ' || run_id, NULL), 1, 1, 'vm'
FROM added JOIN run r USING (run_id);
INSERT INTO run_value (run_id, metric_id, attempt, value, samples)
SELECT a.run_id, m.metric_id, 1, a.position + (a.i * 7919 + a.position * 104729) % 10007 / 10007.0 + (a.i * 6101) % 9973 / 9973.0, 1
FROM added a JOIN run r USING (run_id) JOIN metric m ON m.experiment_id = a.experiment_id AND m.name = 'value'
WHERE r.status = 'completed';
DELETE FROM cell_stat WHERE cell_id IN (SELECT cell_id FROM cells);
INSERT INTO cell_stat (cell_id, metric_id, n, mean, stddev, sem, ci95_low, ci95_high, median, min, max)
SELECT r.cell_id, v.metric_id, count(*), mean(v.value), stddev(v.value), sem(v.value), ci95_low(v.value), ci95_high(v.value),
    median(v.value), min(v.value), max(v.value)
FROM run_value v JOIN run r USING (run_id) WHERE r.cell_id IN (SELECT cell_id FROM cells) AND r.status = 'completed' GROUP BY r.cell_id, v.metric_id;
