-- SPDX-License-Identifier: GPL-3.0-or-later
-- The newest experiment of a name on this kind of machines.
SELECT experiment_id, scenario_text FROM experiment
WHERE name = ?1 AND json_extract(settings, '$.backend') = ?2 ORDER BY experiment_id DESC LIMIT 1;
