-- SPDX-License-Identifier: GPL-3.0-or-later
-- Metrics outside, their samples inside: one search a metric instead of one a sample, and both come in the order of
-- their keys, so nothing is sorted and 'last' has its meaning.
INSERT INTO run_value (run_id, metric_id, attempt, value, samples)
SELECT s.run_id, m.metric_id, s.attempt, aggregate(s.value, m.aggregate), count(*)
FROM metric m CROSS JOIN sample s ON s.metric_id = m.metric_id
WHERE m.experiment_id = (SELECT experiment_id FROM run WHERE run_id = :run_id) AND s.run_id = :run_id
    AND s.attempt = (SELECT max(attempt) FROM attempt WHERE run_id = :run_id AND status = 'completed')
GROUP BY m.name
HAVING aggregate(s.value, m.aggregate) IS NOT NULL;
