-- SPDX-License-Identifier: GPL-3.0-or-later
-- How many runs have no value that counts, by what became of them; warm-ups that are completed are not among them.
SELECT status, count(*) AS runs FROM run
WHERE experiment_id = :experiment_id AND status <> 'completed'
GROUP BY status ORDER BY CASE status WHEN 'failed' THEN 1 WHEN 'tainted' THEN 2 WHEN 'running' THEN 3 ELSE 4 END;
