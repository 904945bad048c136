-- SPDX-License-Identifier: GPL-3.0-or-later
-- Foreign keys of a table, a column a row. A reference to a primary key that is not spelled out is spelled out.
SELECT f.id AS reference, f."table" AS target, f."from" AS column_name,
    coalesce(f."to", (SELECT p.name FROM pragma_table_info(f."table") p WHERE p.pk = f.seq + 1)) AS target_column
FROM pragma_foreign_key_list(:table_name) f ORDER BY f.id, f.seq;
