# ---- Samples in their order ----
key_style = 'linespoints linetype i linewidth 1 pointsize 0.4'
only(i, tainted, outlier) = column('tainted') == tainted && column('outlier') == outlier ? of(i, column('sequence')) : NaN
plot for [i = 1:|series|] name.'.tsv' using (only(i, 0, 0)):'value' \
         with linespoints linetype i linewidth 1 pointsize 0.4 title series[i], \
     for [i = 1:|series|] '' using (only(i, 0, 1)):'value' \
         with linespoints linetype i linewidth 1 pointtype 6 pointsize 0.7 notitle, \
     for [i = 1:|series|] '' using (only(i, 1, 0)):'value' \
         with linespoints linetype i linewidth 0.7 pointtype 2 pointsize 0.6 notitle
