-- SPDX-License-Identifier: GPL-3.0-or-later
-- At most :count of them (NULL: all) behind the position :after (NULL: from the first on).
SELECT run_id, cell_id, position, repetition, block, warmup
FROM run WHERE experiment_id = :experiment_id AND position > coalesce(:after, -1) AND status = 'planned'
ORDER BY position LIMIT coalesce(:count, -1);
