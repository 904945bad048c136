-- SPDX-License-Identifier: GPL-3.0-or-later
-- The images that an experiment's machines were made of.
SELECT DISTINCT m.image, m.image_digest FROM machine m JOIN run r ON r.run_id = m.run_id
WHERE r.experiment_id = :experiment_id AND m.image IS NOT NULL ORDER BY m.image, m.image_digest;
