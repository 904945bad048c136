# ---- Violins ----
width = 0.8 / |series|
place(i, x) = x + side_by_side(i) * width
x(i, what) = is(what) ? of(i, place(i, column('x'))) : NaN
key_style = 'boxes linetype i dashtype 1 linewidth 1.2 fillstyle solid 0.3 border'
set grid noxtics
set xtics scale 0
plot for [i = 1:|series|] name.'.tsv' using (x(i, 'outline') + 0.46 * width * column('share')):'value' \
         with filledcurves closed linetype i dashtype 1 linewidth 1.2 fillstyle solid 0.3 border title series[i], \
     for [i = 1:|series|] '' using (x(i, 'run')):'value' with points linetype i pointtype 7 pointsize 0.3 notitle, \
     for [i = 1:|series|] '' using (x(i, 'outlier')):'value' \
         with points linetype i pointtype 6 pointsize 0.8 notitle, \
     for [i = 1:|series|] '' using (x(i, 'tainted')):'value' \
         with points linetype i pointtype 2 pointsize 0.7 notitle, \
     for [i = 1:|series|] '' using (x(i, 'median') - 0.2 * width):'value':(0.4 * width):(0) \
         with vectors nohead linetype 7 dashtype 1 linewidth 2.4 notitle
