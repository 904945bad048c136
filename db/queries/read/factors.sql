-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT f.factor_id AS factor_id, f.name AS factor, count(l.level_id) AS levels, count(l.base) AS quantities
FROM factor f LEFT JOIN level l ON l.factor_id = f.factor_id
WHERE f.experiment_id = :experiment_id GROUP BY f.factor_id ORDER BY f.position;
