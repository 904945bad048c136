# ---- The style that all figures share ----
# Width and font are fixed, the height follows the key, whose labels are in `series`. The colours are those of Okabe and
# Ito, which colour-blind readers can tell apart; points and dashes can be told apart in grey. For another format than
# SVG: gnuplot -e "format = 'pdf'" (or 'png') and the script.
reset
set encoding utf8
longest = 0
key_entries = |series|
do for [i = 1:|series|] { longest = strlen(series[i]) > longest ? strlen(series[i]) : longest }
if (exists('published')) {
    do for [i = 1:|published|] { longest = strlen(published[i]) > longest ? strlen(published[i]) : longest }
    key_entries = key_entries + |published|
}
key_columns = longest > 36 ? 1 : longest > 20 ? 2 : longest > 13 ? 3 : 4
if (exists('rows') && key_columns > 3) { key_columns = 3 }
key_rows = (key_entries + key_columns - 1) / key_columns
# Panels of a factor's levels: at most three side by side, or one below the other when they have named rows.
panel_columns = 1
room = exists('lanes') ? 156 + 30 * lanes : 420
if (exists('facets')) {
    panel_columns = |facets| == 4 ? 2 : |facets| < 3 ? |facets| : 3
    if (exists('rows')) { panel_columns = 1 }
    panel_rows = (|facets| + panel_columns - 1) / panel_columns
    room = 146 + (exists('rows') ? 62 + 30 * lanes : 230) * panel_rows
}
panel_left = 76
panel_right = 704
bottom = 86.0 + 24 * key_rows + 16 * caption_lines
height = room + 24 * key_rows + 16 * caption_lines
if (!exists('format')) { format = 'svg' }
if (format eq 'svg') {
    set terminal svg size 720,height noenhanced font 'Helvetica,Arial,sans-serif,13' name id background '#ffffff'
}
if (format eq 'pdf') { set terminal pdfcairo size 7.5,height/96.0 noenhanced font 'Helvetica,10' background '#ffffff' }
if (format eq 'png') {
    # Its fonts are in points, of which 72 make the 96 pixels of an inch.
    set terminal pngcairo size 1440,2*height noenhanced font 'Helvetica,13' fontscale 1.5 linewidth 2 pointscale 2 \
        background '#ffffff'
}
# Labels in the document's own font (\\input NAME-latex.tex; packages graphicx and xcolor), lines in NAME-latex.pdf.
latex = sprintf("set terminal cairolatex pdf input size 6,%.4f font ',8' fontscale 0.8", height / 120.0)
if (format eq 'latex') { eval latex }
ending = format eq 'latex' ? '-latex.tex' : '.'.format
set datafile separator tab
set datafile columnheaders
set datafile missing NaN
# Without this, gnuplot blanks a circle around each point with error bars, and with it the short ones.
set pointintervalbox 0.01
set linetype 1 linecolor rgb '#0072b2' linewidth 1.8 dashtype 1 pointtype 7 pointsize 0.8
set linetype 2 linecolor rgb '#d55e00' linewidth 1.8 dashtype 2 pointtype 5 pointsize 0.7
set linetype 3 linecolor rgb '#009e73' linewidth 1.8 dashtype 4 pointtype 9 pointsize 0.9
set linetype 4 linecolor rgb '#cc79a7' linewidth 1.8 dashtype 5 pointtype 13 pointsize 0.9
set linetype 5 linecolor rgb '#e69f00' linewidth 1.8 dashtype 1 pointtype 6 pointsize 0.9
set linetype 6 linecolor rgb '#56b4e9' linewidth 1.8 dashtype 2 pointtype 4 pointsize 0.8
set linetype 7 linecolor rgb '#000000' linewidth 1.8 dashtype 4 pointtype 8 pointsize 0.9
set linetype 8 linecolor rgb '#777777' linewidth 1.8 dashtype 5 pointtype 11 pointsize 0.9
set linetype cycle 8
# What was published: an open symbol for each source.
mark(s) = word('12 4 8 6', (s - 1) % 4 + 1) + 0
set y2range [0:1]
set x2range [0:1]
set border 3 linecolor rgb '#444444'
set tics nomirror
set grid xtics ytics linecolor rgb '#dddddd' linewidth 0.7 dashtype 1
set key bmargin center horizontal Left reverse samplen 3 spacing 1.2 maxcols key_columns
set key title "\n".caption font ',11'
set title title font ',15'
set xlabel x_label offset 0,0.6
set ylabel y_label
# The label of a tic is a format, in which %% is a percent sign.
literal(text) = strstrt(text, '%') == 0 ? text : \
    text[1:strstrt(text, '%')].'%'.literal(text[strstrt(text, '%') + 1:*])
if (exists('x_min')) {
    set xrange [x_min:x_max]
    if (!to_scale) {
        set xtics ()
        set for [i = 1:|categories|] xtics add (literal(categories[i]) i)
        letters = 0
        do for [i = 1:|categories|] { letters = letters + strlen(categories[i]) + 2 }
        if (letters > 80) { set xtics rotate by -25 }
    }
}
# Rows from above to below, with their names on the left.
if (exists('rows')) {
    longest = 0
    do for [i = 1:|rows|] { longest = strlen(rows[i]) > longest ? strlen(rows[i]) : longest }
    set yrange [|rows| + 0.5:0.5]
    set ytics ()
    set for [i = 1:|rows|] ytics add (literal(rows[i]) i)
    set ylabel offset longest > 30 ? -1 : 0,0
    panel_left = 24 + 7 * longest
}
# What is drawn of a row: its value when it is of series i and of the panel, nothing otherwise. Panel 0 has all.
panel = 0
in_panel(value) = panel == 0 || column('facet') == panel ? value : NaN
of(i, value) = column('series') == i ? in_panel(value) : NaN
source(s, value) = column('source') == s ? in_panel(value) : NaN
is(what) = stringcolumn('what') eq what
side_by_side(i) = (i - (|series| + 1) / 2.0)
