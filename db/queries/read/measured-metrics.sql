-- SPDX-License-Identifier: GPL-3.0-or-later
-- Metrics that at least one counted run has a value of; those measured without asking come last.
SELECT DISTINCT metric, unit, automatic FROM cell_summary WHERE experiment_id = :experiment_id ORDER BY automatic, metric;
