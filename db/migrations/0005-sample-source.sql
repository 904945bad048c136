-- SPDX-License-Identifier: GPL-3.0-or-later
-- Samples know the machine they were measured on. Programs give many samples at once, so one row says it of all of them.

CREATE TABLE sample_source (
    -- Where samples were measured: those of a metric from `sequence` on, up to the next row's of the same attempt.
    run_id INTEGER NOT NULL,                        -- the run
    metric_id INTEGER NOT NULL,                     -- the metric
    attempt INTEGER NOT NULL,                       -- its attempt
    sequence INTEGER NOT NULL CHECK (sequence >= 0), -- of the first of the samples
    machine TEXT NOT NULL CHECK (machine <> ''),    -- the machine, or host
    PRIMARY KEY (run_id, metric_id, attempt, sequence)
) STRICT, WITHOUT ROWID;

CREATE VIEW sample_values AS SELECT
    -- One row a sample, also of failed attempts and of runs that do not count.
    s.run_id AS run_id,                             -- number of the run
    r.experiment_id AS experiment_id,               -- number of the experiment
    r.cell_id AS cell_id,                           -- number of the cell
    m.name AS metric,                               -- name of the metric
    m.unit AS unit,                                 -- its unit
    s.attempt AS attempt,                           -- the attempt
    s.iteration AS iteration,                       -- which repetition within the run; 0: it has only one
    (SELECT o.machine FROM sample_source o WHERE o.run_id = s.run_id AND o.metric_id = s.metric_id
        AND o.attempt = s.attempt AND o.sequence <= s.sequence ORDER BY o.sequence DESC LIMIT 1)
        AS machine,                                 -- where it was measured; NULL: on no single machine
    s.sequence AS sequence,                         -- order within run, metric and attempt, from 0
    s.offset_ns AS offset_ns,                       -- when, from the attempt's beginning; NULL: not known
    s.value AS value                                -- the number
FROM sample s
JOIN run r ON r.run_id = s.run_id
JOIN metric m ON m.metric_id = s.metric_id;
