-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT m.metric_id, m.unit, m.aggregate FROM metric m JOIN run r ON r.experiment_id = m.experiment_id
WHERE r.run_id = :run_id AND m.name = :name;
