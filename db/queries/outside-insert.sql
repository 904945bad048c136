-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO outside (run_id, attempt, kind, place) VALUES (:run_id, :attempt, :kind, :place)
ON CONFLICT DO UPDATE SET place = excluded.place;
