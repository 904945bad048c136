-- SPDX-License-Identifier: GPL-3.0-or-later
-- One experiment of the database SIDE (`main` or `source`) as it shall be in this lab: its rows, in the order of their
-- keys, with new numbers. SIDE, $from, $to (experiment), $first, $last (its runs) and what is added to the other
-- numbers ($run, $cell, $factor, $level, $metric) are filled in. No kind of number changes its order, so adding is all that
-- renumbering takes. $own is filled in where other experiments have runs between the first and the last: those are not its own.
CREATE TEMP VIEW SIDE_experiment AS SELECT $to AS experiment_id, uuid, name, description, scenario_path, scenario_text,
    settings, seed, run_order, repetitions, warmup, retries, created_ns
    FROM SIDE.experiment WHERE experiment_id = $from;
CREATE TEMP VIEW SIDE_environment AS SELECT $to AS experiment_id, key, value
    FROM SIDE.environment WHERE experiment_id = $from ORDER BY key;
CREATE TEMP VIEW SIDE_factor AS SELECT factor_id + $factor AS factor_id, $to AS experiment_id, position, name
    FROM SIDE.factor WHERE experiment_id = $from ORDER BY position;
CREATE TEMP VIEW SIDE_level AS SELECT l.level_id + $level AS level_id, l.factor_id + $factor AS factor_id, l.position,
    l.text, l.number, l.unit, l.base
    FROM SIDE.factor f CROSS JOIN SIDE.level l ON l.factor_id = f.factor_id
    WHERE f.experiment_id = $from ORDER BY f.position, l.position;
CREATE TEMP VIEW SIDE_cell AS SELECT cell_id + $cell AS cell_id, $to AS experiment_id, position, label
    FROM SIDE.cell WHERE experiment_id = $from ORDER BY position;
CREATE TEMP VIEW SIDE_cell_level AS SELECT l.cell_id + $cell AS cell_id, l.factor_id + $factor AS factor_id,
    l.level_id + $level AS level_id
    FROM SIDE.cell c CROSS JOIN SIDE.cell_level l ON l.cell_id = c.cell_id
    WHERE c.experiment_id = $from ORDER BY c.position, l.factor_id;
CREATE TEMP VIEW SIDE_run AS SELECT run_id + $run AS run_id, $to AS experiment_id, cell_id + $cell AS cell_id, position,
    executed, repetition, block, warmup, status
    FROM SIDE.run WHERE experiment_id = $from ORDER BY run_id;
CREATE TEMP VIEW SIDE_run_input AS SELECT run_id + $run AS run_id, fingerprint
    FROM SIDE.run_input t WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id;
CREATE TEMP VIEW SIDE_attempt AS SELECT run_id + $run AS run_id, attempt, status, class, phase, reason, started_ns,
    duration_ns, platform, accelerator, emulator, backend, concurrent
    FROM SIDE.attempt t WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, attempt;
CREATE TEMP VIEW SIDE_phase AS SELECT run_id + $run AS run_id, attempt, sequence, name, machine, start_ns, duration_ns
    FROM SIDE.phase t WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, attempt, sequence;
CREATE TEMP VIEW SIDE_machine AS SELECT run_id + $run AS run_id, attempt, name, image, image_digest, platform,
    accelerator, emulator, memory_mb, cpus
    FROM SIDE.machine t WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, attempt, name;
CREATE TEMP VIEW SIDE_step AS SELECT run_id + $run AS run_id, attempt, sequence, name, machine, command, exit_status,
    timed_out, background, start_ns, duration_ns
    FROM SIDE.step t WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, attempt, sequence;
CREATE TEMP VIEW SIDE_metric AS SELECT metric_id + $metric AS metric_id, $to AS experiment_id, name, unit, direction,
    aggregate, automatic
    FROM SIDE.metric WHERE experiment_id = $from ORDER BY name;
CREATE TEMP VIEW SIDE_sample AS SELECT run_id + $run AS run_id, metric_id + $metric AS metric_id, attempt, sequence,
    iteration, offset_ns, value
    FROM SIDE.sample t WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, t.metric_id, attempt, sequence;
CREATE TEMP VIEW SIDE_run_value AS SELECT run_id + $run AS run_id, metric_id + $metric AS metric_id, attempt, value,
    samples
    FROM SIDE.run_value t WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, t.metric_id;
CREATE TEMP VIEW SIDE_cell_stat AS SELECT s.cell_id + $cell AS cell_id, s.metric_id + $metric AS metric_id, n, mean,
    stddev, sem, ci95_low, ci95_high, median, min, max
    FROM SIDE.cell c CROSS JOIN SIDE.cell_stat s ON s.cell_id = c.cell_id
    WHERE c.experiment_id = $from ORDER BY c.position, s.metric_id;
CREATE TEMP VIEW SIDE_artifact AS SELECT run_id + $run AS run_id, attempt, sequence, machine, step, kind,
    printf('runs/$to/%05d/', run_id + $run) || substr(path, length(printf('runs/$from/%05d/', run_id)) + 1) AS path,
    size, sha256, media_type
    FROM SIDE.artifact t WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, attempt, sequence;
CREATE TEMP VIEW SIDE_capture AS SELECT run_id + $run AS run_id, attempt, sequence, bridge, filter,
    printf('runs/$to/%05d/', run_id + $run) || substr(path, length(printf('runs/$from/%05d/', run_id)) + 1) AS path,
    packets, bytes, received, dropped, first_ns, last_ns
    FROM SIDE.capture t WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, attempt, sequence;
CREATE TEMP VIEW SIDE_event AS SELECT run_id + $run AS run_id, attempt, sequence, at_ns, kind, text
    FROM SIDE.event t WHERE t.run_id BETWEEN $first AND $last$own ORDER BY t.run_id, attempt, sequence;
CREATE TEMP VIEW SIDE_figure AS SELECT $to AS experiment_id, position, figure, metric, x, by
    FROM SIDE.figure WHERE experiment_id = $from ORDER BY position;
CREATE TEMP VIEW SIDE_published AS SELECT $to AS experiment_id, position, metric, mean, stddev, n, source
    FROM SIDE.published WHERE experiment_id = $from ORDER BY position;
CREATE TEMP VIEW SIDE_published_level AS SELECT $to AS experiment_id, position, factor_id + $factor AS factor_id,
    level_id + $level AS level_id
    FROM SIDE.published_level t WHERE experiment_id = $from ORDER BY position, t.factor_id;
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
