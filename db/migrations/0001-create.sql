-- SPDX-License-Identifier: GPL-3.0-or-later
-- The first schema. The comments inside the statements stay in the file (`.schema` shows them), and docs/database.md is
-- made from them: the first comment of a table or view is its meaning, the comment behind a column is the column's.

PRAGMA application_id = 1413637476; -- "TBed"

CREATE TABLE experiment (
    -- One expanded, stored matrix: what `run` made of a scenario at one time on one host.
    experiment_id INTEGER PRIMARY KEY,              -- its number in this lab
    uuid TEXT NOT NULL UNIQUE CHECK (uuid <> ''),   -- its name in every lab
    name TEXT NOT NULL CHECK (name <> ''),          -- the scenario's name
    description TEXT,                               -- the scenario's description
    scenario_path TEXT NOT NULL,                    -- where the scenario was read from
    scenario_text TEXT NOT NULL,                    -- the scenario, byte for byte
    settings TEXT NOT NULL CHECK (settings GLOB '{*}'), -- JSON object: what the command line changed
    seed INTEGER NOT NULL,                          -- seed of the order; one of 2^63 or more is stored less 2^64
    run_order TEXT NOT NULL,                        -- sequential, interleaved, blocks or shuffled
    repetitions INTEGER NOT NULL CHECK (repetitions >= 0), -- counted repetitions of each cell
    warmup INTEGER NOT NULL CHECK (warmup >= 0),    -- warm-up repetitions of each cell
    retries INTEGER NOT NULL CHECK (retries >= 0),  -- how often a failed run is tried again
    created_ns INTEGER NOT NULL                     -- when it was planned: nanoseconds since 1970 (UTC)
) STRICT;
CREATE INDEX experiment_by_name ON experiment (name);

CREATE TABLE environment (
    -- What an experiment ran on: host, kernel, CPU, versions, digests of the images.
    experiment_id INTEGER NOT NULL REFERENCES experiment, -- the experiment
    key TEXT NOT NULL,                              -- what it is, as `host.kernel`
    value TEXT NOT NULL,                            -- what was found
    PRIMARY KEY (experiment_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE factor (
    -- A varied parameter of an experiment.
    factor_id INTEGER PRIMARY KEY,                  -- number of the factor
    experiment_id INTEGER NOT NULL REFERENCES experiment, -- the experiment
    position INTEGER NOT NULL CHECK (position >= 0), -- order in the scenario, from 0
    name TEXT NOT NULL CHECK (name <> ''),          -- its name in the scenario
    UNIQUE (experiment_id, name),
    UNIQUE (experiment_id, position)
) STRICT;

CREATE TABLE level (
    -- One value of a factor.
    level_id INTEGER PRIMARY KEY,                   -- number of the level
    factor_id INTEGER NOT NULL REFERENCES factor,   -- the factor
    position INTEGER NOT NULL CHECK (position >= 0), -- order in the scenario, from 0
    text TEXT NOT NULL,                             -- as typed: `10ms`
    number REAL,                                    -- as typed, without its unit: 10; NULL: it is no quantity
    unit TEXT,                                      -- as typed: `ms`; empty: a bare number; NULL: it is no quantity
    base REAL,                                      -- in the base unit (s, bytes, bit/s, per cent): 0.01
    UNIQUE (factor_id, position),
    UNIQUE (factor_id, text),
    UNIQUE (level_id, factor_id),
    CHECK ((number IS NULL) = (base IS NULL) AND (number IS NULL) = (unit IS NULL))
) STRICT;

CREATE TABLE cell (
    -- One combination of levels.
    cell_id INTEGER PRIMARY KEY,                    -- number of the cell
    experiment_id INTEGER NOT NULL REFERENCES experiment, -- the experiment
    position INTEGER NOT NULL CHECK (position >= 0), -- order in the design, from 0
    label TEXT NOT NULL CHECK (label <> ''),        -- for people: `delay=10ms size=64`
    UNIQUE (experiment_id, position),
    UNIQUE (experiment_id, label),
    UNIQUE (cell_id, experiment_id)
) STRICT;

CREATE TABLE cell_level (
    -- Which level of each factor a cell has.
    cell_id INTEGER NOT NULL REFERENCES cell,       -- the cell
    factor_id INTEGER NOT NULL,                     -- the factor
    level_id INTEGER NOT NULL,                      -- its level in this cell
    PRIMARY KEY (cell_id, factor_id),
    FOREIGN KEY (level_id, factor_id) REFERENCES level (level_id, factor_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
    -- One execution of one repetition of one cell.
    run_id INTEGER PRIMARY KEY,                     -- its number in this lab; follows the planned order
    experiment_id INTEGER NOT NULL,                 -- the experiment
    cell_id INTEGER NOT NULL,                       -- the cell
    position INTEGER NOT NULL CHECK (position >= 1), -- planned order within the experiment, from 1
    executed INTEGER CHECK (executed >= 1),         -- order in which first attempts began, from 1; NULL: not begun
    repetition INTEGER NOT NULL CHECK (repetition >= 1), -- from 1 within its cell; warm-ups count for themselves
    block INTEGER NOT NULL CHECK (block >= 0),      -- block of a blocked order, from 1; 0 for warm-ups
    warmup INTEGER NOT NULL CHECK (warmup IN (0, 1)), -- 1: run and kept, but not counted
    status TEXT NOT NULL DEFAULT 'planned' CHECK (status IN ('planned', 'running', 'completed', 'failed', 'tainted')),
        -- planned, running, completed, failed or tainted (completed, but not to be counted)
    UNIQUE (experiment_id, position),
    UNIQUE (cell_id, warmup, repetition),
    FOREIGN KEY (cell_id, experiment_id) REFERENCES cell (cell_id, experiment_id)
) STRICT;
CREATE UNIQUE INDEX run_by_executed ON run (experiment_id, executed) WHERE executed IS NOT NULL;

CREATE TABLE attempt (
    -- One try at a run. Only a completed attempt gives values; what a failed one left is kept as well.
    run_id INTEGER NOT NULL REFERENCES run,         -- the run
    attempt INTEGER NOT NULL CHECK (attempt >= 1),  -- from 1 within the run
    status TEXT NOT NULL CHECK (status IN ('running', 'completed', 'failed')), -- running: has no end yet
    class TEXT CHECK (class IN ('scenario', 'provision', 'boot', 'step', 'timeout', 'collect', 'host')),
        -- kind of failure: scenario, provision, boot, step, timeout, collect or host
    phase TEXT,                                     -- phase in which it failed
    reason TEXT,                                    -- first line of the error
    started_ns INTEGER NOT NULL,                    -- its beginning: nanoseconds since 1970 (UTC)
    duration_ns INTEGER CHECK (duration_ns >= 0),   -- how long it took; NULL: not known
    platform TEXT,                                  -- vm or bare
    accelerator TEXT,                               -- kvm or tcg
    emulator TEXT,                                  -- program and version that emulated
    backend TEXT,                                   -- what drove the machines
    concurrent INTEGER CHECK (concurrent >= 1),     -- runs side by side at its beginning, itself included
    PRIMARY KEY (run_id, attempt),
    CHECK (status = 'failed' OR (class IS NULL AND reason IS NULL)),
    CHECK (status <> 'failed' OR class IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_open ON attempt (run_id) WHERE status = 'running';

CREATE TABLE phase (
    -- A timed stage of an attempt.
    run_id INTEGER NOT NULL,                        -- the run
    attempt INTEGER NOT NULL,                       -- its attempt
    sequence INTEGER NOT NULL,                      -- order within the attempt, from 0
    name TEXT NOT NULL CHECK (name <> ''),          -- prepare, network, define, boot, ready, step:NAME ...
    machine TEXT,                                   -- the machine; NULL: all
    start_ns INTEGER NOT NULL,                      -- from the attempt's beginning, monotonic clock
    duration_ns INTEGER NOT NULL CHECK (duration_ns >= 0), -- how long it took
    PRIMARY KEY (run_id, attempt, sequence),
    FOREIGN KEY (run_id, attempt) REFERENCES attempt
) STRICT, WITHOUT ROWID;

CREATE TABLE machine (
    -- A machine of an attempt, as it really was.
    run_id INTEGER NOT NULL,                        -- the run
    attempt INTEGER NOT NULL,                       -- its attempt
    name TEXT NOT NULL CHECK (name <> ''),          -- its name in the scenario
    image TEXT,                                     -- name of its image
    image_digest TEXT,                              -- SHA-256 of its image
    platform TEXT,                                  -- vm or bare
    accelerator TEXT,                               -- kvm or tcg
    emulator TEXT,                                  -- program and version that emulated
    memory_mb INTEGER NOT NULL CHECK (memory_mb >= 0), -- memory in MiB
    cpus INTEGER NOT NULL CHECK (cpus >= 0),        -- virtual CPUs
    PRIMARY KEY (run_id, attempt, name),
    FOREIGN KEY (run_id, attempt) REFERENCES attempt
) STRICT, WITHOUT ROWID;

CREATE TABLE step (
    -- A step of an attempt: a command in a machine.
    run_id INTEGER NOT NULL,                        -- the run
    attempt INTEGER NOT NULL,                       -- its attempt
    sequence INTEGER NOT NULL,                      -- order within the attempt, from 0
    name TEXT NOT NULL CHECK (name <> ''),          -- its name in the scenario
    machine TEXT,                                   -- where it ran
    command TEXT NOT NULL,                          -- what ran, factors filled in
    exit_status INTEGER,                            -- NULL: it did not end
    timed_out INTEGER NOT NULL CHECK (timed_out IN (0, 1)), -- 1: its time limit ended it
    background INTEGER NOT NULL CHECK (background IN (0, 1)), -- 1: ran beside the steps behind it
    start_ns INTEGER NOT NULL,                      -- from the attempt's beginning
    duration_ns INTEGER NOT NULL CHECK (duration_ns >= 0), -- how long it took
    PRIMARY KEY (run_id, attempt, sequence),
    FOREIGN KEY (run_id, attempt) REFERENCES attempt
) STRICT, WITHOUT ROWID;

CREATE TABLE metric (
    -- A measured quantity of an experiment.
    metric_id INTEGER PRIMARY KEY,                  -- number of the metric
    experiment_id INTEGER NOT NULL REFERENCES experiment, -- the experiment
    name TEXT NOT NULL CHECK (name <> ''),          -- its name: `rtt`, `phase.boot`
    unit TEXT NOT NULL,                             -- its unit; empty: none
    direction TEXT CHECK (direction IN ('lower', 'higher')), -- which is better; NULL: not said
    aggregate TEXT NOT NULL
        CHECK (aggregate IN ('mean', 'median', 'min', 'max', 'sum', 'last') OR aggregate GLOB 'p[0-9]*'),
        -- how a run's samples make one value: mean, median, min, max, sum, last or pNN
    automatic INTEGER NOT NULL CHECK (automatic IN (0, 1)), -- 1: measured without asking (phase.*, capture.*)
    UNIQUE (experiment_id, name)
) STRICT;

CREATE TABLE sample (
    -- One measured number. The key is the order in which reports read: no sorting. No foreign key: they would look up
    -- run and metric anew for every number, which is half the time of storing it. One statement writes here, after it
    -- has found both, and `trialbed doctor --lab` looks for samples without attempt or of another experiment's metric.
    run_id INTEGER NOT NULL,                        -- the run
    metric_id INTEGER NOT NULL,                     -- the metric
    attempt INTEGER NOT NULL,                       -- its attempt
    sequence INTEGER NOT NULL CHECK (sequence >= 0), -- order within run, metric and attempt, from 0
    iteration INTEGER NOT NULL DEFAULT 0 CHECK (iteration >= 0), -- which repetition within the run; 0: it has only one
    offset_ns INTEGER,                              -- when, from the attempt's beginning; NULL: not known
    value REAL NOT NULL,                            -- the number, in the metric's unit
    PRIMARY KEY (run_id, metric_id, attempt, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_value (
    -- A run's one value of a metric, from its last completed attempt. Kept by trialbed in the transaction that ends an
    -- attempt.
    run_id INTEGER NOT NULL REFERENCES run,         -- the run
    metric_id INTEGER NOT NULL REFERENCES metric,   -- the metric
    attempt INTEGER NOT NULL,                       -- the attempt whose samples these are
    value REAL NOT NULL,                            -- the samples put together by the metric's aggregate
    samples INTEGER NOT NULL CHECK (samples >= 1),  -- how many samples
    PRIMARY KEY (run_id, metric_id),
    FOREIGN KEY (run_id, attempt) REFERENCES attempt
) STRICT, WITHOUT ROWID;

CREATE TABLE cell_stat (
    -- Statistics of a metric over a cell's counted runs: completed, no warm-up, not tainted. Kept by trialbed with
    -- run_value, so that any SQLite program can read them.
    cell_id INTEGER NOT NULL REFERENCES cell,       -- the cell
    metric_id INTEGER NOT NULL REFERENCES metric,   -- the metric
    n INTEGER NOT NULL CHECK (n >= 1),              -- counted runs with a value
    mean REAL,                                      -- arithmetic mean
    stddev REAL,                                    -- sample standard deviation (n-1); NULL for n = 1
    sem REAL,                                       -- standard error of the mean; NULL for n = 1
    ci95_low REAL,                                  -- lower end of the mean's 95 % confidence interval (Student's t)
    ci95_high REAL,                                 -- its upper end
    median REAL,                                    -- median
    min REAL,                                       -- smallest value
    max REAL,                                       -- largest value
    PRIMARY KEY (cell_id, metric_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE artifact (
    -- A file that an attempt produced.
    run_id INTEGER NOT NULL,                        -- the run
    attempt INTEGER NOT NULL,                       -- its attempt
    sequence INTEGER NOT NULL,                      -- order within the attempt, from 0
    machine TEXT,                                   -- the machine it belongs to; NULL: none
    step TEXT,                                      -- the step it belongs to; NULL: none
    kind TEXT NOT NULL,               -- pcap, log, stdout, stderr, command, exit, file or definition
    path TEXT NOT NULL CHECK (path <> '' AND path NOT GLOB '/*'), -- relative to the lab
    size INTEGER NOT NULL CHECK (size >= 0),        -- bytes
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64), -- SHA-256 of the content, hexadecimal
    media_type TEXT NOT NULL CHECK (media_type GLOB '?*/?*'), -- what the content is, as `text/plain`; by kind and name
    PRIMARY KEY (run_id, attempt, sequence),
    UNIQUE (run_id, attempt, path),
    FOREIGN KEY (run_id, attempt) REFERENCES attempt
) STRICT, WITHOUT ROWID;

CREATE TABLE capture (
    -- What a packet capture of an attempt saw.
    run_id INTEGER NOT NULL,                        -- the run
    attempt INTEGER NOT NULL,                       -- its attempt
    sequence INTEGER NOT NULL,                      -- order within the attempt, from 0
    bridge TEXT NOT NULL,                           -- where it listened
    filter TEXT,                                    -- its filter; NULL: everything
    path TEXT,                                      -- path of the artifact that holds the packets
    packets INTEGER NOT NULL CHECK (packets >= 0),  -- packets written
    bytes INTEGER NOT NULL CHECK (bytes >= 0),      -- their bytes on the wire
    received INTEGER NOT NULL CHECK (received >= 0), -- packets the kernel saw
    dropped INTEGER NOT NULL CHECK (dropped >= 0),  -- packets the kernel had to drop
    first_ns INTEGER NOT NULL,                      -- time of the first packet: nanoseconds since 1970; 0: none
    last_ns INTEGER NOT NULL,                       -- time of the last packet
    PRIMARY KEY (run_id, attempt, sequence),
    FOREIGN KEY (run_id, attempt) REFERENCES attempt
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    -- Something that happened during an attempt: a warning, a retry, a drop.
    run_id INTEGER NOT NULL,                        -- the run
    attempt INTEGER NOT NULL,                       -- its attempt
    sequence INTEGER NOT NULL,                      -- order within the attempt, from 0
    at_ns INTEGER NOT NULL,                         -- from the attempt's beginning
    kind TEXT NOT NULL,                             -- what kind of event
    text TEXT NOT NULL,                             -- what happened, for people
    PRIMARY KEY (run_id, attempt, sequence),
    FOREIGN KEY (run_id, attempt) REFERENCES attempt
) STRICT, WITHOUT ROWID;

CREATE TABLE figure (
    -- A figure that the scenario wishes.
    experiment_id INTEGER NOT NULL REFERENCES experiment, -- the experiment
    position INTEGER NOT NULL CHECK (position >= 0), -- order in the scenario, from 0
    figure TEXT NOT NULL,                           -- kind of figure: errorbars
    metric TEXT,                                    -- metric that it shows
    x TEXT,                                         -- factor of its x axis
    by TEXT,                                        -- factor of its lines
    PRIMARY KEY (experiment_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE published (
    -- A value that was published elsewhere, to compare with.
    experiment_id INTEGER NOT NULL REFERENCES experiment, -- the experiment
    position INTEGER NOT NULL CHECK (position >= 0), -- order in the scenario, from 0
    metric TEXT NOT NULL CHECK (metric <> ''),      -- name of the metric
    mean REAL NOT NULL,                             -- the published mean, in the metric's unit
    stddev REAL CHECK (stddev >= 0),                -- the published standard deviation; NULL: not given
    n INTEGER CHECK (n >= 1),                       -- over how many runs; NULL: not given
    source TEXT,                                    -- where it was published; NULL: not said
    PRIMARY KEY (experiment_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE published_level (
    -- Which cells a published value belongs to: those that have all its levels. One without levels is of every cell.
    experiment_id INTEGER NOT NULL,                 -- the experiment
    position INTEGER NOT NULL,                      -- the published value
    factor_id INTEGER NOT NULL,                     -- a factor
    level_id INTEGER NOT NULL,                      -- its level
    PRIMARY KEY (experiment_id, position, factor_id),
    FOREIGN KEY (experiment_id, position) REFERENCES published,
    FOREIGN KEY (level_id, factor_id) REFERENCES level (level_id, factor_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE schema_change (
    -- Which trialbed made or changed this file, and when.
    version INTEGER PRIMARY KEY,                    -- schema version, as PRAGMA user_version
    name TEXT NOT NULL,                             -- name of the migration
    program TEXT NOT NULL,                          -- version of trialbed
    changed_ns INTEGER NOT NULL                     -- when: nanoseconds since 1970 (UTC)
) STRICT;

CREATE VIEW run_facts AS SELECT
    -- One row a run: where it belongs, and how its last attempt went.
    r.run_id AS run_id,                             -- number of the run
    r.experiment_id AS experiment_id,               -- number of the experiment
    e.name AS experiment,                           -- name of the experiment
    r.cell_id AS cell_id,                           -- number of the cell
    c.label AS cell,                                -- label of the cell: `delay=10ms size=64`
    r.repetition AS repetition,                     -- from 1 within its cell
    r.block AS block,                               -- block of a blocked order
    r.position AS position,                         -- planned order within the experiment
    r.warmup AS warmup,                             -- 1: not counted
    r.status AS status,                             -- planned, running, completed, failed or tainted
    a.attempt AS attempt,                           -- number of the last attempt; NULL: none yet
    a.class AS class,                               -- kind of its failure
    a.reason AS reason,                             -- first line of its error
    a.platform AS platform,                         -- vm or bare
    a.accelerator AS accelerator,                   -- kvm or tcg
    strftime('%Y-%m-%dT%H:%M:%S', a.started_ns / 1000000000, 'unixepoch')
        || printf('.%03dZ', a.started_ns / 1000000 % 1000) AS started_at, -- when it began (UTC)
    a.duration_ns / 1e9 AS duration_s,              -- how long it took, in seconds
    r.executed AS executed,                         -- order in which the runs began
    a.phase AS phase,                               -- phase in which it failed
    a.emulator AS emulator,                         -- program and version that emulated
    a.backend AS backend,                           -- what drove the machines
    a.concurrent AS concurrent,                     -- runs side by side at its beginning
    r.status = 'completed' AND r.warmup = 0 AS counted -- 1: counts in cell_summary
FROM run r
JOIN experiment e ON e.experiment_id = r.experiment_id
JOIN cell c ON c.cell_id = r.cell_id
LEFT JOIN attempt a ON a.run_id = r.run_id
    AND a.attempt = (SELECT max(attempt) FROM attempt l WHERE l.run_id = r.run_id);

CREATE VIEW run_values AS SELECT
    -- One row a run and metric: the run's value. Warm-up and tainted runs are here too; those with `counted` = 1 make
    -- cell_summary.
    r.run_id AS run_id,                             -- number of the run
    r.experiment_id AS experiment_id,               -- number of the experiment
    r.cell_id AS cell_id,                           -- number of the cell
    c.label AS cell,                                -- label of the cell
    r.repetition AS repetition,                     -- from 1 within its cell
    m.name AS metric,                               -- name of the metric
    m.unit AS unit,                                 -- its unit
    v.value AS value,                               -- the run's samples put together by the metric's aggregate
    v.samples AS samples,                           -- how many samples
    v.attempt AS attempt,                           -- the attempt they are of
    m.aggregate AS aggregate,                       -- how they were put together
    r.warmup AS warmup,                             -- 1: not counted
    r.status = 'completed' AND r.warmup = 0 AS counted -- 1: counts in cell_summary
FROM run_value v
JOIN run r ON r.run_id = v.run_id
JOIN cell c ON c.cell_id = r.cell_id
JOIN metric m ON m.metric_id = v.metric_id;

CREATE VIEW cell_summary AS SELECT
    -- One row a cell and metric, over the cell's counted runs (completed, no warm-up, not tainted): what `trialbed
    -- summary` shows.
    c.experiment_id AS experiment_id,               -- number of the experiment
    e.name AS experiment,                           -- name of the experiment
    c.cell_id AS cell_id,                           -- number of the cell
    c.label AS cell,                                -- label of the cell
    m.name AS metric,                               -- name of the metric
    m.unit AS unit,                                 -- its unit
    s.n AS n,                                       -- counted runs with a value
    s.mean AS mean,                                 -- arithmetic mean
    s.stddev AS stddev,                             -- sample standard deviation (n-1); NULL for n = 1
    s.sem AS sem,                                   -- standard error of the mean
    s.ci95_low AS ci95_low,                         -- lower end of the 95 % confidence interval of the mean
    s.ci95_high AS ci95_high,                       -- its upper end
    s.median AS median,                             -- median
    s.min AS min,                                   -- smallest value
    s.max AS max,                                   -- largest value
    m.automatic AS automatic,                       -- 1: measured without asking (phase.*, capture.*)
    c.position AS position                          -- order of the cell in the design
FROM cell_stat s
JOIN cell c ON c.cell_id = s.cell_id
JOIN experiment e ON e.experiment_id = c.experiment_id
JOIN metric m ON m.metric_id = s.metric_id
ORDER BY c.experiment_id, m.automatic, c.position, m.name;

CREATE VIEW phase_times AS SELECT
    -- One row a phase of an attempt.
    run_id AS run_id,                               -- number of the run
    attempt AS attempt,                             -- its attempt
    name AS phase,                      -- prepare, network, define, boot, ready, step:NAME, collect, teardown
    CASE WHEN name GLOB 'step:*' THEN substr(name, 6) END AS step, -- name of the step; NULL: another phase
    machine AS machine,                             -- the machine; NULL: all
    start_ns AS start_ns,                           -- from the attempt's beginning
    duration_ns AS duration_ns                      -- how long it took
FROM phase;

CREATE VIEW artifacts AS SELECT
    -- One row a file that an attempt produced.
    run_id AS run_id,                               -- number of the run
    attempt AS attempt,                             -- its attempt
    machine AS machine,                             -- the machine it belongs to
    step AS step,                                   -- the step it belongs to
    kind AS kind,                     -- pcap, log, stdout, stderr, command, exit, file or definition
    path AS path,                                   -- relative to the lab
    size AS size,                                   -- bytes
    sha256 AS sha256,                               -- SHA-256 of the content
    media_type AS media_type                        -- what the content is, as `text/plain`
FROM artifact;

CREATE VIEW failures AS SELECT
    -- One row a failed attempt, also of a run that a later attempt completed.
    r.experiment_id AS experiment_id,               -- number of the experiment
    e.name AS experiment,                           -- name of the experiment
    r.run_id AS run_id,                             -- number of the run
    r.cell_id AS cell_id,                           -- number of the cell
    c.label AS cell,                                -- label of the cell
    r.repetition AS repetition,                     -- from 1 within its cell
    r.warmup AS warmup,                             -- 1: a warm-up
    a.attempt AS attempt,                           -- number of the attempt
    a.phase AS phase,                               -- phase in which it failed
    a.class AS class,                               -- kind of failure
    a.reason AS reason,                             -- first line of the error
    strftime('%Y-%m-%dT%H:%M:%S', a.started_ns / 1000000000, 'unixepoch')
        || printf('.%03dZ', a.started_ns / 1000000 % 1000) AS started_at, -- when it began (UTC)
    a.duration_ns / 1e9 AS duration_s,              -- how long it took, in seconds
    r.status AS status                              -- of the run now: planned, running, completed, failed or tainted
FROM attempt a
JOIN run r ON r.run_id = a.run_id
JOIN cell c ON c.cell_id = r.cell_id
JOIN experiment e ON e.experiment_id = r.experiment_id
WHERE a.status = 'failed';

CREATE VIEW published_values AS SELECT
    -- One row a published value and cell that it belongs to, beside what the cell's counted runs measured here.
    p.experiment_id AS experiment_id,               -- number of the experiment
    c.cell_id AS cell_id,                           -- number of the cell
    c.label AS cell,                                -- label of the cell
    p.metric AS metric,                             -- name of the metric
    p.mean AS published_mean,                       -- the published mean
    p.stddev AS published_stddev,                   -- the published standard deviation; NULL: not given
    p.n AS published_n,                             -- over how many runs; NULL: not given
    p.source AS source,                             -- where it was published
    s.n AS n,                                       -- counted runs here; NULL: none yet
    s.mean AS mean,                                 -- their mean
    s.stddev AS stddev,                             -- their standard deviation
    p.position AS position                          -- order in the scenario
FROM published p
JOIN cell c ON c.experiment_id = p.experiment_id
LEFT JOIN metric m ON m.experiment_id = p.experiment_id AND m.name = p.metric
LEFT JOIN cell_stat s ON s.cell_id = c.cell_id AND s.metric_id = m.metric_id
WHERE NOT EXISTS (SELECT 1 FROM published_level l JOIN cell_level h ON h.factor_id = l.factor_id
    WHERE l.experiment_id = p.experiment_id AND l.position = p.position
    AND h.cell_id = c.cell_id AND h.level_id <> l.level_id);
