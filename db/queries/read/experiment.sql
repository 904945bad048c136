-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT e.*, strftime('%Y-%m-%dT%H:%M:%SZ', e.created_ns / 1000000000, 'unixepoch') AS created_at,
    (SELECT count(*) FROM cell c WHERE c.experiment_id = e.experiment_id) AS cells,
    (SELECT count(*) FROM run r WHERE r.experiment_id = e.experiment_id) AS runs
FROM experiment e WHERE e.experiment_id = :experiment_id;
