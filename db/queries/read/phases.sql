-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT attempt, name AS phase, machine, start_ns, duration_ns,
    start_ns / 1e9 AS start_s, duration_ns / 1e9 AS duration_s
FROM phase WHERE run_id = :run_id ORDER BY attempt, start_ns, sequence;
