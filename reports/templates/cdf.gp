# ---- Empirical distribution function ----
set yrange [0:1]
key_style = 'linespoints linetype i'
plot for [i = 1:|series|] name.'.tsv' using (of(i, column('value'))):'at_most' with fsteps linetype i notitle, \
     for [i = 1:|series|] '' using (of(i, column('value'))):'at_most' with points linetype i pointsize 0.5 notitle, \
     for [i = 1:|series|] NaN with linespoints linetype i title series[i]
