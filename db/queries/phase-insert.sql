-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO phase (run_id, attempt, sequence, name, machine, start_ns, duration_ns)
VALUES (:run_id, :attempt, :sequence, :name, :machine, :start_ns, :duration_ns);
