-- SPDX-License-Identifier: GPL-3.0-or-later
-- Metrics to compare. Automatic metrics come only when the metric names one or all is 1.
-- ?1 experiment_id, ?2 metric, ?3 all
SELECT metric_id, name AS metric, unit, direction, aggregate, automatic FROM metric
WHERE experiment_id = ?1 AND CASE WHEN ?2 IS NOT NULL THEN name = ?2 ELSE automatic = 0 OR ?3 = 1 END
ORDER BY automatic, name;
