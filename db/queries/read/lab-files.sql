-- SPDX-License-Identifier: GPL-3.0-or-later
-- What may lie below LAB/runs: artifacts with size and digest; copies of the scenario's files with their digest alone; files of which nothing is stored; and, with a slash at
-- the end, folders of attempts whose files were never counted because they are under way or were cut off.
SELECT path, size, sha256 FROM artifact
UNION ALL SELECT 'runs/' || experiment_id || '/' || substr(key, 6), -1, value FROM environment WHERE key GLOB 'file.*'
UNION ALL SELECT 'runs/' || experiment_id || '/scenario.yaml', NULL, NULL FROM experiment
UNION ALL SELECT 'runs/' || experiment_id || '/log.jsonl', NULL, NULL FROM experiment
UNION ALL SELECT printf('runs/%d/%05d/%d/worker.log', r.experiment_id, a.run_id, a.attempt), NULL, NULL
    FROM attempt a JOIN run r ON r.run_id = a.run_id
UNION ALL SELECT printf('runs/%d/%05d/%d/', r.experiment_id, a.run_id, a.attempt), NULL, NULL
    FROM attempt a JOIN run r ON r.run_id = a.run_id
    WHERE NOT EXISTS (SELECT 1 FROM artifact f WHERE f.run_id = a.run_id AND f.attempt = a.attempt);
