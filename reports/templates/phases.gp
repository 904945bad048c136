# ---- Mean time of each phase, one behind the other ----
set xrange [0:*]
set ylabel ''
set grid noytics
set tics scale 0
plot for [i = 1:|series|] name.'.tsv' \
         using (column('phase') == i ? column('from') : NaN):'row':'from':'to': \
         (column('row') - 0.35):(column('row') + 0.35) \
         with boxxyerror linetype i dashtype 1 linewidth 0.8 fillstyle solid i > 8 ? 0.35 : 0.8 border title series[i]
