-- SPDX-License-Identifier: GPL-3.0-or-later
-- An attempt whose host was not quiet is tainted: a class of its own, also of an attempt that completed. SQLite cannot
-- change a CHECK; what the table already holds fulfils the wider one, so its text is replaced, as SQLite's documentation
-- of ALTER TABLE describes.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(replace(sql,
    '''collect'', ''host''))', '''collect'', ''host'', ''tainted''))'),
    'collect or host' || char(10), 'collect, host or tainted' || char(10)),
    'CHECK (status = ''failed'' OR (class IS NULL AND reason IS NULL))',
    'CHECK (status = ''failed'' OR class IS ''tainted'' OR (class IS NULL AND reason IS NULL))')
WHERE type = 'table' AND name = 'attempt';
PRAGMA writable_schema = RESET;
