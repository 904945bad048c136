-- SPDX-License-Identifier: GPL-3.0-or-later
-- When and by which build a bundle's database was made is no part of the experiment.
UPDATE schema_change SET program = 'trialbed', changed_ns = (SELECT max(created_ns) FROM experiment);
