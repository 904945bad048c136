-- SPDX-License-Identifier: GPL-3.0-or-later
-- Machines may have another architecture than the host; all that there are before have the host's. The column is added by ALTER TABLE,
-- and then its text gets a line and a comment as the others have.
ALTER TABLE machine ADD COLUMN arch TEXT NOT NULL DEFAULT 'x86_64' CHECK (arch <> '');
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql,
    ', arch TEXT NOT NULL DEFAULT ''x86_64'' CHECK (arch <> ''''),', ','),
    '-- virtual CPUs' || char(10),
    '-- virtual CPUs' || char(10) || '    arch TEXT NOT NULL DEFAULT ''x86_64'' CHECK (arch <> ''''), -- architecture of its processors' || char(10))
WHERE type = 'table' AND name = 'machine';
PRAGMA writable_schema = RESET;
