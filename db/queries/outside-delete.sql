-- SPDX-License-Identifier: GPL-3.0-or-later
DELETE FROM outside WHERE run_id = :run_id AND attempt = :attempt;
