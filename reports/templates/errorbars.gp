# ---- Mean with error bars ----
if (from_zero) { set yrange [0:*] }
low(row) = relative ? column('ratio_low') : errors eq 'ci95' ? column('ci95_low') : column('mean') - column(errors)
high(row) = relative ? column('ratio_high') : errors eq 'ci95' ? column('ci95_high') : column('mean') + column(errors)
place(i, x) = x + side_by_side(i) * dodge
x(i) = of(i, place(i, column('x')))
key_style = to_scale ? 'linespoints linetype i' : 'points linetype i'
plot for [i = 1:|series|] name.'.tsv' using (x(i)):'mean' with @key_style title series[i], \
     for [i = 1:|series|] '' using (x(i)):'mean':(low(0)):(high(0)) \
         with yerrorbars linetype i linewidth 1.4 dashtype 1 notitle
