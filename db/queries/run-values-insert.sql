-- SPDX-License-Identifier: GPL-3.0-or-later
-- The inner ORDER BY gives 'last' its meaning; it is the key's order, so nothing is sorted.
INSERT INTO run_value (run_id, metric_id, attempt, value, samples)
SELECT run_id, metric_id, attempt, aggregate(value, how), count(*)
FROM (SELECT s.run_id, s.metric_id, s.attempt, s.value, m.aggregate AS how
      FROM sample s CROSS JOIN metric m ON m.metric_id = s.metric_id
      WHERE s.run_id = :run_id
        AND s.attempt = (SELECT max(attempt) FROM attempt WHERE run_id = :run_id AND status = 'completed')
      ORDER BY s.run_id, s.metric_id, s.attempt, s.sequence)
GROUP BY run_id, metric_id, attempt
HAVING aggregate(value, how) IS NOT NULL;
