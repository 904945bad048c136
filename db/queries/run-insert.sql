-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO run (experiment_id, cell_id, position, repetition, block, warmup)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);
