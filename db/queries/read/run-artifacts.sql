-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT * FROM artifacts WHERE run_id = :run_id ORDER BY attempt, path;
