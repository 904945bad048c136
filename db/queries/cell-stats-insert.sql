-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO cell_stat (cell_id, metric_id, n, mean, stddev, sem, ci95_low, ci95_high, median, min, max)
SELECT r.cell_id, v.metric_id, count(*), mean(v.value), stddev(v.value), sem(v.value),
    ci95_low(v.value), ci95_high(v.value), median(v.value), min(v.value), max(v.value)
FROM run r JOIN run_value v ON v.run_id = r.run_id
WHERE r.cell_id = (SELECT cell_id FROM run WHERE run_id = :run_id) AND r.status = 'completed' AND r.warmup = 0
GROUP BY v.metric_id;
