, \
     for [s = 1:|published|] keyentry with points linetype 7 pointtype mark(s) pointsize 1.6 title published[s]
