-- SPDX-License-Identifier: GPL-3.0-or-later
-- ?1 run_id, ?2 name, ?3 unit, ?4 direction, ?5 aggregate, ?6 automatic
INSERT INTO metric (experiment_id, name, unit, direction, aggregate, automatic)
SELECT experiment_id, ?2, ?3, ?4, ?5, ?6 FROM run WHERE run_id = ?1
RETURNING metric_id;
