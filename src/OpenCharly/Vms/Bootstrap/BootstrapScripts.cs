namespace OpenCharly.Vms.Bootstrap;

/// <summary>
/// The shell scripts of a build. Their text is part of the image's identity, so that a changed recipe makes a new image.
/// Parameters come as environment variables.
/// </summary>
internal static class BootstrapScripts
{
    /// <summary>
    /// Before the packages are installed: an initial RAM disk with the drivers of virtual disks only. It is half the
    /// size of the general one, which the firmware would read sector by sector at every boot.
    /// </summary>
    public const string BeforePackages =
        """
        #!/bin/sh
        set -eu
        root=$1
        mkdir -p "$root/etc/initramfs-tools/conf.d" "$root/usr/share/initramfs-tools/modules.d"
        echo MODULES=list > "$root/etc/initramfs-tools/conf.d/charly"
        printf '%s\n' virtio_pci virtio_blk virtio_scsi sd_mod sr_mod ahci ata_piix nvme ext4 > "$root/usr/share/initramfs-tools/modules.d/charly"

        """;

    /// <summary>After the packages are installed: configuration, and removal of what must differ between machines.</summary>
    public const string AfterPackages =
        """
        #!/bin/sh
        set -eu
        root=$1
        place() { mkdir -p "$root${1%/*}"; cat > "$root$1"; chmod 0644 "$root$1"; }

        # Looking for the data sources of clouds costs time at each boot; seeds are the only source here.
        place /etc/cloud/cloud.cfg.d/90-charly.cfg <<'END'
        datasource_list: [NoCloud, None]
        locale: C.UTF-8
        manage_etc_hosts: localhost
        ssh_genkeytypes: [ed25519]
        ssh: {emit_keys_to_console: false}
        no_ssh_fingerprints: true
        grub_dpkg: {enabled: false}
        growpart: {mode: 'off'}
        resize_rootfs: false
        system_info:
          network:
            renderers: [networkd]
            activators: [networkd]
        END
        echo LANG=C.UTF-8 | place /etc/default/locale

        # cloud-init, and sshd after it, wait for systemd-networkd-wait-online by name. Waiting for the network under
        # another name keeps network-online.target true for whoever needs it, without holding up sshd.
        place /etc/systemd/system/charly-network-online.service <<'END'
        [Unit]
        Description=Wait for a configured network
        DefaultDependencies=no
        Conflicts=shutdown.target
        BindsTo=systemd-networkd.service
        After=systemd-networkd.service
        Before=network-online.target shutdown.target

        [Service]
        Type=oneshot
        ExecStart=-/usr/lib/systemd/systemd-networkd-wait-online --any --timeout=20
        RemainAfterExit=yes

        [Install]
        WantedBy=network-online.target
        END

        # cloud-init grows the disk too, but before sshd, and by a script that starts dozens of programs. This one works
        # beside the rest of the boot, at every boot, and in machines without cloud-init.
        place /usr/lib/charly/grow-root <<'END'
        #!/bin/sh
        set -eu
        root=$(findmnt -no SOURCE /)
        part=/sys/class/block/${root##*/}
        disk=$(readlink -f "$part/..")
        start=$(cat "$part/start")
        room=$(( $(cat "$disk/size") - start ))
        # A DOS partition table counts sectors in 32 bits.
        [ "$room" -le 4294967295 ] || room=4294967295
        [ $(( room - $(cat "$part/size") )) -gt 2048 ] || exit 0
        number=$(cat "$part/partition")
        echo ",$room" | sfdisk -q --no-reread --no-tell-kernel -N "$number" "/dev/${disk##*/}"
        partx -u -n "$number" "/dev/${disk##*/}"
        resize2fs "$root"
        END
        chmod 0755 "$root/usr/lib/charly/grow-root"
        place /etc/systemd/system/charly-grow-root.service <<'END'
        [Unit]
        Description=Grow the root file system to the end of its disk
        DefaultDependencies=no
        Conflicts=shutdown.target
        After=systemd-remount-fs.service
        Before=cloud-final.service shutdown.target

        [Service]
        Type=oneshot
        ExecStart=/usr/lib/charly/grow-root
        RemainAfterExit=yes

        [Install]
        WantedBy=multi-user.target
        END

        # Without cloud-init keys (a machine that gets its ssh key through SMBIOS) sshd makes a host key of its own.
        place /etc/systemd/system/ssh.service.d/charly.conf <<'END'
        [Service]
        ExecStartPre=
        ExecStartPre=/bin/sh -c 'test -e /etc/ssh/ssh_host_ed25519_key || ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key'
        ExecStartPre=/usr/sbin/sshd -t
        END

        place /etc/fstab <<END
        UUID=$CHARLY_UUID / ext4 errors=remount-ro 0 1
        END

        # The kernel package keeps /vmlinuz and /initrd.img pointing at the newest kernel, so this never needs rewriting.
        place /boot/grub/grub.cfg <<END
        linux /vmlinuz root=UUID=$CHARLY_UUID $CHARLY_KERNEL_ARGUMENTS
        initrd /initrd.img
        boot
        END

        chroot "$root" systemctl enable systemd-networkd.service charly-network-online.service charly-grow-root.service ssh.service
        chroot "$root" systemctl mask systemd-networkd-wait-online.service

        # Cares for LVM snapshots, which there are none of.
        chroot "$root" systemctl disable e2scrub_reap.service e2scrub_all.timer

        rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname" "$root/vmlinuz.old" "$root/initrd.img.old"
        : > "$root/etc/machine-id"

        """;

    /// <summary>
    /// Makes the disk from the finished tree. Runs as the tree's root, so that owners come out right, and leaves a file
    /// that the caller may write.
    /// </summary>
    public const string MakeDisk =
        """
        #!/bin/sh
        set -eu
        umask 000
        root=$1

        # Everything under /usr is as new as its caches: spares the first boot ldconfig, hwdb and catalog updates.
        touch "$root/etc/.updated" "$root/var/.updated"

        kilobytes=$(du -sk --apparent-size "$root" | cut -f 1)
        files=$(find "$root" -xdev | wc -l)
        blocks=$(( (kilobytes * 5 / 4 / 1024 + 192) * 256 ))
        inodes=$(( files * 3 / 2 ))
        [ "$inodes" -gt $(( blocks / 4 )) ] || inodes=$(( blocks / 4 ))
        truncate -s $(( blocks * 4096 + 1048576 )) "$CHARLY_DISK"
        mke2fs -q -F -t ext4 -b 4096 -N "$inodes" -m 1 -L root -U "$CHARLY_UUID" -d "$root" -E offset=1048576 "$CHARLY_DISK" "$blocks"

        """;

    /// <summary>Features that GRUB and the kernels of all supported suites read, whatever the host's own defaults are.</summary>
    public const string Mke2fsConfiguration =
        """
        [defaults]
            base_features = sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr
            blocksize = 4096
            inode_size = 256
            inode_ratio = 16384
        [fs_types]
            ext4 = {
                features = has_journal,extent,huge_file,flex_bg,metadata_csum,64bit,dir_nlink,extra_isize
            }

        """;

    /// <summary>What GRUB's core does: the rest of its configuration is in the root file system.</summary>
    public const string GrubCore =
        """
        set root=(hd0,msdos1)
        set prefix=(hd0,msdos1)/boot/grub
        configfile /boot/grub/grub.cfg

        """;

    /// <summary>
    /// For UEFI, after the packages are installed: the boot loaders that Debian signed, unpacked but not installed, so that no
    /// kernel update rewrites the configuration; and the growing of a disk with a GUID partition table.
    /// </summary>
    public const string AfterPackagesUefi =
        """
        #!/bin/sh
        set -eu
        root=$1
        mkdir "$root/charly-efi"
        cd "$root/charly-efi"
        APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -q -o APT::Sandbox::User=root download shim-signed grub-efi-amd64-signed
        for package in *.deb; do dpkg-deb -x "$package" .; done

        id=$(printf %.8s "$CHARLY_UUID" | tr a-f A-F)
        mkdir -p "$root/boot/efi"
        echo "UUID=$(printf %.4s "$id")-${id#????} /boot/efi vfat umask=0077,nofail 0 2" >> "$root/etc/fstab"

        cat > "$root/usr/lib/charly/grow-root" <<'END'
        #!/bin/sh
        set -eu
        root=$(findmnt -no SOURCE /)
        part=/sys/class/block/${root##*/}
        disk=$(readlink -f "$part/..")
        # The table's second copy, which moves to the disk's new end, needs some room itself.
        [ $(( $(cat "$disk/size") - $(cat "$part/start") - $(cat "$part/size") )) -gt 4096 ] || exit 0
        number=$(cat "$part/partition")
        echo ', +' | sfdisk -q --no-reread --no-tell-kernel -N "$number" "/dev/${disk##*/}"
        partx -u -n "$number" "/dev/${disk##*/}"
        resize2fs "$root"
        END
        chmod 0755 "$root/usr/lib/charly/grow-root"

        """;

    /// <summary>
    /// As <see cref="MakeDisk"/>, for UEFI: a GUID partition table, the boot partition up to 512 MiB with the boot loader at the
    /// place where firmware looks that was told of none, and the root file system as the last partition.
    /// </summary>
    public const string MakeUefiDisk =
        """
        #!/bin/sh
        set -eu
        umask 000
        root=$1
        efi=$CHARLY_DISK.efi
        esp=$CHARLY_DISK.esp
        mv "$root/charly-efi" "$efi"

        touch "$root/etc/.updated" "$root/var/.updated"
        kilobytes=$(du -sk --apparent-size "$root" | cut -f 1)
        files=$(find "$root" -xdev | wc -l)
        blocks=$(( (kilobytes * 5 / 4 / 1024 + 192) * 256 ))
        inodes=$(( files * 3 / 2 ))
        [ "$inodes" -gt $(( blocks / 4 )) ] || inodes=$(( blocks / 4 ))
        truncate -s $(( blocks * 4096 + 536870912 + 1048576 )) "$CHARLY_DISK"
        mke2fs -q -F -t ext4 -b 4096 -N "$inodes" -m 1 -L root -U "$CHARLY_UUID" -d "$root" -E offset=536870912 "$CHARLY_DISK" "$blocks"
        printf 'label: gpt\nstart=2048, size=1046528, type=U\nstart=1048576, size=%s, type=L\n' $(( blocks * 8 )) |
            sfdisk -q --wipe never --wipe-partitions never "$CHARLY_DISK"

        cat > "$efi/grub.cfg" <<END
        search.fs_uuid $CHARLY_UUID root
        set prefix=(\$root)/boot/grub
        configfile (\$root)/boot/grub/grub.cfg
        END
        truncate -s $(( 1046528 * 512 )) "$esp"
        mkfs.fat -F 32 -n EFI -i "$(printf %.8s "$CHARLY_UUID")" "$esp" > /dev/null
        mmd -i "$esp" ::/EFI ::/EFI/BOOT ::/EFI/debian
        mcopy -i "$esp" "$efi/usr/lib/shim/shimx64.efi.signed" ::/EFI/BOOT/BOOTX64.EFI
        mcopy -i "$esp" "$efi/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" ::/EFI/BOOT/grubx64.efi
        mcopy -i "$esp" "$efi/grub.cfg" ::/EFI/debian/grub.cfg
        dd if="$esp" of="$CHARLY_DISK" bs=1M seek=1 conv=notrunc,sparse status=none
        rm -rf "$efi" "$esp"

        """;

    /// <summary>What images for UEFI have of their own.</summary>
    public static IEnumerable<string> Uefi => [AfterPackagesUefi, MakeUefiDisk];

    /// <summary>All of those for a BIOS, most of which are for UEFI too.</summary>
    public static IEnumerable<string> All => [BeforePackages, AfterPackages, MakeDisk, Mke2fsConfiguration, GrubCore];
}
