-- SPDX-License-Identifier: GPL-3.0-or-later
-- When an experiment's attempts began and ended, in the order of their beginnings; one without an end counts nothing.
SELECT a.started_ns AS started_ns, a.started_ns + coalesce(a.duration_ns, 0) AS ended_ns
FROM run r JOIN attempt a ON a.run_id = r.run_id
WHERE r.experiment_id = :experiment_id ORDER BY a.started_ns;
