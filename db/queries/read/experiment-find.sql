-- SPDX-License-Identifier: GPL-3.0-or-later
-- What :wanted names, best first: a number before a name (newest first) before the beginning of a UUID.
-- NULL: the newest.
SELECT experiment_id, rank FROM (
    SELECT experiment_id, CASE
        WHEN :wanted IS NULL THEN 1
        WHEN CAST(experiment_id AS TEXT) = :wanted THEN 1
        WHEN name = :wanted THEN 2
        WHEN substr(uuid, 1, length(:wanted)) = lower(:wanted) AND :wanted <> '' THEN 3
        END AS rank
    FROM experiment)
WHERE rank IS NOT NULL ORDER BY rank, experiment_id DESC LIMIT 2;
