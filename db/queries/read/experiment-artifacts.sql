-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT a.* FROM run r JOIN artifacts a ON a.run_id = r.run_id
WHERE r.experiment_id = :experiment_id ORDER BY a.path, a.run_id, a.attempt;
