-- SPDX-License-Identifier: GPL-3.0-or-later
-- A run that failed or is tainted is planned again. It did not count, so no statistics change.
UPDATE run SET status = 'planned' WHERE run_id = :run_id AND status IN ('failed', 'tainted');
