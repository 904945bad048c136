# ---- Complement of the distribution function, on a logarithmic axis ----
set logscale y
set yrange [*:1]
key_style = 'linespoints linetype i'
plot for [i = 1:|series|] name.'.tsv' using (of(i, column('value'))):'at_least' with fsteps linetype i notitle, \
     for [i = 1:|series|] '' using (of(i, column('value'))):'at_least' with points linetype i pointsize 0.5 notitle, \
     for [i = 1:|series|] '' using (column('outlier') == 1 ? of(i, column('value')) : NaN):'at_least' \
         with points linetype i pointtype 6 pointsize 1 notitle, \
     for [i = 1:|series|] '' using (column('tainted') == 1 ? of(i, column('value')) : NaN):(0.02) axes x1y2 \
         with points linetype i pointtype 2 pointsize 0.8 notitle, \
     for [i = 1:|series|] NaN with linespoints linetype i title series[i]
