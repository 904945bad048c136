# ---- Mean as a line in a band ----
if (from_zero) { set yrange [0:*] }
low(row) = relative ? column('ratio_low') : bars eq 'ci95' ? column('ci95_low') : column('mean') - column(bars)
high(row) = relative ? column('ratio_high') : bars eq 'ci95' ? column('ci95_high') : column('mean') + column(bars)
plot for [i = 1:|series|] name.'.tsv' using (of(i, column('x'))):(low(0)):(high(0)) \
         with filledcurves linetype i fillstyle transparent solid 0.16 noborder notitle, \
     for [i = 1:|series|] '' using (of(i, column('x'))):'mean' with linespoints linetype i title series[i]
