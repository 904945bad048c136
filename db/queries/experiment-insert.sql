-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO experiment (uuid, name, description, scenario_path, scenario_text, settings, seed, run_order, repetitions,
    warmup, retries, created_ns)
VALUES (:uuid, :name, :description, :scenario_path, :scenario_text, :settings, :seed, :run_order, :repetitions,
    :warmup, :retries, :created_ns);
