, \
     for [i = 1:|series|] $marks using (of(i, place(i, column('x')))):'value':'mark' \
         with points linetype i pointtype variable pointsize 0.8 linewidth 1 dashtype 1 notitle
