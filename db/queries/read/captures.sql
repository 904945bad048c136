-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT attempt, bridge, filter, path, packets, bytes, received, dropped, first_ns, last_ns
FROM capture WHERE run_id = :run_id ORDER BY attempt, sequence;
