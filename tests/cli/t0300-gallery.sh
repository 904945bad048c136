#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every kind of figure, with failed and tainted runs and outliers: the numbers behind it, and the picture of the gallery.
. "$(dirname "$0")/test-lib.sh"

expect_success 'every kind of figure can be drawn' "'$top'/tools/gallery.sh '$TRIALBED' drawn"
for file in "$top"/docs/gallery/*.tsv; do
    name=$(basename "$file")
    expect_success "$name has the numbers of the gallery" "diff -u '$file' drawn/$name"
done
# Other versions of gnuplot place a text a hair's breadth elsewhere.
if [ "$(gnuplot --version)" = 'gnuplot 5.4 patchlevel 4' ]; then
    for file in "$top"/docs/gallery/*.svg; do
        name=$(basename "$file")
        expect_success "$name looks like the gallery" "cmp '$file' drawn/$name"
    done
fi
expect_success 'no figure of the gallery was forgotten' "[ \$(ls drawn | wc -l) = \$(ls '$top'/docs/gallery | wc -l) ]"
expect_success 'docs/reports.md shows every figure of the gallery' \
    "for file in '$top'/docs/gallery/*.svg; do grep -qF \"gallery/\$(basename \$file)\" '$top'/docs/reports.md || exit 1; done"

done_testing
