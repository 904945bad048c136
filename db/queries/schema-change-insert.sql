-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO schema_change (version, name, program, changed_ns) VALUES (:version, :name, :program, :changed_ns);
