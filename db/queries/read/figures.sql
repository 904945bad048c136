-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT figure, metric, x, by FROM figure WHERE experiment_id = :experiment_id ORDER BY position;
