-- SPDX-License-Identifier: GPL-3.0-or-later
-- One more run behind all that are planned.
INSERT INTO run (experiment_id, cell_id, position, repetition, block, warmup)
SELECT ?1, ?2, 1 + coalesce(max(position), 0), ?3, ?4, 0 FROM run WHERE experiment_id = ?1;
