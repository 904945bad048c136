-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT f.name AS factor, l.text AS level, l.number AS number, l.unit AS unit, l.base AS base
FROM cell_level cl JOIN factor f ON f.factor_id = cl.factor_id JOIN level l ON l.level_id = cl.level_id
WHERE cl.cell_id = :cell_id ORDER BY f.position;
