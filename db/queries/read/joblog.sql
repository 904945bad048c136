-- SPDX-License-Identifier: GPL-3.0-or-later
-- Every attempt that has ended, in the order of the ends, in the columns of GNU parallel's --joblog. Sequence numbers
-- are the runs' planned order, so a run that was tried again has more than one line, as there.
SELECT r.position AS Seq, coalesce(h.value, ':') AS Host,
    printf('%.3f', a.started_ns / 1e9) AS Starttime, printf('%10.3f', a.duration_ns / 1e9) AS JobRuntime,
    0 AS Send,
    (SELECT coalesce(sum(f.size), 0) FROM artifact f WHERE f.run_id = a.run_id AND f.attempt = a.attempt) AS Receive,
    CASE WHEN a.status = 'completed' THEN 0 WHEN a.class = 'timeout' THEN -1 ELSE 1 END AS Exitval,
    0 AS Signal,
    c.label || CASE r.warmup WHEN 1 THEN ' warm-up=' ELSE ' repetition=' END || r.repetition AS Command
FROM attempt a JOIN run r ON r.run_id = a.run_id JOIN cell c ON c.cell_id = r.cell_id
LEFT JOIN environment h ON h.experiment_id = r.experiment_id AND h.key = 'host.name'
WHERE r.experiment_id = :experiment_id AND a.status <> 'running' AND a.duration_ns IS NOT NULL
ORDER BY a.started_ns + a.duration_ns, r.position, a.attempt;
