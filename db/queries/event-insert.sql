-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO event (run_id, attempt, sequence, at_ns, kind, text)
VALUES (:run_id, :attempt, :sequence, :at_ns, :kind, :text);
