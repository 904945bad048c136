-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT key, value FROM environment WHERE experiment_id = :experiment_id ORDER BY key;
