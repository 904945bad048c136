-- SPDX-License-Identifier: GPL-3.0-or-later
-- Which images this lab's experiments use, or will when they go on: of each the experiments, their runs, and the last one's time.
WITH uses AS (
    SELECT substr(key, 7) AS image, experiment_id FROM environment WHERE key GLOB 'image.*'
    UNION SELECT m.image, r.experiment_id FROM machine m JOIN run r ON r.run_id = m.run_id WHERE m.image IS NOT NULL
)
SELECT u.image AS image, count(*) AS experiments, sum((SELECT count(*) FROM run r WHERE r.experiment_id = u.experiment_id)) AS runs,
       max((SELECT max(f.started_at) FROM run_facts f WHERE f.experiment_id = u.experiment_id)) AS last_used
FROM uses u GROUP BY u.image ORDER BY u.image;
