-- SPDX-License-Identifier: GPL-3.0-or-later
-- What became of an experiment's runs, warm-ups too; `left` are planned or running.
SELECT e.name AS name, e.uuid AS uuid, strftime('%Y-%m-%dT%H:%M:%SZ', e.created_ns / 1000000000, 'unixepoch') AS created_at,
    (SELECT count(*) FROM cell c WHERE c.experiment_id = e.experiment_id) AS cells,
    count(r.run_id) AS runs,
    count(*) FILTER (WHERE r.status IN ('planned', 'running')) AS "left",
    count(*) FILTER (WHERE r.status = 'running') AS running,
    count(*) FILTER (WHERE r.status = 'completed') AS completed,
    count(*) FILTER (WHERE r.status = 'failed') AS failed,
    count(*) FILTER (WHERE r.status = 'tainted') AS tainted
FROM experiment e LEFT JOIN run r ON r.experiment_id = e.experiment_id
WHERE e.experiment_id = :experiment_id GROUP BY e.experiment_id;
