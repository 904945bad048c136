-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT figure, metric, x, by, facet, errors, normalize_to, expected FROM figure WHERE experiment_id = :experiment_id ORDER BY position;
