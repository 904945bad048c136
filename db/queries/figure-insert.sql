-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO figure (experiment_id, position, figure, metric, x, by)
VALUES (:experiment_id, :position, :figure, :metric, :x, :by);
