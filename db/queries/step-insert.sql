-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO step (run_id, attempt, sequence, name, machine, command, exit_status, timed_out, background,
    start_ns, duration_ns, signal, stop_signal)
VALUES (:run_id, :attempt, :sequence, :name, :machine, :command, nullif(:exit_status, -1), :timed_out, :background,
    :start_ns, :duration_ns, nullif(:signal, 0), nullif(:stop_signal, 0));
