# ---- Clustered bars; ratios grow from 1, on a logarithmic axis ----
known(bound, middle) = bound == bound ? bound : middle
if (relative) {
    set logscale y 2
    # Powers of two are too few tics when all ratios are near 1.
    stats name.'.tsv' using (known(column('ratio_low'), column('ratio'))) nooutput
    least = STATS_min < 1 ? STATS_min : 1
    stats name.'.tsv' using (known(column('ratio_high'), column('ratio'))) nooutput
    most = STATS_max > 1 ? STATS_max : 1
    if (most / least < 4) {
        set yrange [least / 1.03:most * 1.05]
        step = most / least < 1.25 ? 0.02 : most / least < 2 ? 0.1 : 0.25
        set ytics ()
        set for [k = 0:ceil(4 / step)] ytics add (sprintf('%g', k * step) k * step)
    }
} else {
    if (from_zero) { set yrange [0:*] }
}
low(row) = relative ? column('ratio_low') : errors eq 'ci95' ? column('ci95_low') : column('mean') - column(errors)
high(row) = relative ? column('ratio_high') : errors eq 'ci95' ? column('ci95_high') : column('mean') + column(errors)
shown = relative ? 'ratio' : 'mean'
width = 0.8 / |series|
place(i, x) = x + side_by_side(i) * width
x(i) = of(i, place(i, column('x')))
half = 0.46 * width
if (relative) { set arrow from graph 0, first 1 to graph 1, first 1 nohead linecolor rgb '#444444' front }
key_style = 'boxes linetype i linewidth 1 dashtype 1 fillstyle solid 0.75 border'
set grid noxtics
set xtics scale 0
plot for [i = 1:|series|] name.'.tsv' \
         using (x(i)):(relative ? 1 : 0):(x(i) - half):(x(i) + half):(relative ? 1 : 0):(column(shown)) \
         with boxxyerror linetype i linewidth 1 dashtype 1 fillstyle solid 0.75 border title series[i], \
     for [i = 1:|series|] '' using (x(i)):(column(shown)):(low(0)):(high(0)) \
         with yerrorbars linetype 7 linewidth 1.2 dashtype 1 pointtype 0 notitle
