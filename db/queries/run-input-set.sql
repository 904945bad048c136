-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT OR REPLACE INTO run_input (run_id, fingerprint) VALUES (:run_id, :fingerprint);
