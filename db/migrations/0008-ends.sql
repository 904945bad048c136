-- SPDX-License-Identifier: GPL-3.0-or-later
-- What ended a step, and how its machine was reached: until now in events, if at all. The tables are made anew so that every column keeps its
-- comment.
CREATE TEMP TABLE step_before AS SELECT * FROM step;
DROP TABLE step;
CREATE TABLE step (
    -- A step of an attempt: a command in a machine.
    run_id INTEGER NOT NULL,                        -- the run
    attempt INTEGER NOT NULL,                       -- its attempt
    sequence INTEGER NOT NULL,                      -- order within the attempt, from 0
    name TEXT NOT NULL CHECK (name <> ''),          -- its name in the scenario
    machine TEXT,                                   -- where it ran
    command TEXT NOT NULL,                          -- what ran, factors filled in
    exit_status INTEGER,                            -- NULL: it did not end; 128 + signal when one ended it
    timed_out INTEGER NOT NULL CHECK (timed_out IN (0, 1)), -- 1: its time limit ended it
    background INTEGER NOT NULL CHECK (background IN (0, 1)), -- 1: ran beside the steps behind it
    start_ns INTEGER NOT NULL,                      -- from the attempt's beginning
    duration_ns INTEGER NOT NULL CHECK (duration_ns >= 0), -- how long it took
    signal INTEGER CHECK (signal BETWEEN 1 AND 64), -- signal that ended it; NULL: none, or (over ssh) none that is known of
    stop_signal INTEGER CHECK (stop_signal BETWEEN 1 AND 64),
        -- last signal that it was told to end by, when its time or, in the background, the run was over; NULL: none
    PRIMARY KEY (run_id, attempt, sequence),
    FOREIGN KEY (run_id, attempt) REFERENCES attempt
) STRICT, WITHOUT ROWID;
INSERT INTO step SELECT *, NULL, NULL FROM step_before;
DROP TABLE step_before;

CREATE TEMP TABLE machine_before AS SELECT * FROM machine;
DROP TABLE machine;
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
    arch TEXT NOT NULL DEFAULT 'x86_64' CHECK (arch <> ''), -- architecture of its processors
    channel TEXT CHECK (channel IN ('agent', 'qemu-ga', 'ssh')),
        -- how programs and files got inside; NULL: it never answered, or an older trialbed ran it
    PRIMARY KEY (run_id, attempt, name),
    FOREIGN KEY (run_id, attempt) REFERENCES attempt
) STRICT, WITHOUT ROWID;
INSERT INTO machine SELECT *, NULL FROM machine_before;
DROP TABLE machine_before;
