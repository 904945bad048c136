-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO cell_level (cell_id, factor_id, level_id) VALUES (:cell_id, :factor_id, :level_id);
