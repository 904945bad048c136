-- SPDX-License-Identifier: GPL-3.0-or-later
-- For estimates: how long completed attempts of an experiment took.
SELECT count(*) AS n, mean(a.duration_ns / 1e9) AS mean_s, median(a.duration_ns / 1e9) AS median_s
FROM run r JOIN attempt a ON a.run_id = r.run_id
WHERE r.experiment_id = :experiment_id AND a.status = 'completed';
