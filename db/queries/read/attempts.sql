-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT attempt, status, class, phase, reason,
    strftime('%Y-%m-%dT%H:%M:%S', started_ns / 1000000000, 'unixepoch')
        || printf('.%03dZ', started_ns / 1000000 % 1000) AS started_at,
    duration_ns / 1e9 AS duration_s, platform, accelerator, emulator, backend, concurrent
FROM attempt WHERE run_id = :run_id ORDER BY attempt;
