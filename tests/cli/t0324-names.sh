#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Names and levels that gnuplot, LaTeX or XML would act upon stand in every kind of figure as they were typed.
. "$(dirname "$0")/test-lib.sh"

cat >s.yaml <<'END'
name: a_name
machines: [{name: c, image: tiny}]
matrix: {factors: {loss: [1%, 5%], p_x: ["a_b & {50%}", "~^#$it's"]}}
repetitions: 2
seed: 1
steps:
  - name: go
    on: c
    run: echo r=${loss} $TRIALBED_FACTOR_P_X
    measure: [{metric: r, unit: µs, regex: 'r=([0-9.]+)', direction: lower}, {metric: q_x, unit: "%", regex: 'r=([0-9.]+)'}]
published: [{metric: r, where: {loss: 1%}, mean: 1.5, stddev: 0.1, n: 3, source: "50% of A & B_c"}]
report:
  - {figure: errorbars, metric: r, x: p_x}
  - {figure: lines, metric: r}
  - {figure: bars, metric: r}
  - {figure: bars, metric: r, x: p_x, facet: loss}
  - {figure: bars, metrics: [r, q_x], normalize_to: {loss: 1%}}
  - {figure: expected-vs-measured, metric: r, x: loss, expected: "5% = 5 * r[1%]"}
  - {figure: box, metric: q_x}
  - {figure: violin, metric: q_x}
  - {figure: scatter, metric: q_x}
  - {figure: cdf, metric: q_x}
  - {figure: ccdf, metric: q_x}
  - {figure: histogram, metric: q_x}
  - {figure: heatmap, metric: q_x}
  - {figure: order, metric: q_x}
  - {figure: convergence, metric: q_x}
  - {figure: timeseries, metric: q_x}
  - {figure: phases}
  - {figure: gantt}
END
expect_success 'an experiment runs' 'trialbed run --machines fake -j 2 s.yaml'
expect_success 'every kind of figure is drawn of it, for LaTeX too' 'trialbed report -o out --format latex && [ "$(ls out/*.svg | wc -l)" = 18 ] && [ "$(ls out/*-latex.tex | wc -l)" = 18 ]'

# Nothing is raised, lowered or left out: enhanced text would change the size of a part, and double percent signs would show.
literal() {
    for file in out/*.svg; do
        grep -q '<tspan[^>]* dy=' "$file" && { echo "$file: $(grep -m1 '<tspan[^>]* dy=' "$file")"; return 1; }
        grep -q '%%' "$file" && { echo "$file has '%%'"; return 1; }
        [ "$file" = out/gantt.svg ] || grep -q '1%\|a_b' "$file" || { echo "$file names no level"; return 1; }
    done
    return 0
}
expect_success 'all texts are what they were' literal
expect_success 'in panels, too' 'grep -qF "a_b &amp; {50%}" out/bars-r-by-p_x-facet-loss.svg && grep -qF "published: 50% of A &amp; B_c" out/bars-r-by-p_x-facet-loss.svg'

if command -v pdflatex >/dev/null; then
    cd out || exit 1
    {
        printf '%s\n' '\documentclass{article}' '\usepackage{graphicx,xcolor,booktabs}' '\begin{document}' '\input{numbers}' \
            'mean \trialbed{r}{loss=5- p-x=a-b - -50--}{mean}~\trialbed{r}{loss=5- p-x=a-b - -50--}{unit}'
        for figure in *-latex.tex; do printf '\n\\input{%s}\n' "${figure%.tex}"; done
        printf '%s\n' '\input{summary}' '\end{document}'
    } >paper.tex
    expect_success 'LaTeX sets all figures, the table and a number' 'pdflatex -interaction=nonstopmode -halt-on-error paper.tex && [ -s paper.pdf ] && ! grep -E "Missing character|undefined" paper.log'
    sed -i 's/{mean}/{meen}/' paper.tex
    expect_status 1 'a number that is not there is an error' 'pdflatex -interaction=nonstopmode -halt-on-error paper.tex'
    expect_success 'which names it' "grep -q \"there is no number 'r'\" said"
    cd "$work" || exit 1
fi
done_testing
