-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT * FROM run_facts WHERE experiment_id = :experiment_id ORDER BY position;
