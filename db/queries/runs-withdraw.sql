-- SPDX-License-Identifier: GPL-3.0-or-later
-- Counted runs behind the first so many of each cell that have never begun.
DELETE FROM run WHERE experiment_id = :experiment_id AND status = 'planned' AND executed IS NULL AND warmup = 0
    AND repetition > :kept;
