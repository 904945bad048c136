# ---- Half the interval's width over the number of runs ----
# Without a logarithmic axis the first widths leave no room for the others; it has no place for a width of 0.
stats name.'.tsv' using 'half_width' nooutput
if (STATS_min > 0) { set logscale y } else { set yrange [0:*] }
set xrange [1:*]
set xtics 1
stats name.'.tsv' using 'k' nooutput
if (STATS_max > 12) { set xtics autofreq }
key_style = 'linespoints linetype i'
plot for [i = 1:|series|] name.'.tsv' using (of(i, column('k'))):'half_width' \
         with linespoints linetype i title series[i]
