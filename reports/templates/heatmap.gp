# ---- Mean as a colour ----
# Light to dark, so that it survives grey, with numbers on it.
set palette defined (0 '#fff7ec', 0.25 '#fdd49e', 0.5 '#fc8d59', 0.75 '#d7301f', 1 '#67000d')
set cbrange [low:high]
set cblabel z_label
set ylabel ''
unset grid
set tics scale 0
set key bmargin center horizontal
key_style = 'points linetype -2'
# Panels share one scale, as tall as all of them.
if (exists('facets')) {
    panel_right = 600
    set colorbox user vertical origin screen 0.86, bottom / height size screen 0.03, 1 - (bottom + 70) / height
}
dark(row) = (column('mean') - low) / (high - low) > 0.6
plot name.'.tsv' \
         using (in_panel(column('x'))):'row':(column('x') - 0.5):(column('x') + 0.5): \
         (column('row') - 0.5):(column('row') + 0.5):'mean' \
         with boxxyerror linecolor palette fillstyle solid 1 noborder notitle, \
     '' using (in_panel(column('x'))):'row':(dark(0) ? '' : stringcolumn('label').' (n = '.stringcolumn('n').')') \
         with labels textcolor rgb '#000000' title ' ', \
     '' using (in_panel(column('x'))):'row':(dark(0) ? stringcolumn('label').' (n = '.stringcolumn('n').')' : '') \
         with labels textcolor rgb '#ffffff' notitle
