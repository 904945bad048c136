-- SPDX-License-Identifier: GPL-3.0-or-later
-- Every experiment, newest first.
SELECT e.experiment_id AS number, e.name AS name, e.uuid AS uuid,
    strftime('%Y-%m-%dT%H:%M:%SZ', e.created_ns / 1000000000, 'unixepoch') AS started,
    count(r.run_id) AS runs,
    count(*) FILTER (WHERE r.status = 'planned') AS planned,
    count(*) FILTER (WHERE r.status = 'running') AS running,
    count(*) FILTER (WHERE r.status = 'completed') AS completed,
    count(*) FILTER (WHERE r.status = 'failed') AS failed,
    count(*) FILTER (WHERE r.status = 'tainted') AS tainted
FROM experiment e LEFT JOIN run r ON r.experiment_id = e.experiment_id
GROUP BY e.experiment_id ORDER BY e.experiment_id DESC;
