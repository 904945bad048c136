-- SPDX-License-Identifier: GPL-3.0-or-later
-- Columns of a table or view; `key` counts from 1 within the primary key.
SELECT name AS column_name, type AS declared, "notnull" AS required, pk AS key FROM pragma_table_info(:table_name);
