# ---- Mean as a line in a band ----
if (from_zero) { set yrange [0:*] }
low(row) = relative ? column('ratio_low') : errors eq 'ci95' ? column('ci95_low') : column('mean') - column(errors)
high(row) = relative ? column('ratio_high') : errors eq 'ci95' ? column('ci95_high') : column('mean') + column(errors)
place(i, x) = x
key_style = 'linespoints linetype i'
plot for [i = 1:|series|] name.'.tsv' using (of(i, column('x'))):(low(0)):(high(0)) \
         with filledcurves linetype i fillstyle transparent solid 0.16 noborder notitle, \
     for [i = 1:|series|] '' using (of(i, column('x'))):'mean' with linespoints linetype i title series[i]
