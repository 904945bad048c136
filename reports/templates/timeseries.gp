# ---- Samples in their order ----
key_style = 'linespoints linetype i linewidth 1 pointsize 0.4'
plot for [i = 1:|series|] name.'.tsv' using (of(i, column('sequence'))):'value' \
         with linespoints linetype i linewidth 1 pointsize 0.4 title series[i]
