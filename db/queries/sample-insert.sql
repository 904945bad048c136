-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO sample (run_id, metric_id, attempt, sequence, iteration, offset_ns, value)
VALUES (:run_id, :metric_id, :attempt, :sequence, :iteration, :offset_ns, :value);
