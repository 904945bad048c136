-- SPDX-License-Identifier: GPL-3.0-or-later
UPDATE run SET status = 'planned' WHERE experiment_id = :experiment_id AND status = 'running';
