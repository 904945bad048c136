-- SPDX-License-Identifier: GPL-3.0-or-later
-- Forget cell ?1 with all that belongs to it.
DELETE FROM event WHERE run_id IN (SELECT run_id FROM run WHERE cell_id = ?1);
DELETE FROM capture WHERE run_id IN (SELECT run_id FROM run WHERE cell_id = ?1);
DELETE FROM artifact WHERE run_id IN (SELECT run_id FROM run WHERE cell_id = ?1);
DELETE FROM cell_stat WHERE cell_id = ?1;
DELETE FROM run_value WHERE run_id IN (SELECT run_id FROM run WHERE cell_id = ?1);
DELETE FROM sample_source WHERE run_id IN (SELECT run_id FROM run WHERE cell_id = ?1);
DELETE FROM sample WHERE run_id IN (SELECT run_id FROM run WHERE cell_id = ?1);
DELETE FROM step WHERE run_id IN (SELECT run_id FROM run WHERE cell_id = ?1);
DELETE FROM machine WHERE run_id IN (SELECT run_id FROM run WHERE cell_id = ?1);
DELETE FROM phase WHERE run_id IN (SELECT run_id FROM run WHERE cell_id = ?1);
DELETE FROM attempt WHERE run_id IN (SELECT run_id FROM run WHERE cell_id = ?1);
DELETE FROM run_input WHERE run_id IN (SELECT run_id FROM run WHERE cell_id = ?1);
DELETE FROM run WHERE cell_id = ?1;
DELETE FROM cell_level WHERE cell_id = ?1;
DELETE FROM cell WHERE cell_id = ?1;
