-- SPDX-License-Identifier: GPL-3.0-or-later
UPDATE attempt SET status = 'failed', class = 'host', phase = 'worker', reason = :reason
WHERE status = 'running' AND run_id IN (SELECT run_id FROM run WHERE experiment_id = :experiment_id AND status = 'running');
