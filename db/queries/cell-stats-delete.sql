-- SPDX-License-Identifier: GPL-3.0-or-later
DELETE FROM cell_stat WHERE cell_id = (SELECT cell_id FROM run WHERE run_id = :run_id);
