# ---- Every run ----
cluster = to_scale ? dodge : 0.8 / |series|
spread = to_scale ? 0.7 * dodge : 0.7 * cluster
place(i, x) = x + side_by_side(i) * cluster
middle(i) = of(i, place(i, column('x')))
key_style = 'points linetype i pointsize 0.5'
x(i, tainted) = column('tainted') == tainted ? middle(i) + column('shift') * spread : NaN
plot for [i = 1:|series|] name.'.tsv' using (x(i, 0)):'value' with points linetype i pointsize 0.5 title series[i], \
     for [i = 1:|series|] '' using (column('outlier') == 1 ? x(i, 0) : NaN):'value' \
         with points linetype i pointtype 6 pointsize 1.1 notitle, \
     for [i = 1:|series|] '' using (x(i, 1)):'value' with points linetype i pointtype 2 pointsize 0.8 notitle, \
     for [i = 1:|series|] '' using (middle(i) - 0.5 * cluster):'mean':(cluster):(0) \
         with vectors nohead linetype 7 dashtype 1 linewidth 1.6 notitle
