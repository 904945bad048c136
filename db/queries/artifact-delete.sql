-- SPDX-License-Identifier: GPL-3.0-or-later
DELETE FROM artifact WHERE run_id = :run_id AND attempt = :attempt AND sequence = :sequence;
