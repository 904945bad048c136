-- SPDX-License-Identifier: GPL-3.0-or-later
-- Ten runs of experiment ?1. OR ROLLBACK, because what several rows do could otherwise be undone by itself, for which SQLite would
-- copy every page before.
INSERT OR ROLLBACK INTO run (experiment_id, cell_id, position, repetition, block, warmup) VALUES
    (?1, ?2, ?3, ?4, ?5, ?6),
    (?1, ?7, ?8, ?9, ?10, ?11),
    (?1, ?12, ?13, ?14, ?15, ?16),
    (?1, ?17, ?18, ?19, ?20, ?21),
    (?1, ?22, ?23, ?24, ?25, ?26),
    (?1, ?27, ?28, ?29, ?30, ?31),
    (?1, ?32, ?33, ?34, ?35, ?36),
    (?1, ?37, ?38, ?39, ?40, ?41),
    (?1, ?42, ?43, ?44, ?45, ?46),
    (?1, ?47, ?48, ?49, ?50, ?51);
