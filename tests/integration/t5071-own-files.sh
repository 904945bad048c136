#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Disks, kernels and folders of the host: they boot, are never written, and their digests are recorded. What cannot boot says why.
. "$(dirname "$0")/real-lib.sh"
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
said() { cat lab/runs/"$(sql "select min(experiment_id) from experiment where name = '$1'")"/*/1/*look.stdout; } # said EXPERIMENT
object() { sed -n "/\"$1\"/,/}/s|.*\"sha256\" : \"\\([0-9a-f]*\\)\".*|$TRIALBED_IMAGES/objects/\\1|p" "$TRIALBED_IMAGES/names/tiny.json"; }

# A system on a disk: tiny's files, and a first program that only starts the agent as a service.
cat >bare.yaml <<'END'
name: bare
platform: bare
machines: [{name: a, image: tiny}]
steps: [{name: s, on: a, run: "true"}]
END
expect_success 'the image is of this agent' 'trialbed image build tiny'
expect_success 'files for a disk are there' 'trialbed run bare.yaml && cp -a lab/cache/roots/* root'
printf '%s\n' '#!/bin/sh' 'mkdir -p /tmp /run; mount -t tmpfs tmp /tmp' 'hostname disk' 'exec /init --service' >root/usr/bin/init
chmod 755 root/usr/bin/init && echo yes >root/etc/mine
truncate -s 96M disk.raw && mke2fs -q -F -t ext4 -d root disk.raw && qemu-img convert -O qcow2 disk.raw disk.qcow2

cat >disk.yaml <<END
name: disk
machines: [{name: a, image: tiny, disk: "\${disk}", cmdline: trialbed.root=/dev/vda}]
matrix: {factors: {disk: ["$work/disk.raw", "$work/disk.qcow2"], start: [cold, restore]}, exclude: [{disk: "$work/disk.raw", start: restore}, {disk: "$work/disk.qcow2", start: cold}]}
start: \${start}
repetitions: 2
order: sequential
boot_timeout: 100s
timeout: 300s
steps: [{name: look, on: a, run: "ls /root/mark 2>/dev/null; echo new >/root/mark; sync; cat /etc/mine; grep -c ' / ext4' /proc/mounts"}]
END
sums=$(sha256sum disk.raw disk.qcow2)
expect_success 'disks of both formats boot' 'trialbed run -j 2 disk.yaml && [ "$(sql "select count(*) from run_facts where experiment = '"'disk'"' and status = '"'completed'"'")" = 4 ]'
expect_success 'a run finds its disk as it was' '[ "$(said disk | sort | uniq -c | tr -s " " | paste -sd,)" = " 4 1, 4 yes" ]'
expect_success 'the disks were not written, and their overlays are gone' '[ "$(sha256sum disk.raw disk.qcow2)" = "$sums" ] && ! find lab/runs -name "*.qcow2" | grep .'
expect_success 'their SHA-256 are recorded' '[ "$(sql "select count(*) from environment where key like '"'image./%'"' and value in ($(echo "$sums" | sed "s/\(.*\)  .*/'"'\\1'"'/" | paste -sd,))")" = 2 ]'
# Killed between the making of the disk and its opening: with the coordinator, and the worker alone.
. "$top/tests/cli/kill-lib.sh"
overlays() { find lab/runs -name "*.qcow2" | wc -l; }
TRIALBED_STOP_AT=disk-made trialbed run disk.yaml --only start=cold --repetitions 1 >out 2>&1 & coordinator=$!
expect_success 'a disk is made, and a worker killed' 'wait_until 60 "stopped_of \$coordinator | grep -q ." && [ $(overlays) = 1 ] && kill -KILL $(stopped_of $coordinator)'
wait $coordinator
expect_success 'its disk is gone with it, and no artifact' '[ $(overlays) = 0 ] && grep -q "ended by signal 9" out && [ "$(sql "select count(*) from artifacts where path like '"'%qcow2'"'")" = 0 ]'
TRIALBED_STOP_AT=disk-made trialbed run disk.yaml --only start=cold --repetitions 1 >out 2>&1 & coordinator=$!
expect_success 'the coordinator is killed at the same moment' 'wait_until 60 "stopped_of \$coordinator | grep -q ."; kill -KILL $coordinator; [ $(overlays) = 1 ]'
wait $coordinator 2>/dev/null
expect_success 'clean lists the disk, and removes it' 'trialbed clean --dry-run | grep -q "^would remove disk .*/a.disk.qcow2" && [ $(overlays) = 1 ] && trialbed clean && [ $(overlays) = 0 ] && trialbed doctor --lab'
expect_success 'a disk that changes is another one' 'digest() { sql "select max(image_digest) from machine where image like '"'%raw'"' and run_id = (select max(run_id) from run)"; }
    trialbed run disk.yaml --only start=cold --only disk=$work/disk.raw --repetitions 1 && before=$(digest) && truncate -s 97M disk.raw &&
    trialbed run disk.yaml --only start=cold --only disk=$work/disk.raw --repetitions 1 && [ "$before" != "$(digest)" ]'

cat >root.yaml <<END
name: root
platform: \${platform}
machines: [{name: a, image: tiny, root: "$work/root", memory_mb: 192}]
matrix: {factors: {platform: [vm, bare]}}
order: sequential
boot_timeout: 100s
steps: [{name: look, on: a, run: "cat /etc/mine; touch /etc/theirs"}]
END
expect_success 'a folder is a machine'"'"'s files on both platforms, and stays as it is' 'trialbed run root.yaml && [ "$(said root | paste -sd,)" = yes,yes ] && [ ! -e root/etc/theirs ]'
# Beside it a computer of which everything is chosen. Huge pages only where they can be had for a moment.
huge=false
if [ "$(cat /proc/sys/vm/nr_hugepages)" = 0 ] && echo 70 2>/dev/null >/proc/sys/vm/nr_hugepages; then
    mkdir huge && trap 'umount -l "$work/huge" 2>/dev/null; echo 0 >/proc/sys/vm/nr_hugepages' EXIT
    [ "$(sed -n 's/^HugePages_Free: *//p' /proc/meminfo)" -ge 64 ] && mount -t hugetlbfs none huge 2>mount-error && huge=true
fi
cp /usr/share/seabios/bios-256k.bin bios.bin
cat >kernel.yaml <<END
name: kernel
machines:
  - {name: a, kernel: "$(object kernel)", initrd: "$(object initrd)"}
  - {name: b, image: tiny, machine_type: q35, cpu_model: Nehalem, firmware: $work/bios.bin, hugepages: $huge, qemu_args: "-smbios 'type=1,serial=of mine'"}
boot_timeout: 100s
steps:
  - {name: look, on: a, run: "hostname"}
  - {name: see, on: b, run: "cat /sys/class/dmi/id/product_version /sys/class/dmi/id/product_serial; sed -n 's/^model name[^:]*: //p' /proc/cpuinfo"}
END
expect_success 'a kernel and an initramfs are enough' 'trialbed run kernel.yaml && [ "$(said kernel)" = a ]'
expect_success 'machine type, processor, firmware and arguments are as was said' '[ "$(sed "s/-[0-9.]*$//" lab/runs/*/*/1/*-see.stdout | paste -sd,)" = "pc-q35,of mine,Intel Core i7 9xx (Nehalem Class Core i7)" ] &&
    grep -q "<loader.*bios.bin<" lab/runs/*/*/1/b.xml && [ "$(sql "select value from environment where key = '"'image.$work/bios.bin'"'")" = "$(sha256sum <bios.bin | cut -d" " -f1)" ]'
[ "$huge" = false ] || {
    expect_success 'memory is of huge pages' 'grep -q "<hugepages/>" lab/runs/*/*/1/b.xml'
    umount huge && echo 0 >/proc/sys/vm/nr_hugepages && trap - EXIT
}
expect_success 'a bundle goes without them, and says so' 'trialbed export kernel --images -o kernel.tar.zst 2>export.err && grep -q "does not travel" export.err && trialbed verify kernel.tar.zst'

bad() { # bad NAME "KEYS": a machine with these keys
    printf 'name: %s\nmachines: [{name: a, %s}]\nboot_timeout: 20s\nsteps: [{name: s, on: a, run: "true"}]\n' "$1" "$2" >"$1.yaml"
    timeout 100 trialbed run "$1.yaml"
}
reason() { sql "select class || ': ' || reason from run_facts where experiment = '$1'" | tee /dev/stderr; }
expect_status 4 'a disk that is not there is found before anything starts' 'bad absent "disk: /nowhere/disk.raw" 2>absent.err'
expect_success 'by its name' 'grep "/nowhere/disk.raw" absent.err'
qemu-img create -q -f qcow2 -b "$work/disk.qcow2" -F qcow2 above.qcow2
expect_status 1 'a disk upon another one is refused' 'bad above "image: tiny, disk: $work/above.qcow2"'
expect_success 'with the way out' 'reason above | grep -q "stands upon another file" && trialbed show $(sql "select max(run_id) from run") | grep -q "qemu-img convert"'
expect_status 1 'a disk without a system fails its run, at once' 'truncate -s 1M empty.raw; bad empty "image: tiny, disk: $work/empty.raw, cmdline: trialbed.root=/dev/vda"'
expect_success 'with the words of its console' 'reason empty | grep -q "^boot: .*its kernel gave up"'
expect_status 1 'an emulator that is no emulator fails its run' 'bad emulator "image: tiny, emulator: /bin/true"'
expect_success 'and is named' 'reason emulator | grep -q "^provision: machine .a.: its emulator ./bin/true. is no QEMU"'
expect_status 4 'one that is not there is found before anything starts' 'bad nowhere "image: tiny, emulator: /nowhere/qemu" 2>nowhere.err'
expect_success 'by its name' 'grep -q "emulator ./nowhere/qemu. is no program" nowhere.err'
expect_status 4 'so are huge pages that the host has not got' 'bad pages "image: tiny, memory_mb: 200, hugepages: true" 2>pages.err'
expect_success 'with the way to get them' 'grep -E "needs 200 MiB of huge pages, this host has [0-9]+ MiB free" pages.err && grep -q "sysctl vm.nr_hugepages=" pages.err'
expect_status 1 'a processor that nobody knows fails its run' 'bad processor "image: tiny, cpu_model: Abacus"'
expect_success 'and is named' 'reason processor | grep -q "^provision: machine .a.: could not be made.*Abacus"'
expect_status 1 'an argument that QEMU does not know fails its run' 'bad argument "image: tiny, qemu_args: -abacus"'
expect_success 'and is named' 'reason argument | grep -q "^provision: machine .a.: could not be made.*-abacus"'
expect_status 1 'a machine type that nobody knows fails its run' 'bad mainframe "image: tiny, machine_type: mainframe"'
expect_success 'and says which are known' 'reason mainframe | grep -q "^provision: machine .a.: could not be made" && trialbed show $(sql "select max(run_id) from run") | grep -q -- "-machine help"'
expect_status 4 'memory that the host has not got is found before anything starts' 'bad memory "image: tiny, memory_mb: 1000000" 2>memory.err'
expect_success 'with both figures' 'grep -E "needs 1000096 MiB of memory, this host has [0-9]+ MiB free" memory.err'

# A saved memory of another QEMU: what its note says is all that there is to see of it.
cat >saved.yaml <<'END'
name: saved
machines: [{name: a, image: tiny}]
start: restore
boot_timeout: 100s
steps: [{name: s, on: a, run: "true"}]
END
rm -rf lab/cache/memory
expect_success 'a memory of another QEMU is made anew' 'trialbed run saved.yaml && sed -i "s/emulator [0-9.]* /emulator 5.2.0 /" lab/cache/memory/*.json && trialbed run saved.yaml &&
    sql "select text from event where run_id = (select max(run_id) from run) and kind = '"'save'"'" | tee /dev/stderr | grep -q "it was saved by emulator 5.2.0"'

done_testing
