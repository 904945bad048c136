-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO level (factor_id, position, text, number, unit, base)
VALUES (:factor_id, :position, :text, :number, :unit, :base);
