# ---- Mean with error bars ----
if (from_zero) { set yrange [0:*] }
low(row) = relative ? column('ratio_low') : bars eq 'ci95' ? column('ci95_low') : column('mean') - column(bars)
high(row) = relative ? column('ratio_high') : bars eq 'ci95' ? column('ci95_high') : column('mean') + column(bars)
x(i) = of(i, column('x') + side_by_side(i) * dodge)
style = to_scale ? 'linespoints' : 'points'
plot for [i = 1:|series|] name.'.tsv' using (x(i)):'mean' with @style linetype i title series[i], \
     for [i = 1:|series|] '' using (x(i)):'mean':(low(0)):(high(0)) \
         with yerrorbars linetype i linewidth 1.4 dashtype 1 notitle
