-- SPDX-License-Identifier: GPL-3.0-or-later
-- Every run that the lab has of experiments of a name on this kind of machines, oldest experiment first.
SELECT e.experiment_id AS experiment_id, c.cell_id AS cell_id, c.label AS cell, r.run_id AS run_id, r.warmup AS warmup,
    r.repetition AS repetition, r.status AS status, i.fingerprint AS fingerprint
FROM experiment e JOIN cell c ON c.experiment_id = e.experiment_id JOIN run r ON r.cell_id = c.cell_id
LEFT JOIN run_input i ON i.run_id = r.run_id
WHERE e.name = ?1 AND json_extract(e.settings, '$.backend') = ?2
ORDER BY e.experiment_id;
