-- SPDX-License-Identifier: GPL-3.0-or-later
-- What a run was begun with, so that `plan --explain` can say whether it would be the same today.
CREATE TABLE run_input (
    -- The inputs of a run whose last attempt has ended. Runs of an older trialbed have none.
    run_id INTEGER PRIMARY KEY REFERENCES run,      -- the run
    fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64)
        -- SHA-256 over what the scenario told the run, the files and images that it got, and the versions
) STRICT;
