#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Watching an experiment from another terminal, being told of its end, and its attempts as a joblog.
. "$(dirname "$0")/test-lib.sh"

cat >night.yaml <<'END'
name: night
machines: [{name: a, image: tiny}]
matrix: {factors: {x: [1, 2, 3]}}
order: sequential
repetitions: 2
steps:
  - {name: work, on: a, run: "sleep 100\necho value=${x}", measure: [{metric: value, regex: "value=([0-9]+)"}]}
END
sed 's/name: night/name: broken/; s/sleep 100/fail 1/' night.yaml >broken.yaml

# The newest experiment is NAME, and one of its runs is under way.
until_running() {
    for _ in $(seq 600); do
        [ "$(sqlite3 lab/trialbed.db "select name from experiment where experiment_id = (select max(experiment_id) from run
            where status = 'running') and experiment_id = (select max(experiment_id) from experiment)" 2>/dev/null)" = "$1" ] && return
        sleep 0.05
    done
    echo "no run of $1 began"; return 1
}

expect_status 2 'there is nothing to watch without a lab' 'trialbed status --watch'
expect_success 'whoever watches sees it through to its end' '
    trialbed -q run --machines fake -j 1 night.yaml &
    until_running night
    trialbed status --watch --interval 0.1 >seen; status=$?
    wait $! && [ $status = 0 ] && grep -q ", 1 running" seen && tail -1 seen | grep -q "6/6, 0 running"'
expect_output 'nothing is left to watch then' 'trialbed status --watch night | sed "s/, [0-9.]* runs.h//"' <<'END'
[##############################] 6/6, 0 running
exit 0
END
expect_status 1 'failed runs show in the status' 'trialbed -q run --machines fake broken.yaml; trialbed status --watch broken'
expect_success 'and their reasons in JSON, a line' '[ "$(trialbed --json status --watch broken 2>/dev/null | grep -c "\"failed\": 6")" = 1 ]'
expect_status 2 'an interval must make sense' 'trialbed status --watch --interval 0'
expect_status 2 'one picture at a time' 'trialbed status --watch --runs'

sed 's/name: night/name: cut/; s/sleep 100/sleep 60000/' night.yaml >cut.yaml
expect_success 'a killed coordinator does not look alive' '
    trialbed -q run --machines fake -j 1 cut.yaml & victim=$!
    until_running cut; kill -KILL $victim; wait $victim 2>/dev/null
    for i in $(seq 50); do timeout 20 trialbed status --watch cut >seen 2>err; status=$?; [ $status = 130 ] && break; sleep 0.1; done
    [ $status = 130 ] && grep -q "trialbed resume" err'

expect_output 'the joblog has GNU parallel'"'"'s columns' 'trialbed status night --joblog | head -1 | tr "\t" "|"' <<'END'
Seq|Host|Starttime|JobRuntime|Send|Receive|Exitval|Signal|Command
exit 0
END
expect_output 'a line an attempt' 'trialbed status night --joblog | tail -n +2 | cut -f 1,5,7-' <<'END'
1	0	0	0	x=1 repetition=1
2	0	0	0	x=1 repetition=2
3	0	0	0	x=2 repetition=1
4	0	0	0	x=2 repetition=2
5	0	0	0	x=3 repetition=1
6	0	0	0	x=3 repetition=2
exit 0
END
expect_output 'failures have a status' 'trialbed status broken --joblog | tail -n +2 | cut -f 7 | sort | uniq -c | tr -s " "' <<'END'
 6 1
exit 0
END
expect_output 'JSON has the same' 'trialbed --json status broken --joblog | grep -c "\"Exitval\": 1"' <<'END'
6
exit 0
END

if parallel --version 2>/dev/null | grep -q '^GNU parallel'; then
    resumed() { PARALLEL_HOME=$work/parallel parallel "$1" --joblog joblog -j1 echo did ::: 1 2 3 4 5 6 7; }
    expect_output 'GNU parallel goes on behind it' 'trialbed status night --joblog >joblog; resumed --resume; wc -l <joblog' <<'END'
did 7
8
exit 0
END
    expect_output 'and takes failed runs for failed' 'trialbed status broken --joblog >joblog; resumed --resume-failed | wc -l' <<'END'
7
exit 0
END
fi

# json FILE KEY...: the values of one flat object.
json() {
    local file=$1 key
    shift
    for key; do sed -n "s/.*\"$key\":\"\{0,1\}\([^\",}]*\).*/\1/p" "$file"; done | paste -sd ' '
}
expect_output '--notify gets a summary' 'trialbed -q run --machines fake --notify "cat >note" night.yaml; json note name status completed failed left' <<'END'
night completed 6 0 0
exit 0
END
expect_output 'also of failures' 'trialbed -q run --machines fake --notify "cat >note" broken.yaml 2>&1 | head -1; json note status completed failed left' <<'END'
trialbed: 6 of 6 runs failed
failed 0 6 0
exit 0
END
expect_output 'and of an end before the end' '
    trialbed -q run --machines fake -j 1 --notify "cat >note" cut.yaml 2>/dev/null & victim=$!
    until_running cut; kill -TERM $victim; sleep 0.2; kill -TERM $victim; wait $victim; echo $?; json note status completed failed left' <<'END'
130
interrupted 0 0 6
exit 0
END
expect_output 'a command that fails is a warning' 'trialbed -q run --machines fake --notify "exit 3" night.yaml' <<'END'
trialbed: warning: --notify: command 'exit 3' ended with status 3
exit 0
END
expect_success 'resume tells, too' 'rm note; trialbed -q resume night --notify "cat >note" && [ "$(json note status)" = completed ]'
expect_output 'a halt tells, too' 'trialbed -q run --machines fake -j 1 --halt 2 --notify "cat >note" broken.yaml 2>/dev/null; json note status failed left message' <<'END'
failed 2 4 halted with 4 runs left: 2 failed
exit 0
END

# The units of docs/overnight.md, as far as systemd is here to read them.
if command -v systemd-analyze >/dev/null; then
    awk '/^`~.*systemd/ { name = $0; sub(/.*\//, "", name); sub(/`.*/, "", name) } /^```/ { inside = /ini$/; next } inside { print >name }' "$top/docs/overnight.md"
    sed -i "s,^ExecStart=[^ ]*,ExecStart=$(command -v sleep)," trialbed-nightly.service
    mkdir -m 700 runtime
    expect_output 'systemd has nothing to say against the units' 'XDG_RUNTIME_DIR=$work/runtime HOME=$work systemd-analyze --user verify ./trialbed-nightly.timer ./trialbed-nightly.service' <<'END'
exit 0
END
fi

# On a terminal there is a bar, on 80 columns with the end in it.
if command -v script >/dev/null; then
    expect_success 'a terminal has a bar, wiped away by the end' '
        script -qec "stty columns 80; trialbed run --machines fake -j 1 night.yaml" typescript >/dev/null &&
        grep -q "\[##*\.*\] [1-5]/6, 1 running, [0-9]* s left, [0-9.]* a minute, until [0-9:]\{5\}" typescript &&
        ! tr "\r" "\n" <typescript | grep -v "^Script\|run .*: completed in" | grep ".\{81\}"'
fi

expect_status 4 'doctor looks at what a scenario needs' 'TRIALBED_IMAGES=none trialbed doctor night.yaml'
expect_success 'its images, its accelerator, its processors' '
    sed "s/image: tiny/image: absent, cpus: 200/" night.yaml >big.yaml
    trialbed --json doctor big.yaml 2>/dev/null >found; grep "image absent.*missing" found && grep "processors.*ok.*wait for each other" found'
expect_status 3 'a scenario with problems has them told first' 'echo "machines: 3" >bad.yaml; trialbed doctor bad.yaml'
done_testing
