-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO figure (experiment_id, position, figure, metric, x, by, facet, errors, normalize_to, expected)
VALUES (:experiment_id, :position, :figure, :metric, :x, :by, :facet, :errors, :normalize_to,
    :expected);
