-- SPDX-License-Identifier: GPL-3.0-or-later
-- What a scenario says under `published:`.
INSERT INTO published (experiment_id, position, metric, mean, stddev, n, source)
VALUES (1, 0, 'rtt', 6.9, 1.1, 10, 'Doe 2019, table 4 (KVM): made up'), (1, 1, 'rtt', 12.9, NULL, NULL, 'Roe 2021 (bare): made up');
INSERT INTO published_level (experiment_id, position, factor_id, level_id)
SELECT 1, 0, f.factor_id, l.level_id FROM factor f JOIN level l USING (factor_id)
WHERE f.name || '=' || l.text IN ('delay=2ms', 'size=512')
UNION ALL SELECT 1, 1, f.factor_id, l.level_id FROM factor f JOIN level l USING (factor_id)
WHERE f.name || '=' || l.text IN ('delay=5ms', 'size=64');
