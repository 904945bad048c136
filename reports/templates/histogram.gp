# ---- Histogram ----
set yrange [0:*]
set offsets 0, 0, graph 0.05, 0
key_style = 'boxes linetype i dashtype 1 linewidth 1.4 fillstyle transparent solid 0.3 border'
set grid noxtics
plot for [i = 1:|series|] name.'.tsv' \
         using (column('runs') > 0 ? of(i, (column('from') + column('to')) / 2) : NaN):(0):'from':'to':(0):'runs' \
         with boxxyerror linetype i dashtype 1 linewidth 1.4 fillstyle transparent solid 0.3 border title series[i]
