-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT type, name, tbl_name, sql FROM sqlite_schema;
