-- SPDX-License-Identifier: GPL-3.0-or-later
INSERT INTO machine (run_id, attempt, name, image, image_digest, platform, arch, accelerator, emulator, memory_mb, cpus, channel)
VALUES (:run_id, :attempt, :name, :image, :image_digest, :platform, coalesce(:arch, 'x86_64'), :accelerator, :emulator, :memory_mb, :cpus, :channel)
ON CONFLICT (run_id, attempt, name) DO UPDATE SET channel = excluded.channel;
