-- SPDX-License-Identifier: GPL-3.0-or-later
-- Every table and view of ours, with the text that made it.
SELECT name, type, sql FROM sqlite_schema
WHERE type IN ('table', 'view') AND name NOT GLOB 'sqlite_*' ORDER BY name;
