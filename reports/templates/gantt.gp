# ---- One run over time ----
set xrange [0:*]
set offsets 0, graph 0.08, 0, 0
set ylabel ''
set grid noytics
set tics scale 0
# In the unit that leaves at most three digits before the point.
duration(s) = s >= 999.5 ? sprintf('%.0f s', s) : s >= 0.9995 || s <= 0 ? sprintf('%.3g s', s) : \
    s >= 0.9995e-3 ? sprintf('%.3g ms', 1e3 * s) : sprintf('%.3g us', 1e6 * s)
plot for [i = 1:|series|] name.'.tsv' \
         using (column('kind') == i ? column('from') : NaN):'row':'from':'to': \
         (column('row') - 0.3):(column('row') + 0.3) \
         with boxxyerror linetype i dashtype 1 linewidth 1 fillstyle solid 0.7 border title series[i], \
     '' using 'to':'row':('  '.duration(column('to') - column('from'))) with labels left font ',11' notitle
