-- SPDX-License-Identifier: GPL-3.0-or-later
-- What a bundle says of its experiment. `finished_on` is the day of the last attempt, so that it is the same wherever the
-- bundle is made.
SELECT e.name, e.uuid, e.description, e.repetitions, e.warmup, e.scenario_text,
    strftime('%Y-%m-%dT%H:%M:%SZ', e.created_ns / 1000000000, 'unixepoch') AS created_at,
    strftime('%Y-%m-%d', coalesce((SELECT max(a.started_ns + coalesce(a.duration_ns, 0)) FROM attempt a
        JOIN run r ON r.run_id = a.run_id WHERE r.experiment_id = e.experiment_id), e.created_ns) / 1000000000,
        'unixepoch') AS finished_on,
    (SELECT count(*) FROM cell c WHERE c.experiment_id = e.experiment_id) AS cells,
    (SELECT count(*) FROM run r WHERE r.experiment_id = e.experiment_id) AS runs,
    (SELECT count(*) FROM run r WHERE r.experiment_id = e.experiment_id AND r.status = 'completed') AS completed,
    (SELECT count(*) FROM run r WHERE r.experiment_id = e.experiment_id AND r.status = 'failed') AS failed,
    (SELECT count(*) FROM run r WHERE r.experiment_id = e.experiment_id AND r.status = 'tainted') AS tainted,
    (SELECT count(*) FROM run r WHERE r.experiment_id = e.experiment_id AND r.status = 'running') AS running,
    (SELECT coalesce(sum(a.duration_ns), 0) / 1e9 FROM attempt a JOIN run r ON r.run_id = a.run_id
        WHERE r.experiment_id = e.experiment_id) AS run_seconds,
    (SELECT coalesce(max(m.memory_mb), 0) FROM (SELECT sum(m.memory_mb) AS memory_mb FROM machine m
        JOIN run r ON r.run_id = m.run_id WHERE r.experiment_id = e.experiment_id
        GROUP BY m.run_id, m.attempt) m) AS memory_mb,
    (SELECT coalesce(max(m.cpus), 0) FROM (SELECT sum(m.cpus) AS cpus FROM machine m
        JOIN run r ON r.run_id = m.run_id WHERE r.experiment_id = e.experiment_id
        GROUP BY m.run_id, m.attempt) m) AS cpus,
    (SELECT group_concat(p.platform, ', ') FROM (SELECT DISTINCT a.platform || coalesce(' (' || a.accelerator || ')', '')
        AS platform FROM attempt a JOIN run r ON r.run_id = a.run_id
        WHERE r.experiment_id = e.experiment_id AND a.platform IS NOT NULL ORDER BY 1) p) AS platforms
FROM experiment e WHERE e.experiment_id = :experiment_id;
