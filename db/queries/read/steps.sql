-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT attempt, name AS step, machine, command, exit_status, signal, stop_signal, timed_out, background, start_ns, duration_ns,
    duration_ns / 1e9 AS duration_s
FROM step WHERE run_id = :run_id ORDER BY attempt, sequence;
