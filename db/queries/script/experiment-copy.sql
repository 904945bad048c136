-- SPDX-License-Identifier: GPL-3.0-or-later
-- Rows of experiment ?1 from the attached database `source`, numbers and all.
INSERT OR REPLACE INTO main.schema_change SELECT * FROM source.schema_change;
INSERT INTO main.experiment SELECT * FROM source.experiment WHERE experiment_id = ?1;
INSERT INTO main.environment SELECT * FROM source.environment WHERE experiment_id = ?1;
INSERT INTO main.factor SELECT * FROM source.factor WHERE experiment_id = ?1;
INSERT INTO main.level SELECT l.* FROM source.level l JOIN main.factor f ON f.factor_id = l.factor_id;
INSERT INTO main.cell SELECT * FROM source.cell WHERE experiment_id = ?1;
INSERT INTO main.cell_level SELECT l.* FROM source.cell_level l JOIN main.cell c ON c.cell_id = l.cell_id;
INSERT INTO main.run SELECT * FROM source.run WHERE experiment_id = ?1;
INSERT INTO main.run_input SELECT i.* FROM main.run r JOIN source.run_input i ON i.run_id = r.run_id;
INSERT INTO main.attempt SELECT a.* FROM main.run r JOIN source.attempt a ON a.run_id = r.run_id;
INSERT INTO main.phase SELECT p.* FROM main.run r JOIN source.phase p ON p.run_id = r.run_id;
INSERT INTO main.machine SELECT m.* FROM main.run r JOIN source.machine m ON m.run_id = r.run_id;
INSERT INTO main.step SELECT s.* FROM main.run r JOIN source.step s ON s.run_id = r.run_id;
INSERT INTO main.metric SELECT * FROM source.metric WHERE experiment_id = ?1;
INSERT INTO main.sample SELECT s.* FROM main.run r JOIN source.sample s ON s.run_id = r.run_id;
INSERT INTO main.sample_source SELECT s.* FROM main.run r JOIN source.sample_source s ON s.run_id = r.run_id;
INSERT INTO main.run_value SELECT v.* FROM main.run r JOIN source.run_value v ON v.run_id = r.run_id;
INSERT INTO main.cell_stat SELECT s.* FROM main.cell c JOIN source.cell_stat s ON s.cell_id = c.cell_id;
INSERT INTO main.artifact SELECT a.* FROM main.run r JOIN source.artifact a ON a.run_id = r.run_id;
INSERT INTO main.capture SELECT c.* FROM main.run r JOIN source.capture c ON c.run_id = r.run_id;
INSERT INTO main.event SELECT e.* FROM main.run r JOIN source.event e ON e.run_id = r.run_id;
INSERT INTO main.figure SELECT * FROM source.figure WHERE experiment_id = ?1;
INSERT INTO main.published SELECT * FROM source.published WHERE experiment_id = ?1;
INSERT INTO main.published_level SELECT * FROM source.published_level WHERE experiment_id = ?1;
