# ---- Box plots ----
width = 0.8 / |series|
place(i, x) = x + side_by_side(i) * width
x(i) = of(i, place(i, column('x')))
only(i, what) = is(what) ? x(i) : NaN
key_style = 'boxes linetype i dashtype 1 linewidth 1.4 fillstyle solid 0.3 border'
set grid noxtics
set xtics scale 0
set boxwidth 0.8 * width
plot for [i = 1:|series|] name.'.tsv' using (only(i, 'box')):'q1':'whisker_low':'whisker_high':'q3' \
         with candlesticks linetype i dashtype 1 linewidth 1.4 fillstyle solid 0.3 border \
         title series[i] whiskerbars 0.5, \
     for [i = 1:|series|] '' using (only(i, 'box')):'median':'median':'median':'median' \
         with candlesticks linetype 7 dashtype 1 linewidth 2 notitle, \
     for [i = 1:|series|] '' using (only(i, 'outlier')):'value' \
         with points linetype i pointtype 6 pointsize 0.7 notitle, \
     for [i = 1:|series|] '' using (only(i, 'tainted')):'value' \
         with points linetype i pointtype 2 pointsize 0.8 notitle
