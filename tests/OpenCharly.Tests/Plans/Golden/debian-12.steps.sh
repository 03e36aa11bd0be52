##### 1 weather RepoChange: deb repository wx
# as root
# paths: /etc/apt/sources.list.d/wx.list
# folders: /etc/apt /etc/apt/sources.list.d
charly_repository /etc/apt/sources.list.d/wx.list 'deb [signed-by=/etc/apt/keyrings/wx.gpg] https://wx.example.org/apt stable main
'

##### 2 weather SystemPackages: deb: prepare wx
# as root
# paths: /etc/apt/keyrings/wx.gpg
# folders: /etc/apt /etc/apt/keyrings
charly_key=$CHARLY_STAGE/.key
charly_fetch https://wx.example.org/k.asc "$charly_key"
charly_new_file /etc/apt/keyrings/wx.gpg 0133
if grep -aq '^-----BEGIN PGP PUBLIC KEY BLOCK-----' "$charly_key"; then charly_dearmor "$charly_key" >/etc/apt/keyrings/wx.gpg.charly-new; else cat "$charly_key" >/etc/apt/keyrings/wx.gpg.charly-new; fi
if [[ ! -s /etc/apt/keyrings/wx.gpg.charly-new ]]; then echo 'charly: https://wx.example.org/k.asc holds no key' >&2; exit 1; fi
charly_place_file /etc/apt/keyrings/wx.gpg 0:0 ''
charly_stale

##### 3 weather SystemPackages: deb: 3 packages (curl, jq, wx-cli)
# as root, changes deb packages
charly_apt_update
charly_apt install '--no-install-recommends' curl jq wx-cli

##### 4 mirrors RepoChange: deb repository flat
# as root
# paths: /etc/apt/sources.list.d/flat.list
# folders: /etc/apt /etc/apt/sources.list.d
charly_repository /etc/apt/sources.list.d/flat.list 'deb [signed-by=/usr/share/keyrings/flat.asc] https://mirror.example.org/flat /
'

##### 5 mirrors RepoChange: deb repository plain
# as root
# paths: /etc/apt/sources.list.d/plain.list
# folders: /etc/apt /etc/apt/sources.list.d
charly_repository /etc/apt/sources.list.d/plain.list 'deb https://mirror.example.org/plain trixie main contrib
'

##### 6 mirrors SystemPackages: deb: prepare flat
# as root
# paths: /usr/share/keyrings/flat.asc
# folders: /usr/share /usr/share/keyrings
charly_key=$CHARLY_STAGE/.key
charly_fetch https://mirror.example.org/flat.asc "$charly_key"
charly_new_file /usr/share/keyrings/flat.asc 0133
cat "$charly_key" >/usr/share/keyrings/flat.asc.charly-new
if [[ ! -s /usr/share/keyrings/flat.asc.charly-new ]]; then echo 'charly: https://mirror.example.org/flat.asc holds no key' >&2; exit 1; fi
charly_place_file /usr/share/keyrings/flat.asc 0:0 ''
charly_stale

##### 7 mirrors SystemPackages: deb: mirror-tool
# as root, changes deb packages
charly_apt_update
charly_apt install mirror-tool

##### 8 files Op: mkdir: /srv/site
# as root
# folders: /srv/site
install -d -m 0755 -- /srv/site

##### 9 files Op: mkdir: /home/ada/bin
# as user
# folders: /home/ada/bin
install -d -m 0700 -- /home/ada/bin

##### 10 files Op: mkdir: /var/lib/wx
# as root
# folders: /var/lib /var/lib/wx
install -d -m 0750 -- /var/lib/wx
chown -- wx: /var/lib/wx

##### 11 files Op: copy: motd -> /etc/motd
# as root
# paths: /etc/motd
# staged: files/motd 0644 from /project/candy/files/motd
charly_folder /etc
install -T -m 0644 -o 0 -g 0 -- "$CHARLY_STAGE"/files/motd /etc/motd.charly-new
mv -fT -- /etc/motd.charly-new /etc/motd

##### 12 files Op: copy: motd -> /home/ada/.config/wx/motd
# as user
# paths: /home/ada/.config/wx/motd
# folders: /home/ada/.config /home/ada/.config/wx
# staged: files/motd 0644 from /project/candy/files/motd
charly_folder /home/ada/.config/wx
install -T -m 0600 -- "$CHARLY_STAGE"/files/motd /home/ada/.config/wx/motd.charly-new
mv -fT -- /home/ada/.config/wx/motd.charly-new /home/ada/.config/wx/motd

##### 13 files Op: copy: motd -> /var/lib/wx/motd
# as root
# paths: /var/lib/wx/motd
# folders: /var/lib /var/lib/wx
# staged: files/motd 0644 from /project/candy/files/motd
charly_folder /var/lib/wx
install -T -m 0644 -- "$CHARLY_STAGE"/files/motd /var/lib/wx/motd.charly-new
chown -- wx:wx /var/lib/wx/motd.charly-new
chmod 0644 /var/lib/wx/motd.charly-new
mv -fT -- /var/lib/wx/motd.charly-new /var/lib/wx/motd

##### 14 files Op: copy: site -> /srv/site/deep
# as root
# paths: /srv/site/deep/a b.txt /srv/site/deep/bin/run.sh /srv/site/deep/index.html
# folders: /srv/site /srv/site/deep /srv/site/deep/bin
# staged: files/site/a b.txt 0644 from /project/candy/files/site/a b.txt
# staged: files/site/bin/run.sh 0755 from /project/candy/files/site/bin/run.sh
# staged: files/site/index.html 0644 from /project/candy/files/site/index.html
charly_folder /srv/site/deep
install -m 0644 -t /srv/site/deep -- "$CHARLY_STAGE"/'files/site/a b.txt' "$CHARLY_STAGE"/files/site/index.html
charly_folder /srv/site/deep/bin
install -m 0755 -t /srv/site/deep/bin -- "$CHARLY_STAGE"/files/site/bin/run.sh

##### 15 files Op: copy: site -> /home/ada/site
# as user
# paths: /home/ada/site/a b.txt /home/ada/site/bin/run.sh /home/ada/site/index.html
# folders: /home/ada/site /home/ada/site/bin
# staged: files/site/a b.txt 0644 from /project/candy/files/site/a b.txt
# staged: files/site/bin/run.sh 0755 from /project/candy/files/site/bin/run.sh
# staged: files/site/index.html 0644 from /project/candy/files/site/index.html
charly_folder /home/ada/site
install -m 0755 -t /home/ada/site -- "$CHARLY_STAGE"/'files/site/a b.txt' "$CHARLY_STAGE"/files/site/index.html
charly_folder /home/ada/site/bin
install -m 0755 -t /home/ada/site/bin -- "$CHARLY_STAGE"/files/site/bin/run.sh

##### 16 files Op: write: /etc/wx.conf
# as root
# paths: /etc/wx.conf
charly_new_file /etc/wx.conf 0133
printf %s 'home=$HOME
key='\''it'\'''\''s'\'' `x` \ "q"' >/etc/wx.conf.charly-new
charly_place_file /etc/wx.conf 0:0 ''

##### 17 files Op: write: /usr/local/bin/wx
# as root
# paths: /usr/local/bin/wx
# folders: /usr/local /usr/local/bin
charly_new_file /usr/local/bin/wx 0133
printf %s '#!/bin/sh
exec true
' >/usr/local/bin/wx.charly-new
charly_place_file /usr/local/bin/wx 0:0 0755

##### 18 files Op: write: /home/ada/.wxrc
# as user
# paths: /home/ada/.wxrc
charly_new_file /home/ada/.wxrc 0177
printf %s 'a=1
' >/home/ada/.wxrc.charly-new
charly_place_file /home/ada/.wxrc '' ''

##### 19 files Op: write: /var/lib/wx/state
# as root
# paths: /var/lib/wx/state
# folders: /var/lib /var/lib/wx
charly_new_file /var/lib/wx/state 0177
printf %s 's
' >/var/lib/wx/state.charly-new
charly_place_file /var/lib/wx/state 1234:5678 04711

##### 20 files Op: link: /usr/local/bin/weather -> wx
# as root
# paths: /usr/local/bin/weather
# folders: /usr/local /usr/local/bin
charly_folder /usr/local/bin
ln -sfT -- wx /usr/local/bin/weather

##### 21 files Op: link: /home/ada/bin/wx -> /home/ada/site/bin/run.sh
# as user
# paths: /home/ada/bin/wx
# folders: /home/ada/bin
charly_folder /home/ada/bin
ln -sfT -- /home/ada/site/bin/run.sh /home/ada/bin/wx

##### 22 files Op: setcap: /usr/local/bin/wx
# as root, leaves no traces
# paths: /usr/local/bin/wx
# folders: /usr/local /usr/local/bin
setcap cap_net_raw=ep /usr/local/bin/wx

##### 23 files Op: setcap: /usr/local/bin/wx
# as root, leaves no traces
# paths: /usr/local/bin/wx
# folders: /usr/local /usr/local/bin
setcap -r /usr/local/bin/wx 2>/dev/null || :

##### 24 scripts Op: cmd: echo "$WX_VERSION for ${ARCH}"
# as root, leaves no traces
# staged: scripts/data/x.txt 0644 from /project/candy/scripts/data/x.txt
# staged: scripts/tool.sh 0755 from /project/candy/scripts/tool.sh
charly_ctx="$CHARLY_STAGE"/scripts
export BUILD_ARCH=${CHARLY_MACHINE:-$(uname -m)}
case $BUILD_ARCH in x86_64) export ARCH=amd64 ;; aarch64) export ARCH=arm64 ;; armv7*) export ARCH=arm ;; *) export ARCH=$BUILD_ARCH ;; esac
export WX_CITY=Linz
export WX_LANG=en
export WX_VERSION=1.2
cd -- /home/ada
eval 'echo "$WX_VERSION for ${ARCH}"
'"$charly_ctx"'/tool.sh '\''it'\''
'

##### 25 scripts Op: cmd: cat /srv/ctx/no /ctx/data/x.txt >~/out
# as user, leaves no traces
# staged: scripts/data/x.txt 0644 from /project/candy/scripts/data/x.txt
# staged: scripts/tool.sh 0755 from /project/candy/scripts/tool.sh
charly_ctx="$CHARLY_STAGE"/scripts
export BUILD_ARCH=${CHARLY_MACHINE:-$(uname -m)}
case $BUILD_ARCH in x86_64) export ARCH=amd64 ;; aarch64) export ARCH=arm64 ;; armv7*) export ARCH=arm ;; *) export ARCH=$BUILD_ARCH ;; esac
export A='it'\''s'
export WX_CITY=Linz
export WX_LANG=en
export WX_VERSION='9 $x'
cd -- /home/ada
eval '# only a comment first
cat /srv/ctx/no '"$charly_ctx"'/data/x.txt >~/out'

##### 26 scripts Op: cmd: id -un
# as root, leaves no traces
export BUILD_ARCH=${CHARLY_MACHINE:-$(uname -m)}
case $BUILD_ARCH in x86_64) export ARCH=amd64 ;; aarch64) export ARCH=arm64 ;; armv7*) export ARCH=arm ;; *) export ARCH=$BUILD_ARCH ;; esac
export WX_CITY=Linz
export WX_LANG=en
export WX_VERSION=1.2
printf %s 'id -un' | charly_as wx bash -c 'cd -- "$HOME" 2>/dev/null || cd /; set -e; eval "$(cat)"'

##### 27 scripts Op: cmd: /ctx/tool.sh
# as root, leaves no traces
# staged: scripts/data/x.txt 0644 from /project/candy/scripts/data/x.txt
# staged: scripts/tool.sh 0755 from /project/candy/scripts/tool.sh
charly_ctx="$CHARLY_STAGE"/scripts
charly_copy=$(mktemp -d)
trap 'rm -rf -- "$charly_copy"' EXIT
cp -R -- "$charly_ctx/." "$charly_copy"
chmod -R a+rX -- "$charly_copy"
charly_ctx=$charly_copy
export BUILD_ARCH=${CHARLY_MACHINE:-$(uname -m)}
case $BUILD_ARCH in x86_64) export ARCH=amd64 ;; aarch64) export ARCH=arm64 ;; armv7*) export ARCH=arm ;; *) export ARCH=$BUILD_ARCH ;; esac
export WX_CITY=Linz
export WX_LANG=en
export WX_VERSION=1.2
printf %s "$charly_ctx"/tool.sh | charly_as 1234:5678 bash -c 'cd -- "$HOME" 2>/dev/null || cd /; set -e; eval "$(cat)"'

##### 28 downloads Op: download: https://dl.example.org/wx-3.1-${ARCH} -> /usr/local/bin/wxd
# as root
# paths: /usr/local/bin/wxd
# folders: /usr/local /usr/local/bin
export BUILD_ARCH=${CHARLY_MACHINE:-$(uname -m)}
case $BUILD_ARCH in x86_64) export ARCH=amd64 ;; aarch64) export ARCH=arm64 ;; armv7*) export ARCH=arm ;; *) export ARCH=$BUILD_ARCH ;; esac
export VERSION=3.1
umask 022
set -o pipefail
charly_new=$(mktemp -d "$CHARLY_STAGE/download.XXXXXX")
trap 'rm -rf -- "$charly_new"' EXIT
charly_fetch https://dl.example.org/wx-3.1-"${ARCH}" "$charly_new/file"
charly_folder /usr/local/bin
install -T -m 0755 -- "$charly_new/file" /usr/local/bin/wxd.charly-new
mv -fT -- /usr/local/bin/wxd.charly-new /usr/local/bin/wxd

##### 29 downloads Op: download: https://dl.example.org/wx-${BUILD_ARCH}.tar.gz -> /usr/local
# as root
# folders: /usr/local
export BUILD_ARCH=${CHARLY_MACHINE:-$(uname -m)}
case $BUILD_ARCH in x86_64) export ARCH=amd64 ;; aarch64) export ARCH=arm64 ;; armv7*) export ARCH=arm ;; *) export ARCH=$BUILD_ARCH ;; esac
export VERSION=3.1
umask 022
set -o pipefail
charly_new=$(mktemp -d "$CHARLY_STAGE/download.XXXXXX")
trap 'rm -rf -- "$charly_new"' EXIT
charly_fetch https://dl.example.org/wx-"${BUILD_ARCH}".tar.gz "$charly_new/file"
mkdir -- "$charly_new/tree"
tar -x -z --no-same-owner --no-same-permissions --strip-components=1 -f "$charly_new/file" -C "$charly_new/tree" -- wx-"${BUILD_ARCH}"/bin/wx ./wx/man/wx.1
find "$charly_new/tree" -type f -exec chmod 0755 {} +
charly_keep_tree "$charly_new/tree" /usr/local chosen
charly_folder /usr/local
tar -c -C "$charly_new/tree" . | tar -x -p -C /usr/local --no-overwrite-dir --keep-directory-symlink

##### 30 downloads Op: download: https://dl.example.org/wx.tar.xz -> /home/ada/.local/wx
# as user
# folders: /home/ada/.local /home/ada/.local/wx
export BUILD_ARCH=${CHARLY_MACHINE:-$(uname -m)}
case $BUILD_ARCH in x86_64) export ARCH=amd64 ;; aarch64) export ARCH=arm64 ;; armv7*) export ARCH=arm ;; *) export ARCH=$BUILD_ARCH ;; esac
export VERSION=3.1
umask 022
set -o pipefail
charly_new=$(mktemp -d "$CHARLY_STAGE/download.XXXXXX")
trap 'rm -rf -- "$charly_new"' EXIT
charly_fetch https://dl.example.org/wx.tar.xz "$charly_new/file"
mkdir -- "$charly_new/tree"
tar -x -J --no-same-owner --no-same-permissions -f "$charly_new/file" -C "$charly_new/tree"
charly_keep_tree "$charly_new/tree" /home/ada/.local/wx whole
charly_folder /home/ada/.local/wx
tar -c -C "$charly_new/tree" . | tar -x -p -C /home/ada/.local/wx --no-overwrite-dir --keep-directory-symlink

##### 31 downloads Op: download: https://dl.example.org/wx.tar.zst?download=1 -> /opt/wx-${ARCH}
# as root
export BUILD_ARCH=${CHARLY_MACHINE:-$(uname -m)}
case $BUILD_ARCH in x86_64) export ARCH=amd64 ;; aarch64) export ARCH=arm64 ;; armv7*) export ARCH=arm ;; *) export ARCH=$BUILD_ARCH ;; esac
export VERSION=3.1
umask 022
set -o pipefail
charly_new=$(mktemp -d "$CHARLY_STAGE/download.XXXXXX")
trap 'rm -rf -- "$charly_new"' EXIT
charly_fetch 'https://dl.example.org/wx.tar.zst?download=1' "$charly_new/file"
mkdir -- "$charly_new/tree"
tar -x --zstd --no-same-owner --no-same-permissions -f "$charly_new/file" -C "$charly_new/tree"
charly_keep /opt/wx-"${ARCH}"
charly_keep_tree "$charly_new/tree" /opt/wx-"${ARCH}" whole
charly_folder /opt/wx-"${ARCH}"
tar -c -C "$charly_new/tree" . | tar -x -p -C /opt/wx-"${ARCH}" --no-overwrite-dir --keep-directory-symlink

##### 32 downloads Op: download: https://dl.example.org/wx.zip -> /opt/wx
# as root
# folders: /opt/wx
export BUILD_ARCH=${CHARLY_MACHINE:-$(uname -m)}
case $BUILD_ARCH in x86_64) export ARCH=amd64 ;; aarch64) export ARCH=arm64 ;; armv7*) export ARCH=arm ;; *) export ARCH=$BUILD_ARCH ;; esac
export VERSION=3.1
umask 022
set -o pipefail
charly_new=$(mktemp -d "$CHARLY_STAGE/download.XXXXXX")
trap 'rm -rf -- "$charly_new"' EXIT
charly_fetch https://dl.example.org/wx.zip "$charly_new/file"
mkdir -- "$charly_new/tree"
unzip -q -o "$charly_new/file" -d "$charly_new/tree" 'a/b/[[]x][-]y'
charly_strip "$charly_new/tree" 2
find "$charly_new/tree" -type f -exec chmod 0644 {} +
chown -R -- wx: "$charly_new/tree"
charly_keep_tree "$charly_new/tree" /opt/wx chosen
charly_folder /opt/wx
tar -c -C "$charly_new/tree" . | tar -x -p -C /opt/wx --no-overwrite-dir --keep-directory-symlink

##### 33 downloads Op: download: https://dl.example.org/install.sh
# as user, leaves no traces
# paths: /home/ada/bin/wx-installed
# folders: /home/ada/bin
export BUILD_ARCH=${CHARLY_MACHINE:-$(uname -m)}
case $BUILD_ARCH in x86_64) export ARCH=amd64 ;; aarch64) export ARCH=arm64 ;; armv7*) export ARCH=arm ;; *) export ARCH=$BUILD_ARCH ;; esac
export PREFIX='~/x'
export VERSION=3.1
umask 022
set -o pipefail
charly_new=$(mktemp -d "$CHARLY_STAGE/download.XXXXXX")
trap 'rm -rf -- "$charly_new"' EXIT
charly_fetch https://dl.example.org/install.sh "$charly_new/file"
cd -- /home/ada
bash "$charly_new/file"

##### 34 downloads Op: download: https://dl.example.org/setup
# as root, leaves no traces
export BUILD_ARCH=${CHARLY_MACHINE:-$(uname -m)}
case $BUILD_ARCH in x86_64) export ARCH=amd64 ;; aarch64) export ARCH=arm64 ;; armv7*) export ARCH=arm ;; *) export ARCH=$BUILD_ARCH ;; esac
export VERSION=3.1
umask 022
set -o pipefail
charly_new=$(mktemp -d "$CHARLY_STAGE/download.XXXXXX")
trap 'rm -rf -- "$charly_new"' EXIT
charly_fetch https://dl.example.org/setup "$charly_new/file"
charly_as wx bash -c 'cd -- "$HOME" 2>/dev/null || cd /; eval "$(cat)"' <"$charly_new/file"

##### 35 downloads Op: download: https://dl.example.org/data -> /home/ada/data.bin
# as user
# paths: /home/ada/data.bin
export BUILD_ARCH=${CHARLY_MACHINE:-$(uname -m)}
case $BUILD_ARCH in x86_64) export ARCH=amd64 ;; aarch64) export ARCH=arm64 ;; armv7*) export ARCH=arm ;; *) export ARCH=$BUILD_ARCH ;; esac
export VERSION=3.1
umask 022
set -o pipefail
charly_new=$(mktemp -d "$CHARLY_STAGE/download.XXXXXX")
trap 'rm -rf -- "$charly_new"' EXIT
charly_fetch https://dl.example.org/data "$charly_new/file"
charly_folder /home/ada
install -T -m 0640 -- "$charly_new/file" /home/ada/data.bin.charly-new
mv -fT -- /home/ada/data.bin.charly-new /home/ada/data.bin

##### 36 services SystemPackages: deb: wxd
# as root, changes deb packages
charly_apt_update
charly_apt install wxd

##### 37 services ServiceCustom: charly-services-poller.service, enabled
# as root
# paths: /etc/systemd/system/charly-services-poller.service
# folders: /etc/systemd /etc/systemd/system
# units: charly-services-poller.service
for charly_file in /usr/lib/systemd/system/charly-services-poller.service /lib/systemd/system/charly-services-poller.service; do [[ ! -e $charly_file ]] || { echo "charly: $charly_file is there already; use use_packaged for it" >&2; exit 1; }; done
charly_unit /etc/systemd/system/charly-services-poller.service '[Unit]
Description=services service charly-services-poller (generated by charly)
After=network-online.target
After=wxd.service
Before=wxweb.service

[Service]
Type=simple
ExecStart=/home/ada/bin/poll --token ${TOKEN}
Restart=always
TimeoutStopSec=5
KillSignal=SIGINT
User=wx
WorkingDirectory=/home/ada/poll
Environment=A=/home/ada/a
Environment="B=two words"
Environment="C=100%%\\ \"q\""
StandardOutput=append:/home/ada/poll.log

[Install]
WantedBy=graphical.target
' 0:0
systemctl daemon-reload
systemctl enable charly-services-poller.service
if [[ -n $charly_changed ]]; then charly_verb=restart; else charly_verb=start; fi
systemctl "$charly_verb" charly-services-poller.service || echo 'charly: warning: charly-services-poller.service did not start; it will be tried again on boot' >&2

##### 38 services ServiceCustom: charly-services-tray.service, enabled
# as user
# paths: /home/ada/.config/systemd/user/charly-services-tray.service
# folders: /home/ada/.config /home/ada/.config/systemd /home/ada/.config/systemd/user
# units: charly-services-tray.service (user)
charly_user_manager ada linger
charly_unit /home/ada/.config/systemd/user/charly-services-tray.service '[Unit]
Description=services service charly-services-tray (generated by charly)

[Service]
Type=simple
ExecStart=tray \
  --quiet
Restart=no
StandardOutput=null

[Install]
WantedBy=default.target
' ''
systemctl --user daemon-reload
systemctl --user enable charly-services-tray.service
if [[ -n $charly_changed ]]; then charly_verb=restart; else charly_verb=start; fi
systemctl --user "$charly_verb" charly-services-tray.service || echo 'charly: warning: charly-services-tray.service did not start; it will be tried again on boot' >&2

##### 39 services ServiceCustom: charly-services-idle.service
# as root
# paths: /etc/systemd/system/charly-services-idle.service
# folders: /etc/systemd /etc/systemd/system
# units: charly-services-idle.service
for charly_file in /usr/lib/systemd/system/charly-services-idle.service /lib/systemd/system/charly-services-idle.service; do [[ ! -e $charly_file ]] || { echo "charly: $charly_file is there already; use use_packaged for it" >&2; exit 1; }; done
charly_unit /etc/systemd/system/charly-services-idle.service '[Unit]
Description=services service charly-services-idle (generated by charly)

[Service]
Type=simple
ExecStart=/usr/bin/true
Restart=on-failure

[Install]
WantedBy=multi-user.target
' 0:0
systemctl daemon-reload
if [[ -n $charly_changed ]]; then systemctl try-restart charly-services-idle.service; fi

##### 40 services ServicePackaged: enable wxd.service with overrides
# as root
# paths: /etc/systemd/system/wxd.service.d/charly-services.conf
# folders: /etc/systemd /etc/systemd/system /etc/systemd/system/wxd.service.d
# units: wxd.service
charly_unit /etc/systemd/system/wxd.service.d/charly-services.conf '[Unit]
After=time-sync.target

[Service]
ExecStart=
ExecStart=/usr/sbin/wxd --fast
Environment=MODE=fast
' 0:0
charly_unit_name wxd.service
systemctl daemon-reload
systemctl enable "$charly_name"
if [[ -n $charly_changed ]]; then charly_verb=restart; else charly_verb=start; fi
systemctl "$charly_verb" "$charly_name" || echo 'charly: warning: wxd.service did not start; it will be tried again on boot' >&2

##### 41 services ServicePackaged: enable wxd.timer
# as root
# units: wxd.timer
charly_unit_name wxd.timer
systemctl daemon-reload
systemctl enable "$charly_name"
if [[ -n $charly_changed ]]; then charly_verb=restart; else charly_verb=start; fi
systemctl "$charly_verb" "$charly_name" || echo 'charly: warning: wxd.timer did not start; it will be tried again on boot' >&2

##### 42 services ServicePackaged: wx-agent.socket with overrides
# as user
# paths: /home/ada/.config/systemd/user/wx-agent.socket.d/charly-services.conf
# folders: /home/ada/.config /home/ada/.config/systemd /home/ada/.config/systemd/user /home/ada/.config/systemd/user/wx-agent.socket.d
# units: wx-agent.socket (user)
charly_user_manager ada linger
charly_unit /home/ada/.config/systemd/user/wx-agent.socket.d/charly-services.conf '[Unit]
After=dbus.socket
' ''
systemctl --user daemon-reload
if [[ -n $charly_changed ]]; then systemctl --user try-restart wx-agent.socket; fi

##### 43 shells ShellHook: environment: EDITOR, EMPTY, WX_DATA, WX_HOME, PATH
# as user
# paths: /home/ada/.config/opencharly/env.d/shells.env
# folders: /home/ada/.config /home/ada/.config/opencharly /home/ada/.config/opencharly/env.d
charly_new_file /home/ada/.config/opencharly/env.d/shells.env 0133
printf %s '# opencharly env for layer shells — managed by charly; do not edit
export EDITOR='\''nano -w'\''
export EMPTY='\'''\''
export WX_DATA='\''/home/ada/d:/home/ada/e:$HOMEX'\''
export WX_HOME=/home/ada/wx
export PATH="/home/ada/wx/bin:/opt/wx/bin:$PATH"
' >/home/ada/.config/opencharly/env.d/shells.env.charly-new
charly_place_file /home/ada/.config/opencharly/env.d/shells.env '' ''

##### 44 shells ShellSnippet: bash snippet in /home/ada/.bashrc
# as user
# paths: /home/ada/.bashrc
charly_block /home/ada/.bashrc '# opencharly:begin shells (managed by charly; do not edit inside this block)' '# opencharly:end shells' write 'eval "$(wx hook bash)"
export PATH="$PATH:/home/ada/.wx/bin"'

##### 45 shells ShellSnippet: zsh snippet in /etc/zsh/wx.zsh
# as root
# paths: /etc/zsh/wx.zsh
# folders: /etc/zsh
charly_new_file /etc/zsh/wx.zsh 0133
printf %s 'source ~/.wx.zsh
' >/etc/zsh/wx.zsh.charly-new
charly_place_file /etc/zsh/wx.zsh 0:0 ''

##### 46 shells ShellSnippet: fish snippet in /home/ada/.config/fish/conf.d/charly-shells.fish
# as user
# paths: /home/ada/.config/fish/conf.d/charly-shells.fish
# folders: /home/ada/.config /home/ada/.config/fish /home/ada/.config/fish/conf.d
charly_new_file /home/ada/.config/fish/conf.d/charly-shells.fish 0133
printf %s 'wx hook fish | source
fish_add_path -gP '\''/home/ada/it\'\''s'\''
' >/home/ada/.config/fish/conf.d/charly-shells.fish.charly-new
charly_place_file /home/ada/.config/fish/conf.d/charly-shells.fish '' ''

##### 47 shells ShellSnippet: sh snippet in /home/ada/.profile
# as user
# paths: /home/ada/.profile
charly_block /home/ada/.profile '# opencharly:begin shells (managed by charly; do not edit inside this block)' '# opencharly:end shells' write 'eval "$(wx hook sh)"
export PATH="$PATH:/home/ada/.wx/bin"'

##### 48 builders ShellHook: environment: PATH
# as user
# paths: /home/ada/.config/opencharly/env.d/builders.env
# folders: /home/ada/.config /home/ada/.config/opencharly /home/ada/.config/opencharly/env.d
charly_new_file /home/ada/.config/opencharly/env.d/builders.env 0133
printf %s '# opencharly env for layer builders — managed by charly; do not edit
export PATH="/home/ada/.cargo/bin:/home/ada/.npm-global/bin:/home/ada/.pixi/envs/default/bin:$PATH"
' >/home/ada/.config/opencharly/env.d/builders.env.charly-new
charly_place_file /home/ada/.config/opencharly/env.d/builders.env '' ''

##### 49 builders Builder: cargo build
# as user
# folders: /home/ada/.cargo
tar -xzf "$CHARLY_STAGE"/.builders/builders-cargo.tar.gz -C /home/ada

##### 50 builders Builder: npm build: wx-npm@^2.0.0, @wx/cli
# as user
# folders: /home/ada/.npm-global
tar -xzf "$CHARLY_STAGE"/.builders/builders-npm.tar.gz -C /home/ada

##### 51 builders Builder: pixi build
# as user
# folders: /home/ada/.pixi
tar -xzf "$CHARLY_STAGE"/.builders/builders-pixi.tar.gz -C /home/ada

##### 52 appliance LocalPkgInstall: deb: package built from pkg/deb
# as root, changes deb packages
shopt -s nullglob
charly_files=("$CHARLY_STAGE"/.packages/appliance/*.deb)
if [[ ${#charly_files[@]} -eq 0 ]]; then echo 'charly: no package of pkg/deb was built, so there is nothing to install'; exit 0; fi
charly_apt_update
charly_apt install "${charly_files[@]}"

##### 53 appliance Op: mkdir: /srv/appliance
# as root
# folders: /srv/appliance
install -d -m 0755 -- /srv/appliance

##### 54 appliance ApkInstall: apk: org.example.wx
# as user, leaves no traces
:

##### 55 appliance Reboot: reboot
# as root, leaves no traces
(sleep 1; systemctl reboot) </dev/null >/dev/null 2>&1 &

##### 56 vm-web ShellHook: environment: EDITOR, WX_CITY
# as user
# paths: /home/ada/.config/opencharly/env.d/vm-web.env
# folders: /home/ada/.config /home/ada/.config/opencharly /home/ada/.config/opencharly/env.d
charly_new_file /home/ada/.config/opencharly/env.d/vm-web.env 0133
printf %s '# opencharly env for layer vm-web — managed by charly; do not edit
export EDITOR='\''nano -w'\''
export WX_CITY=Linz
' >/home/ada/.config/opencharly/env.d/vm-web.env.charly-new
charly_place_file /home/ada/.config/opencharly/env.d/vm-web.env '' ''

