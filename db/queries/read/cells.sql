-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT cell_id, position, label AS cell FROM cell WHERE experiment_id = :experiment_id ORDER BY position;
