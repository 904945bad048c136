-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT * FROM run_facts WHERE run_id = :run_id;
