-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT attempt, name AS machine, image, image_digest, platform, arch, accelerator, emulator, memory_mb, cpus, channel
FROM machine WHERE run_id = :run_id ORDER BY attempt, name;
