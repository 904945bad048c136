-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT m.name AS metric, m.unit AS unit, v.value AS value, v.samples AS samples, m.aggregate AS aggregate,
    m.direction AS direction, m.automatic AS automatic, v.attempt AS attempt
FROM run_value v JOIN metric m ON m.metric_id = v.metric_id
WHERE v.run_id = :run_id ORDER BY m.automatic, m.name;
