-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT label AS cell FROM cell WHERE cell_id = :cell_id;
