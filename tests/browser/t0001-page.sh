#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The report's page in headless Chromium: it loads without an error, sorts, filters, and fits narrow and wide windows.
. "$(dirname "$0")/../cli/test-lib.sh"

browser() { # browser OPTION... URL: the user profile lives in the work folder
    HOME=$work chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
        --user-data-dir="$work/profile" --virtual-time-budget=3000 --enable-logging=stderr --log-level=0 "$@"
}

cat >s.yaml <<'YAML'
name: page
machines: [{name: a, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}]
bridges: [{name: br0}]
matrix: {factors: {size: [9, 10, 100], kind: [u, v]}}
repetitions: 2
steps:
  - name: say
    on: a
    run: echo value=${size} ${kind}
    measure: [{metric: value, unit: ms, regex: 'value=([0-9.]+)'}]
YAML
expect_success 'there is a report' 'trialbed run --machines fake s.yaml && trialbed report -o out'

# What a reader does, done by a script; the page's policy would not let it run, so it goes for this copy.
cat >clicks.js <<'JS'
const table = document.querySelector('table'), say = [];
const column = n => [...table.tBodies[0].rows].filter(row => !row.hidden).map(row => row.cells[n].textContent).join();
const head = name => [...table.tHead.rows[0].cells].find(cell => cell.textContent === name);
say.push(column(0));
head('mean').firstChild.click(); head('mean').firstChild.click();
say.push(head('mean').getAttribute('aria-sort') + ' ' + column(4));
head('cell').firstChild.click();
say.push(head('mean').hasAttribute('aria-sort') + ' ' + column(0));
const factor = document.querySelectorAll('#factors select')[1];
factor.value = '1'; factor.dispatchEvent(new Event('change'));
say.push(column(0));
const search = document.querySelector('.tools input');
search.value = 'SIZE=10'; search.dispatchEvent(new Event('input'));
say.push(column(0) + ' ' + document.querySelector('.tools [role=status]').textContent);
document.title = 'said: ' + say.join('; ');
JS
sed -e '/Content-Security-Policy/d' -e 's,</body>,<script src="../clicks.js"></script></body>,' out/index.html >out/clicked.html

browser --dump-dom "file://$work/out/index.html" >dom.html 2>dom.log
expect_success 'its own script runs under its policy' 'grep -q "<th scope=\"col\" class=\"number\"><button type=\"button\">mean</button>" dom.html'
expect_success 'the console is silent' '! grep CONSOLE dom.log'
browser --dump-dom "file://$work/out/clicked.html" >clicked.html 2>clicked.log
cat >expected <<'SAID'
said: size=9 kind=u,size=9 kind=v,size=10 kind=u,size=10 kind=v,size=100 kind=u,size=100 kind=v; descending 100,100,10,10,9,9; false size=9 kind=u,size=9 kind=v,size=10 kind=u,size=10 kind=v,size=100 kind=u,size=100 kind=v; size=9 kind=v,size=10 kind=v,size=100 kind=v; size=10 kind=v,size=100 kind=v 2 of 6 rows
SAID
expect_success 'it sorts and filters' 'sed -n "s,.*<title>\(said[^<]*\)</title>.*,\1,p" clicked.html | diff -u expected -'

# Nothing but a table may be wider than the window.
cat >width.js <<'JS'
document.title = 'width: ' + document.documentElement.scrollWidth + ' of ' + window.innerWidth;
JS
sed -e '/Content-Security-Policy/d' -e 's,</body>,<script src="../width.js"></script></body>,' out/index.html >out/width.html
for width in 500 900 1600; do
    browser --window-size=$width,2000 --dump-dom "file://$work/out/width.html" >width.html 2>/dev/null
    expect_success "it fits a window of $width pixels" "grep -o '<title>width[^<]*' width.html | tee /dev/stderr | awk '{exit \$2 > \$4}'"
    if [ -n "${SCREENSHOTS:-}" ]; then
        browser --window-size=$width,2600 --screenshot="$SCREENSHOTS/page-$width.png" "file://$work/out/index.html" 2>/dev/null
    fi
done

done_testing
