-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO attempt (run_id, attempt, status, started_ns)
SELECT :run_id, 1 + coalesce(max(attempt), 0), 'running', :started_ns FROM attempt WHERE run_id = :run_id
RETURNING attempt;
