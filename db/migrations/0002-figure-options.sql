-- SPDX-License-Identifier: GPL-3.0-or-later
-- What a scenario may wish of a figure besides its axes. The table is made anew so that every column keeps its comment.
CREATE TEMP TABLE figure_before AS SELECT * FROM figure;
DROP TABLE figure;
CREATE TABLE figure (
    -- A figure that the scenario wishes. What is NULL is not said.
    experiment_id INTEGER NOT NULL REFERENCES experiment, -- the experiment
    position INTEGER NOT NULL CHECK (position >= 0), -- order in the scenario, from 0
    figure TEXT NOT NULL,                           -- kind of figure: errorbars
    metric TEXT,                                    -- metric that it shows; NULL: every one that is measured
    x TEXT,                                         -- factor of its x axis
    by TEXT,                                        -- factor of its lines
    facet TEXT,                                     -- factor of its panels
    errors TEXT,                                    -- what its error bars are: stddev, sem or ci95
    normalize_to TEXT,                              -- baseline of ratios: FACTOR=LEVEL, one a line
    expected TEXT,                                  -- what was expected: LEVEL = sum of terms, with semicolons between
    PRIMARY KEY (experiment_id, position)
) STRICT, WITHOUT ROWID;
INSERT INTO figure (experiment_id, position, figure, metric, x, by)
SELECT experiment_id, position, figure, metric, x, by FROM figure_before;
DROP TABLE figure_before;
