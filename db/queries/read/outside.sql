-- SPDX-License-Identifier: GPL-3.0-or-later
-- What attempts of the experiment (0: of all) may have left outside their namespaces.
SELECT o.run_id AS run_id, o.attempt AS attempt, o.kind AS kind, o.place AS place, r.experiment_id AS experiment_id, e.uuid AS uuid
FROM outside o JOIN run r ON r.run_id = o.run_id JOIN experiment e ON e.experiment_id = r.experiment_id
WHERE :experiment_id IN (0, r.experiment_id)
ORDER BY o.run_id, o.attempt, o.kind DESC;
