# ---- One run over time ----
set xrange [0:*]
set offsets 0, graph 0.08, 0, 0
set ylabel ''
set grid noytics
set tics scale 0
plot for [i = 1:|series|] name.'.tsv' \
         using (column('kind') == i ? column('from') : NaN):'row':'from':'to': \
         (column('row') - 0.3):(column('row') + 0.3) \
         with boxxyerror linetype i dashtype 1 linewidth 1 fillstyle solid 0.7 border title series[i], \
     '' using 'to':'row':(sprintf('  %.3g s', column('to') - column('from'))) with labels left font ',11' notitle
