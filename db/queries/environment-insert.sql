-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO environment (experiment_id, key, value) VALUES (:experiment_id, :key, :value);
