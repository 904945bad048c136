-- SPDX-License-Identifier: GPL-3.0-or-later
-- Not final: the run waits for its next attempt as if it had not begun.
UPDATE run SET status = :status WHERE run_id = :run_id AND status = 'running';
