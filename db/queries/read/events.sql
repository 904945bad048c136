-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT attempt, at_ns, at_ns / 1e9 AS at_s, kind, text
FROM event WHERE run_id = :run_id ORDER BY attempt, at_ns, sequence;
