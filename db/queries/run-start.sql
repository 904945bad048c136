-- SPDX-License-Identifier: GPL-3.0-or-later
-- Only a planned run begins. Its place in the executed order is that of its first attempt.
UPDATE run SET status = 'running', executed = coalesce(executed, 1 + coalesce(
    (SELECT max(o.executed) FROM run o WHERE o.experiment_id = run.experiment_id AND o.executed IS NOT NULL), 0))
WHERE run_id = :run_id AND status = 'planned';
