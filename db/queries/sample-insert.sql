-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO sample (run_id, metric_id, attempt, sequence, value)
VALUES (:run_id, :metric_id, :attempt, :sequence, :value);
