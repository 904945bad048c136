-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT name AS metric, unit, direction, aggregate, automatic FROM metric
WHERE experiment_id = :experiment_id ORDER BY automatic, name;
