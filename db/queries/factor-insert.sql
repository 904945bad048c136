-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO factor (experiment_id, position, name) VALUES (:experiment_id, :position, :name);
