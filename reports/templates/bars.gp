# ---- Clustered bars; ratios grow from 1, on a logarithmic axis ----
if (relative) { set logscale y 2 } else { if (from_zero) { set yrange [0:*] } }
low(row) = relative ? column('ratio_low') : errors eq 'ci95' ? column('ci95_low') : column('mean') - column(errors)
high(row) = relative ? column('ratio_high') : errors eq 'ci95' ? column('ci95_high') : column('mean') + column(errors)
value = relative ? 'ratio' : 'mean'
width = 0.8 / |series|
place(i, x) = x + side_by_side(i) * width
x(i) = of(i, place(i, column('x')))
half = 0.46 * width
if (relative) { set arrow from graph 0, first 1 to graph 1, first 1 nohead linecolor rgb '#444444' front }
key_style = 'boxes linetype i linewidth 1 dashtype 1 fillstyle solid 0.75 border'
set grid noxtics
set xtics scale 0
plot for [i = 1:|series|] name.'.tsv' \
         using (x(i)):(relative ? 1 : 0):(x(i) - half):(x(i) + half):(relative ? 1 : 0):(column(value)) \
         with boxxyerror linetype i linewidth 1 dashtype 1 fillstyle solid 0.75 border title series[i], \
     for [i = 1:|series|] '' using (x(i)):(column(value)):(low(0)):(high(0)) \
         with yerrorbars linetype 7 linewidth 1.2 dashtype 1 pointtype 0 notitle
