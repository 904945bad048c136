-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT "table" AS child, "parent" AS parent, count(*) AS rows FROM pragma_foreign_key_check GROUP BY 1, 2;
