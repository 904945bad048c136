-- SPDX-License-Identifier: GPL-3.0-or-later
DELETE FROM run_value WHERE run_id = :run_id;
