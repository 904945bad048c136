-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO artifact (run_id, attempt, sequence, machine, step, kind, path, size, sha256, media_type)
VALUES (:run_id, :attempt, :sequence, :machine, :step, :kind, :path, :size, :sha256, :media_type);
