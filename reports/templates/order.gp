# ---- Every run over the order in which they began ----
key_style = 'points linetype i pointsize 0.6'
state(i, wanted) = stringcolumn('status') eq wanted ? of(i, column('executed')) : NaN
plot for [i = 1:|series|] name.'.tsv' using (state(i, 'completed')):'value' \
         with points linetype i pointsize 0.6 title series[i], \
     for [i = 1:|series|] '' using (column('outlier') == 1 ? state(i, 'completed') : NaN):'value' \
         with points linetype i pointtype 6 pointsize 1.1 notitle, \
     for [i = 1:|series|] '' using (state(i, 'tainted')):'value' \
         with points linetype i pointtype 2 pointsize 0.9 notitle, \
     for [i = 1:|series|] '' using (state(i, 'failed')):(0.02) axes x1y2 \
         with points linetype i pointtype 8 pointsize 1 notitle
