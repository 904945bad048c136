-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO artifact (run_id, attempt, sequence, machine, step, kind, path, size, sha256)
VALUES (:run_id, :attempt, :sequence, :machine, :step, :kind, :path, :size, :sha256);
