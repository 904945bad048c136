-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO cell (experiment_id, position, label) VALUES (:experiment_id, :position, :label);
