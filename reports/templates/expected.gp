# ---- What was expected beside what was measured ----
set yrange [0:*]
set offsets 0, 0, graph 0.08, 0
width = 0.8 / |series|
half = 0.46 * width
place(i, x) = x + (2 * i - (|series| + 1) / 2.0) * width
x(i) = of(i, place(i, column('x')))
left(i) = x(i) - width
set grid noxtics
set xtics scale 0
top(row) = (expected = column('expected_high'), measured = column('ci95_high'), expected > measured ? expected : measured)
plot for [i = 1:series_count] name.'.tsv' \
         using (left(i)):(0):(left(i) - half):(left(i) + half):(0):'expected' \
         with boxxyerror linetype i linewidth 1.4 dashtype 2 fillstyle solid 0.15 border title series[2 * i - 1], \
     for [i = 1:series_count] '' using (x(i)):(0):(x(i) - half):(x(i) + half):(0):'mean' \
         with boxxyerror linetype i linewidth 1 dashtype 1 fillstyle solid 0.75 border title series[2 * i], \
     for [i = 1:series_count] '' using (left(i)):'expected':'expected_low':'expected_high' \
         with yerrorbars linetype 7 linewidth 1.2 dashtype 1 pointtype 0 notitle, \
     for [i = 1:series_count] '' using (x(i)):'mean':'ci95_low':'ci95_high' \
         with yerrorbars linetype 7 linewidth 1.2 dashtype 1 pointtype 0 notitle, \
     for [i = 1:series_count] '' using (x(i) - width / 2):(top(0)):'difference' \
         with labels offset 0,0.7 font ',11' notitle
