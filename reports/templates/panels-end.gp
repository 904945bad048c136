
}
# What they have in common: axis labels, caption and key.
unset border
unset tics
unset grid
unset title
unset arrow
unset logscale
set origin 0, 0
set size 1, 1
set margins screen panel_left / 720.0, screen panel_right / 720.0, screen (bottom - 60) / height, screen 1
set xrange [0:1]
set yrange [0:1]
set label 1 x_label at screen (panel_left + panel_right) / 1440.0, screen (bottom - 38) / height center
if (!exists('rows')) { set label 2 y_label at screen 0.02, screen 0.5 center rotate by 90 }
set key bmargin center horizontal Left reverse samplen 3 spacing 1.2 maxcols key_columns
set key title "\n".caption font ',11'
plot NaN notitle, \
     for [i = 1:|series|] keyentry with @key_style title series[i]