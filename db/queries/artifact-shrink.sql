-- SPDX-License-Identifier: GPL-3.0-or-later
UPDATE artifact SET size = :size, sha256 = :sha256 WHERE run_id = :run_id AND attempt = :attempt AND sequence = :sequence;
