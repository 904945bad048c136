-- SPDX-License-Identifier: GPL-3.0-or-later
-- What a run makes where no namespace takes it away is noted before it is made.

CREATE TABLE outside (
    -- What an attempt may have made outside its namespaces: noted before it is made, forgotten once it is gone. Empty when nothing is under way.
    run_id INTEGER NOT NULL REFERENCES run,         -- the run
    attempt INTEGER NOT NULL CHECK (attempt >= 1),  -- number of its attempt, which may not have begun yet
    kind TEXT NOT NULL CHECK (kind IN ('libvirt', 'folder')), -- libvirt: its machines and bridges; folder: its sockets
    place TEXT NOT NULL CHECK (place <> ''),        -- the URI, or the path
    PRIMARY KEY (run_id, attempt, kind)
) STRICT, WITHOUT ROWID;

-- Of attempts that an earlier trialbed left.
INSERT INTO outside SELECT a.run_id, a.attempt, 'libvirt', json_extract(e.settings, '$.uri')
FROM attempt a JOIN run r ON r.run_id = a.run_id JOIN experiment e ON e.experiment_id = r.experiment_id
WHERE a.status = 'running' AND json_extract(e.settings, '$.uri') <> '';
