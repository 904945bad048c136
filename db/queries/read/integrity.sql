-- SPDX-License-Identifier: GPL-3.0-or-later
PRAGMA integrity_check(100);
