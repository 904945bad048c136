, \
     for [s = 1:|published|] $published using (source(s, place(column('series'), column('x')))):'mean':'low':'high' \
         with yerrorbars linetype 7 pointtype mark(s) pointsize 1.6 linewidth 1.6 dashtype 1 title published[s]
