-- SPDX-License-Identifier: GPL-3.0-or-later
-- What a column of experiment_N_runs is made of: `numbers` when every level is a bare number, `quantities` when every
-- level has a base unit.
SELECT f.factor_id AS factor_id, f.name AS factor,
    count(*) = count(*) FILTER (WHERE l.unit = '') AS numbers,
    count(*) = count(l.base) AS quantities
FROM factor f JOIN level l ON l.factor_id = f.factor_id
WHERE f.experiment_id = :experiment_id GROUP BY f.factor_id ORDER BY f.position;
