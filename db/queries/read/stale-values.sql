-- SPDX-License-Identifier: GPL-3.0-or-later
-- Runs' values that are not what their samples give. The samples come in the order of their key, as 'last' needs.
WITH compared AS MATERIALIZED (
    SELECT v.run_id AS run_id, m.name AS metric, v.value AS stored, v.samples AS samples,
        (SELECT aggregate(s.value, m.aggregate) FROM sample s
         WHERE s.run_id = v.run_id AND s.metric_id = v.metric_id AND s.attempt = v.attempt) AS fresh,
        (SELECT count(*) FROM sample s
         WHERE s.run_id = v.run_id AND s.metric_id = v.metric_id AND s.attempt = v.attempt) AS n
    FROM run_value v JOIN metric m ON m.metric_id = v.metric_id)
SELECT run_id, metric FROM compared
WHERE fresh IS NULL OR n <> samples OR abs(stored - fresh) > 1e-9 * abs(fresh) LIMIT 100;
