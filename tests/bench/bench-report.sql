-- SPDX-License-Identifier: GPL-3.0-or-later
-- A finished experiment of 1,000 cells (three factors of ten levels) with 100 runs each, into a database that has the
-- tables and nothing else. Values are made of a hash: the same everywhere.
PRAGMA foreign_keys = OFF;
PRAGMA synchronous = OFF;
BEGIN;
INSERT INTO experiment VALUES (1, '00000000-0000-4000-8000-00000000000b', 'bench', 'A thousand cells', 's.yaml', '', '{}', 1,
    'shuffled', 100, 0, 0, 0);
CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) SELECT i FROM n;
INSERT INTO factor SELECT i + 1, 1, i, char(97 + i) FROM n WHERE i < 3;
INSERT INTO level SELECT i + 1, i / 10 + 1, i % 10, CAST(i % 10 + 1 AS TEXT), i % 10 + 1, '', i % 10 + 1 FROM n WHERE i < 30;
INSERT INTO cell SELECT i + 1, 1, i, printf('a=%d b=%d c=%d', i / 100 + 1, i / 10 % 10 + 1, i % 10 + 1) FROM n WHERE i < 1000;
INSERT INTO cell_level SELECT c.i + 1, f.i + 1, f.i * 10 + CASE f.i WHEN 0 THEN c.i / 100 WHEN 1 THEN c.i / 10 % 10 ELSE c.i % 10 END + 1
FROM n c JOIN n f ON f.i < 3 WHERE c.i < 1000;
INSERT INTO run SELECT i + 1, 1, i % 1000 + 1, i + 1, i + 1, i / 1000 + 1, i / 1000 + 1, 0, 'completed' FROM n;
INSERT INTO attempt SELECT i + 1, 1, 'completed', NULL, NULL, NULL, i, 1, 'vm', 'tcg', 'qemu', 'fake', 1 FROM n;
INSERT INTO metric VALUES (1, 1, 'rtt', 'ms', 'lower', 'mean', 0);
INSERT INTO run_value SELECT i + 1, 1, 1, 10 + i % 1000 / 100 + i % 10 * 0.3 + (i * 7919 % 10007) / 10007.0, 1 FROM n;
INSERT INTO cell_stat
SELECT r.cell_id, 1, count(*), mean(v.value), stddev(v.value), sem(v.value), ci95_low(v.value), ci95_high(v.value),
    median(v.value), min(v.value), max(v.value)
FROM run_value v JOIN run r USING (run_id) GROUP BY r.cell_id;
COMMIT;
