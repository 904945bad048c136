, \
     for [s = 1:|published|] $published using (source(s, column('mean'))):(0.93 - 0.05 * column('series')):'low':'high':'series' \
         axes x1y2 with xerrorbars linecolor variable pointtype mark(s) pointsize 1.6 linewidth 1.6 dashtype 1 title published[s]
