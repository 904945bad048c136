, \
     for [s = 1:|published|] $published using (source(s, 0.99 - 0.02 * column('series'))):'mean':'low':'high':'series' \
         axes x2y1 with yerrorbars linecolor variable pointtype mark(s) pointsize 1.6 linewidth 1.6 dashtype 1 title published[s]
