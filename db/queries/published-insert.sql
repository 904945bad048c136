-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO published (experiment_id, position, metric, mean, stddev, n, source)
VALUES (:experiment_id, :position, :metric, :mean, :stddev, nullif(:n, 0), :source);
