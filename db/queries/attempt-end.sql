-- SPDX-License-Identifier: GPL-3.0-or-later
UPDATE attempt SET status = :status, class = :class, phase = :phase, reason = :reason,
    started_ns = coalesce(nullif(:started_ns, 0), started_ns), duration_ns = :duration_ns, platform = :platform,
    accelerator = :accelerator, emulator = :emulator, backend = :backend, concurrent = :concurrent
WHERE run_id = :run_id AND attempt = :attempt AND status = 'running';
