-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO capture (run_id, attempt, sequence, bridge, filter, path, packets, bytes, received, dropped,
    first_ns, last_ns)
VALUES (:run_id, :attempt, :sequence, :bridge, :filter, :path, :packets, :bytes, :received, :dropped,
    :first_ns, :last_ns);
