-- SPDX-License-Identifier: GPL-3.0-or-later
-- One experiment of the database SIDE (`main` or `source`) as it shall be in this lab: its rows, in the order of their
-- keys, with new numbers. SIDE, $from, $to (experiment), $first, $last (its runs) and what is added to the other
-- numbers ($run, $cell, $factor, $level, $metric) are filled in. No kind of number changes its
-- order, so adding is all that renumbering takes. $own is filled in where other experiments have runs between the first and
-- the last: those are not its own. {TABLE} are all columns of table t, those
-- with numbers renumbered, and paths with them: a column that a later schema adds is there by itself.
CREATE TEMP VIEW SIDE_experiment AS SELECT {experiment} FROM SIDE.experiment t
    WHERE t.experiment_id = $from ORDER BY t.experiment_id;
CREATE TEMP VIEW SIDE_environment AS SELECT {environment} FROM SIDE.environment t
    WHERE t.experiment_id = $from ORDER BY t.key;
CREATE TEMP VIEW SIDE_factor AS SELECT {factor} FROM SIDE.factor t
    WHERE t.experiment_id = $from ORDER BY t.position;
CREATE TEMP VIEW SIDE_level AS SELECT {level} FROM SIDE.factor v CROSS JOIN SIDE.level t ON t.factor_id = v.factor_id
    WHERE v.experiment_id = $from ORDER BY v.position, t.position;
CREATE TEMP VIEW SIDE_cell AS SELECT {cell} FROM SIDE.cell t
    WHERE t.experiment_id = $from ORDER BY t.position;
CREATE TEMP VIEW SIDE_cell_level AS SELECT {cell_level} FROM SIDE.cell v CROSS JOIN SIDE.cell_level t ON t.cell_id = v.cell_id
    WHERE v.experiment_id = $from ORDER BY v.position, t.factor_id;
CREATE TEMP VIEW SIDE_run AS SELECT {run} FROM SIDE.run t
    WHERE t.experiment_id = $from ORDER BY t.run_id;
CREATE TEMP VIEW SIDE_run_input AS SELECT {run_input} FROM SIDE.run_input t
    WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id;
CREATE TEMP VIEW SIDE_attempt AS SELECT {attempt} FROM SIDE.attempt t
    WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, t.attempt;
CREATE TEMP VIEW SIDE_phase AS SELECT {phase} FROM SIDE.phase t
    WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, t.attempt, t.sequence;
CREATE TEMP VIEW SIDE_machine AS SELECT {machine} FROM SIDE.machine t
    WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, t.attempt, t.name;
CREATE TEMP VIEW SIDE_step AS SELECT {step} FROM SIDE.step t
    WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, t.attempt, t.sequence;
CREATE TEMP VIEW SIDE_metric AS SELECT {metric} FROM SIDE.metric t
    WHERE t.experiment_id = $from ORDER BY t.name;
CREATE TEMP VIEW SIDE_sample AS SELECT {sample} FROM SIDE.sample t
    WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, t.metric_id, t.attempt, t.sequence;
CREATE TEMP VIEW SIDE_sample_source AS SELECT {sample_source} FROM SIDE.sample_source t
    WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, t.metric_id, t.attempt, t.sequence;
CREATE TEMP VIEW SIDE_run_value AS SELECT {run_value} FROM SIDE.run_value t
    WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, t.metric_id;
CREATE TEMP VIEW SIDE_cell_stat AS SELECT {cell_stat} FROM SIDE.cell v CROSS JOIN SIDE.cell_stat t ON t.cell_id = v.cell_id
    WHERE v.experiment_id = $from ORDER BY v.position, t.metric_id;
CREATE TEMP VIEW SIDE_artifact AS SELECT {artifact} FROM SIDE.artifact t
    WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, t.attempt, t.sequence;
CREATE TEMP VIEW SIDE_capture AS SELECT {capture} FROM SIDE.capture t
    WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, t.attempt, t.sequence;
CREATE TEMP VIEW SIDE_event AS SELECT {event} FROM SIDE.event t
    WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, t.attempt, t.sequence;
CREATE TEMP VIEW SIDE_figure AS SELECT {figure} FROM SIDE.figure t
    WHERE t.experiment_id = $from ORDER BY t.position;
CREATE TEMP VIEW SIDE_published AS SELECT {published} FROM SIDE.published t
    WHERE t.experiment_id = $from ORDER BY t.position;
CREATE TEMP VIEW SIDE_published_level AS SELECT {published_level} FROM SIDE.published_level t
    WHERE t.experiment_id = $from ORDER BY t.position, t.factor_id;
-- Files: where they are, and where they shall be.
CREATE TEMP VIEW SIDE_files AS SELECT t.path AS source,
    printf('runs/$to/%05d/', run_id + $run) || substr(t.path, length(printf('runs/$from/%05d/', run_id)) + 1) AS path,
    size, sha256
    FROM SIDE.artifact t WHERE t.run_id BETWEEN $first AND $last$own;
-- Paths that are not in their run's folder: they cannot be renumbered, and could lead out of the lab.
CREATE TEMP VIEW SIDE_strange_paths AS SELECT path FROM (
    SELECT run_id, path FROM SIDE.artifact t WHERE run_id BETWEEN $first AND $last$own
    UNION ALL SELECT run_id, path FROM SIDE.capture t WHERE run_id BETWEEN $first AND $last$own AND path IS NOT NULL)
    WHERE path NOT GLOB printf('runs/$from/%05d/?*', run_id) OR path || '/' GLOB '*/../*' OR path || '/' GLOB '*/./*'
    OR path || '/' GLOB '*//*' LIMIT 1;
