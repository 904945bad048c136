# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# A libvirt daemon of the test's own, for tests that have put themselves into private mount, network and PID namespaces: it and all it
# starts ends with the test, and nothing of the host's libvirt is seen or touched.

# Empty places for all that libvirt writes, and the user that its emulators run as on an ordinary machine.
private_places() {
    local file folder
    for folder in /run /var/lib/libvirt /var/log/libvirt /var/cache/libvirt /etc/libvirt; do
        [ -d "$folder" ] || folder=$(dirname "$folder")
        mount -t tmpfs -o mode=0755 none "$folder" || return 1
    done
    for file in passwd group; do cp "/etc/$file" "/run/$file"; done
    getent passwd libvirt-qemu >/dev/null || echo 'libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin' >>/run/passwd
    getent group libvirt-qemu >/dev/null || echo 'libvirt-qemu:x:64055:' >>/run/group
    # As there, it may use KVM: else libvirt asks every emulator again and again whether it really may not.
    sed -i -E 's/^(kvm:.*:)$/\1libvirt-qemu/; t; s/^kvm:.*/&,libvirt-qemu/' /run/group
    for file in passwd group; do mount --bind "/run/$file" "/etc/$file" || return 1; done
    mkdir -p -m 1777 /run/lock
    ip link set lo up
}

daemon_answers() { virsh -c qemu:///system list >/dev/null 2>&1; }

# daemon_start: libvirtd in the background; its process ID in $daemon.
daemon_start() {
    libvirtd -p /run/libvirtd.pid >>/run/libvirtd.log 2>&1 &
    daemon=$!
    wait_until 30 daemon_answers
}
