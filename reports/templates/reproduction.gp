# ---- A second time ----
# The bounds are at -1 and 1. What is further off than `limit` stands at the edge.
limit = 4
inside(value) = value > limit ? limit : value < -limit ? -limit : value
set xrange [-limit * 1.05:limit * 1.05]
set xtics 1
set grid noytics
set tics scale 0
set object 1 rectangle from first -1, graph 0 to first 1, graph 1 behind fillcolor rgb '#e8e8e8' fillstyle solid noborder
set arrow 1 from first 0, graph 0 to first 0, graph 1 nohead back linecolor rgb '#444444' linewidth 1 dashtype 2
set output name.'.'.format
plot for [i = 1:|series|] name.'.tsv' using (of(i, inside(column('at')))):'row':(inside(column('low'))):(inside(column('high'))) \
         with xerrorbars linetype i linewidth 1.6 dashtype 1 title series[i]
