# ---- Mean with error bars ----
set xlabel x_label offset 0,0.6
set ylabel y_label
set xrange [x_min:x_max]
if (from_zero) { set yrange [0:*] }
if (!to_scale) {
    set xtics ()
    set for [i = 1:|categories|] xtics add (categories[i] i)
    letters = 0
    do for [i = 1:|categories|] { letters = letters + strlen(categories[i]) + 2 }
    if (letters > 80) { set xtics rotate by -25 }
}
position(i) = column('series') == i ? column('x') + (i - (|series| + 1) / 2.0) * dodge : NaN
style = to_scale ? 'linespoints' : 'points'
plot for [i = 1:|series|] name.'.tsv' using (position(i)):'mean' with @style linetype i title series[i], \
     for [i = 1:|series|] '' using (position(i)):'mean':'stddev' \
         with yerrorbars linetype i linewidth 1.4 dashtype 1 notitle
