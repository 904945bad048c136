-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO sample_source (run_id, metric_id, attempt, sequence, machine)
VALUES (:run_id, :metric_id, :attempt, :sequence, :machine);
