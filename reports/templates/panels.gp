
# gnuplot cannot read its own options of this terminal again.
if (format eq 'latex') { eval latex } else { set terminal pop; set termoption noenhanced }
set output name.ending
if (!exists('x_min')) { set xrange [GPVAL_X_MIN:GPVAL_X_MAX] }
if (!exists('rows')) { set yrange [GPVAL_Y_MIN:GPVAL_Y_MAX > GPVAL_Y_MIN ? GPVAL_Y_MAX : GPVAL_Y_MIN + 1] }
if (panel_columns == 3 && (!exists('x_min') || to_scale)) {
    # A fourth of the range, rounded to 1, 2 or 5: more tics would run into each other.
    quarter = (GPVAL_X_MAX - GPVAL_X_MIN) / 4.0
    decade = 10 ** floor(log10(quarter))
    set xtics decade * (quarter / decade < 1.5 ? 1 : quarter / decade < 3.5 ? 2 : quarter / decade < 7.5 ? 5 : 10)
}
set offsets 0, 0, 0, 0
set multiplot layout panel_rows, panel_columns title title font ',15' \
    margins screen panel_left / 720.0, panel_right / 720.0, bottom / height, 1 - 70.0 / height \
    spacing screen 56.0 / 720, 62.0 / height
unset key
set xlabel ''
set ylabel ''
do for [panel = 1:|facets|] {
if (panel == 2) { unset colorbox } # one is for all
set title facets[panel] font ',13' offset 0,-0.4
