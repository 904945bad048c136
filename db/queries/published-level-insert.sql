-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO published_level (experiment_id, position, factor_id, level_id)
VALUES (:experiment_id, :position, :factor_id, :level_id);
