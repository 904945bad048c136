-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT f.name AS factor, l.text AS level, l.number AS number, l.unit AS unit, l.base AS base
FROM factor f JOIN level l ON l.factor_id = f.factor_id
WHERE f.experiment_id = :experiment_id ORDER BY f.position, l.position;
