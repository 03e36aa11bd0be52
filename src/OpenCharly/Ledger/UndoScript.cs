using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Ledger;

/// <summary>Renders undo operations as bash. Each runs on its own: one that fails does not stop the others.</summary>
/// <remarks>Exit code of an operation: 0 done, 10 there was nothing left to undo, anything else failed.</remarks>
internal static class UndoScript
{
    /// <summary>Exit code of an operation that found nothing to undo.</summary>
    public const int Missing = 10;

    /// <summary>Renders neighbouring operations of one user.</summary>
    /// <param name="run">The run that they belong to.</param>
    /// <param name="isFirst">Whether they are the first of it, so that its own line is written.</param>
    /// <param name="saves">Whether what stands there is saved first; not for taking a run back, whose journal has it already.</param>
    /// <param name="prologue">What <see cref="JournalPrologue"/> rendered.</param>
    /// <param name="nonce">Random word that marks lines.</param>
    /// <param name="items">The operations.</param>
    /// <param name="paths">Where the ledger is.</param>
    /// <param name="uid">The deploy user.</param>
    public static string Render(
        RunIntent run, bool isFirst, bool saves, string prologue, string nonce, IReadOnlyList<UndoItem> items, GuestPaths paths, int uid)
    {
        var script = new StringBuilder(prologue).Append(Functions
            .Replace("@N@", nonce, StringComparison.Ordinal)
            .Replace("@T@", "\t", StringComparison.Ordinal)
            .Replace("@UID@", uid.ToString(), StringComparison.Ordinal));
        script.Append("printf '%s\\n'");
        if (isFirst) script.Append(' ').Append(Shell.Quote("I\t" + run.ToJson()));
        foreach (var candy in items.Select(i => i.Candy).Distinct(StringComparer.Ordinal)) script.Append(' ').Append(Shell.Quote("U\t" + candy));
        script.Append(" >&8\n");
        if (saves) script.Append(SaveScript.Render(items, run.Run, paths.Home));
        script.Append("sync -- \"$charly_j\" \"${charly_j%/*}\"\n");
        foreach (var item in items)
        {
            script.Append($"charly_undo {item.Index}\n( exec 8>&-; charly_s=0; set -e; {Body(item.Run, paths)}; exit $charly_s ) </dev/null\ncharly_undone {item.Index} $?\n");
        }

        return script.Append("exit 0\n").ToString();
    }

    /// <summary>The command that an operation comes down to, for people.</summary>
    public static string Describe(ReverseOp op)
    {
        var path = ReverseOps.Path(op);
        var systemctl = op.Scope == StepScope.System ? "systemctl" : "systemctl --user";
        return op.Kind switch
        {
            ReverseKinds.PackageRemove => ReverseOps.UninstallCommand(op.Format, [.. op.Targets, .. LedgerExtra.List(op.Extra, LedgerExtra.Dependencies)]) ?? op.UninstallCommand ?? "",
            ReverseKinds.ServiceDisable when WasEnabled(op) => $"{systemctl} enable {Shell.Quote(path)}",
            ReverseKinds.ServiceDisable => $"{systemctl} disable --now {Shell.Quote(path)}",
            ReverseKinds.RestoreEnabled => $"{systemctl} enable {Shell.Quote(path)}",
            ReverseKinds.LingerDisable when HadLinger(op) => $"leave {path} lingering",
            ReverseKinds.LingerDisable => $"loginctl disable-linger {Shell.Quote(path)}",
            ReverseKinds.RemoveManagedBlock => $"strip the block {op.Extra.GetValueOrDefault(LedgerExtra.Marker, "")} from {path}",
            ReverseKinds.CoprDisable => $"dnf -y copr disable {Shell.Quote(path)}",
            ReverseKinds.CargoUninstall => $"cargo uninstall {Shell.Join(op.Targets)}",
            ReverseKinds.NpmUninstall => $"npm uninstall -g {Shell.Join(op.Targets)}",
            ReverseKinds.PixiEnvRemove => $"rm -rf ~/.pixi/envs/{Shell.Quote(path)}",
            ReverseKinds.RemoveFolder when op.Extra.GetValueOrDefault(LedgerExtra.Prior) == "folder" => $"leave {path} with its former mode and owner",
            ReverseKinds.RemoveFolder when op.Extra.ContainsKey(LedgerExtra.OnlyIfEmpty) => $"rmdir {Shell.Quote(path)}",
            ReverseKinds.RemoveFolder => $"rm -rf {Shell.Quote(path)}",
            RollbackOps.Reinstall => $"install {string.Join(' ', op.Targets)} again",
            RollbackOps.Reload => $"{systemctl} daemon-reload",
            RollbackOps.Linger => $"loginctl enable-linger {Shell.Quote(path)}",
            RollbackOps.PutBack or RollbackOps.PutBlockBack => $"restore {path}",
            _ when op.Extra.ContainsKey(LedgerExtra.Backup) => $"restore {path}",
            _ => $"rm -f {Shell.Join(op.Targets)}",
        };
    }

    private static string Body(ReverseOp op, GuestPaths paths)
    {
        var path = Shell.Quote(ReverseOps.Path(op));
        var manager = op.Scope == StepScope.System ? "s" : "u";
        var tidy = LedgerExtra.List(op.Extra, LedgerExtra.Folders) is { Count: > 0 } made
            ? $"; charly_tidy {Shell.Join(made.Reverse())}"
            : "";
        return op.Kind switch
        {
            ReverseKinds.PackageRemove => Packages(op),
            ReverseKinds.ServiceDisable => $"charly_disable {manager} {path} {Shell.Quote(op.Extra.GetValueOrDefault(LedgerExtra.PriorEnabled, ""))} {Shell.Quote(op.Extra.GetValueOrDefault(LedgerExtra.PriorActive, ""))}" + RunLevels(op),
            ReverseKinds.LingerDisable => HadLinger(op) ? $"charly_s={Missing}" : $"charly_unlinger {path}",
            ReverseKinds.RestoreEnabled => $"charly_enable {manager} {path}",
            ReverseKinds.ServiceRemove => File(op, paths) + tidy + $"; charly_reload {manager}"
                + (op.Extra.ContainsKey(LedgerExtra.Backup) ? $"; charly_restart {manager} {Shell.Quote(Last(ReverseOps.Path(op)))}" : ""),
            ReverseKinds.RemoveDropIn => File(op, paths) + tidy + $"; charly_tidy {Shell.Quote(Parent(ReverseOps.Path(op)))}; charly_reload {manager}"
                + (op.Extra.GetValueOrDefault(ReverseExtra.Restart) is { } unit ? $"; charly_restart {manager} {Shell.Quote(unit)}" : ""),
            RollbackOps.Reload => $"charly_reload {manager}",
            RollbackOps.Linger => $"charly_linger_again {path}",
            RollbackOps.Reinstall => $"charly_reinstall {Shell.Quote(op.Format ?? "")} {Shell.Quote(string.Join(' ', LedgerExtra.List(op.Extra, LedgerExtra.Automatic)))} {Shell.Join(op.Targets)}",
            RollbackOps.PutBack => $"charly_put_back {path} {Shell.Quote(op.Extra[RollbackOps.SavedKind])} {Shell.Quote(op.Extra.GetValueOrDefault(RollbackOps.Saved, ""))} {Shell.Quote(op.Extra.GetValueOrDefault(LedgerExtra.Mode, ""))} {Shell.Quote(op.Extra.GetValueOrDefault(LedgerExtra.Owner, ""))}",
            RollbackOps.PutBlockBack => BlockBack(op, paths),
            ReverseKinds.RemoveManagedBlock or ReverseKinds.RemoveRepoFile when op.Extra.ContainsKey(LedgerExtra.Marker) => Block(op, paths) + tidy,
            ReverseKinds.RemoveFolder => Folder(op) + tidy,
            ReverseKinds.CoprDisable => $"dnf -y copr disable {path}",
            ReverseKinds.CargoUninstall => $"charly_tool cargo uninstall {Shell.Join(op.Targets)}",
            ReverseKinds.NpmUninstall => $"charly_tool npm uninstall -g {Shell.Join(op.Targets)}",
            ReverseKinds.PixiEnvRemove => $"if [[ -e $HOME/.pixi/envs/{path} ]]; then rm -rf -- \"$HOME/.pixi/envs\"/{path}; else charly_s={Missing}; fi",
            _ when ReverseOps.IsFile(op.Kind) => File(op, paths) + tidy,
            _ => $"echo {Shell.Quote($"charly does not know how to undo {op.Kind}")} >&2; exit 1",
        };
    }

    private static string File(ReverseOp op, GuestPaths paths) => string.Join("; ", op.Targets.Select(target => op.Extra.GetValueOrDefault(LedgerExtra.Backup) is { } backup
        ? $"charly_restore {Shell.Quote(target)} {Shell.Quote($"{paths.Backup}/{backup}")}"
        : $"charly_remove {Shell.Quote(target)}"));

    private static string Folder(ReverseOp op)
    {
        var path = ReverseOps.Path(op);
        var quoted = Shell.Quote(path);
        if (op.Extra.GetValueOrDefault(LedgerExtra.Prior) == "folder")
        {
            return op.Extra.GetValueOrDefault(LedgerExtra.Mode) is { } mode && op.Extra.GetValueOrDefault(LedgerExtra.Owner) is { } owner
                ? $"if [[ -d {quoted} ]]; then chown -- {Shell.Quote(owner)} {quoted}; chmod -- {Shell.Quote(mode)} {quoted}; else charly_s={Missing}; fi"
                : $"charly_s={Missing}";
        }

        if (op.Extra.ContainsKey(LedgerExtra.OnlyIfEmpty)) return $"charly_tidy {quoted}";
        return path.Split('/', StringSplitOptions.RemoveEmptyEntries).Length < 2 || path.Split('/').Contains("..")
            ? $"echo {Shell.Quote($"{path} is too close to the root to be deleted")} >&2; exit 1"
            : $"charly_delete {quoted}";
    }

    private static string Block(ReverseOp op, GuestPaths paths)
    {
        var path = ReverseOps.Path(op);
        var wasAbsent = op.Extra.GetValueOrDefault(LedgerExtra.Prior) == PriorState.Absent.Kind;
        var marker = op.Extra[LedgerExtra.Marker];
        var block = marker == LedgerState.LoginShell ? ManagedBlock.Global : ManagedBlock.Of(marker);
        var kept = new[] { LedgerExtra.Backup, LedgerExtra.Origin }.Select(k => op.Extra.GetValueOrDefault(k)).OfType<string>().Select(b => $"{paths.Backup}/{b}");
        var strip = $"eval {Shell.Quote(block.RenderRemove(path, deleteIfEmpty: wasAbsent))}";
        return $"if [[ ! -f {Shell.Quote(path)} ]]; then charly_s={Missing}; else {strip}; charly_settle {Shell.Quote(path)} {Shell.Join(kept)}; fi";
    }

    private static string BlockBack(ReverseOp op, GuestPaths paths)
    {
        var block = DriftCheck.BlockOf(op.Extra[LedgerExtra.Marker]);
        var words = Shell.Join([ReverseOps.Path(op), $"{paths.Backup}/{op.Extra[LedgerExtra.Backup]}", block.Begin, block.End]);
        return $"eval {Shell.Quote(ManagedBlock.Functions)}; charly_block_back {words}";
    }

    // A disabled unit has links too, to stop its script; where there was an init script and no link, none may stay.
    private static string RunLevels(ReverseOp op) => op.Extra.ContainsKey(LedgerExtra.RunLevels)
        ? $"; charly_run_levels {Shell.Quote(ReverseOps.Path(op))} {Shell.Join(LedgerExtra.List(op.Extra, LedgerExtra.RunLevels).Where(l => l.StartsWith('/')))}"
        : "";

    private static string Packages(ReverseOp op)
    {
        var strays = LedgerExtra.List(op.Extra, LedgerExtra.Strays);
        var script = new StringBuilder();

        // Looked at before packages' own scripts tidy up: what they write then is not somebody's data.
        if (strays.Count > 0) script.Append($"charly_written {Shell.Quote(op.Extra.GetValueOrDefault(LedgerExtra.StraysAt, ""))} {Shell.Join(strays)}; ");
        script.Append($"charly_t=({Shell.Join(op.Targets)}); charly_d=({Shell.Join(LedgerExtra.List(op.Extra, LedgerExtra.Dependencies))}); charly_r=({Shell.Join(LedgerExtra.List(op.Extra, LedgerExtra.Residual))}); charly_uninstall {Shell.Quote(op.Format ?? "")}");
        if (strays.Count > 0) script.Append($"; charly_strays {Shell.Quote(op.Format ?? "")} {Shell.Join(strays.Reverse())}");
        foreach (var user in LedgerExtra.List(op.Extra, LedgerExtra.Users)) script.Append($"; if getent passwd {Shell.Quote(user)} >/dev/null; then userdel {Shell.Quote(user)}; fi");
        foreach (var group in LedgerExtra.List(op.Extra, LedgerExtra.Groups)) script.Append($"; if getent group {Shell.Quote(group)} >/dev/null; then groupdel {Shell.Quote(group)}; fi");
        if (LedgerExtra.List(op.Extra, LedgerExtra.Upgraded) is { Count: > 0 } upgraded) script.Append($"; charly_downgrade {Shell.Quote(op.Format ?? "")} {Shell.Join(upgraded)}");
        if (LedgerExtra.List(op.Extra, LedgerExtra.Gone) is { Count: > 0 } gone) script.Append($"; charly_bring_back {Shell.Quote(op.Format ?? "")} {Shell.Join(gone)}");
        if (LedgerExtra.List(op.Extra, LedgerExtra.Keys) is { Count: > 0 } keys) script.Append($"; charly_distrust {Shell.Join(keys)}");
        if (LedgerExtra.List(op.Extra, LedgerExtra.Automatic) is { Count: > 0 } automatic) script.Append($"; apt-mark auto {Shell.Join(automatic)}");
        return script.ToString();
    }

    private static bool HadLinger(ReverseOp op) => op.Extra.GetValueOrDefault(LedgerExtra.PriorLinger) != "no";

    private static bool WasEnabled(ReverseOp op) => op.Extra.GetValueOrDefault(LedgerExtra.PriorEnabled) is "enabled" or "enabled-runtime";

    private static string Last(string path) => path[(path.LastIndexOf('/') + 1)..];

    // UNIT.d/charly-CANDY.conf
    private static string UnitOf(string dropIn) => Last(Parent(dropIn)) is var folder && folder.EndsWith(".d", StringComparison.Ordinal) ? folder[..^2] : folder;

    private static string Parent(string path) => path[..Math.Max(path.LastIndexOf('/'), 1)];

    private const string Functions = """
        charly_undo() { printf '%sB@T@%s\n' @N@ "$1"; printf '%sB@T@%s\n' @N@ "$1" >&2; }
        charly_undone() { printf '%sE@T@%s@T@%s\n' @N@ "$1" "$2"; printf '%sE@T@%s\n' @N@ "$1" >&2; }
        charly_remove() {
          [[ ! -e $1.charly-new ]] || rm -rf -- "$1.charly-new"
          if [[ ! -e $1 && ! -L $1 ]]; then charly_s=10; return 0; fi
          if [[ -d $1 && ! -L $1 ]]; then echo "$1 is a folder now" >&2; return 1; fi
          rm -f -- "$1"
        }
        charly_restore() {
          [[ -e $2 || -L $2 ]] || { echo "the kept copy $2 of $1 is gone" >&2; return 1; }
          if [[ -d $1 && ! -L $1 ]]; then echo "$1 is a folder now" >&2; return 1; fi
          [[ -d ${1%/*}/ ]] || mkdir -p -- "${1%/*}"
          rm -rf -- "$1.charly-undo" "$1.charly-new"
          cp -a --no-dereference -- "$2" "$1.charly-undo"
          mv -fT -- "$1.charly-undo" "$1"
        }
        charly_settle() {
          local now b p=$1
          shift
          [[ -f $p ]] || return 0
          now=$(<"$p")
          for b; do
            if [[ -L $b ]]; then b+=.target; fi
            if [[ -f $b && "$(<"$b")" == "$now" ]]; then
              # Written through a link: the link stays, its file gets the kept bytes.
              if [[ -L $p ]]; then p=$(readlink -f -- "$p"); fi
              charly_restore "$p" "$b"
              return
            fi
          done
        }
        charly_tidy() {
          local p
          for p; do
            if [[ -d $p && ! -L $p ]]; then rmdir --ignore-fail-on-non-empty -- "$p" || return 1; fi
          done
        }
        charly_delete() {
          if [[ ! -e $1 && ! -L $1 ]]; then charly_s=10; return 0; fi
          if [[ $1 == "$HOME" || $1 == "$HOME/" ]]; then echo "$1 is the home folder" >&2; return 1; fi
          rm -rf -- "$1"
        }
        charly_systemctl() {
          local m=$1
          shift
          if [[ $m == s ]]; then systemctl "$@"; else XDG_RUNTIME_DIR=/run/user/@UID@ systemctl --user "$@"; fi
        }
        charly_reload() { [[ ! -d /run/systemd/system ]] || charly_systemctl "$1" daemon-reload; }
        charly_restart() { [[ ! -d /run/systemd/system ]] || charly_systemctl "$1" try-restart "$2"; }
        charly_name() { # a unit's own name, where it was asked for by another
          charly_own_name=$(charly_systemctl "$1" show -P Id -- "$2" 2>/dev/null) && [[ $charly_own_name ]] || charly_own_name=$2
        }
        charly_put_back() { # PATH KIND SAVED MODE OWNER
          case $2 in
            a)
              if [[ -d $1 && ! -L $1 ]]; then rmdir --ignore-fail-on-non-empty -- "$1"; else charly_remove "$1"; fi ;;
            d)
              [[ -d $1 ]] || mkdir -p -- "$1"
              chown -- "$5" "$1"
              chmod -- "$4" "$1" ;;
            f) charly_restore "$1" "$3" ;;
            t)
              rm -rf -- "$1.charly-undo"
              cp -a -- "$3" "$1.charly-undo"
              rm -rf -- "$1"
              mv -T -- "$1.charly-undo" "$1" ;;
          esac
        }
        charly_block_back() { # FILE KEPT BEGIN END
          local line bare inside= text= file=$2
          if [[ -L $file ]]; then file+=.target; fi
          if [[ ! -f $file ]]; then charly_block "$1" "$3" "$4" remove; return; fi
          while IFS= read -r line || [[ $line ]]; do
            bare=${line#"${line%%[![:space:]]*}"}
            bare=${bare%"${bare##*[![:space:]]}"}
            if [[ $bare == "$4" ]]; then break; fi
            [[ ! $inside ]] || text+=$line$'\n'
            [[ $bare != "$3" ]] || inside=1
          done <"$file"
          if [[ $inside ]]; then charly_block "$1" "$3" "$4" write "${text%$'\n'}"; else charly_block "$1" "$3" "$4" remove; fi
          charly_settle "$1" "$file"
        }
        charly_reinstall() { # FORMAT AUTOMATIC NAME=VERSION...
          local f=$1 automatic=$2 p
          local -a want=() bare=()
          shift 2
          for p; do bare+=("${p%%=*}"); done
          case $f in
            deb)
              export DEBIAN_FRONTEND=noninteractive
              local -a run=(apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold)
              dpkg --configure -a
              "${run[@]}" install -- "$@" || "${run[@]}" install -- "${bare[@]}" || { "${run[@]}" update && "${run[@]}" install -- "${bare[@]}"; }
              [[ ! $automatic ]] || apt-mark auto $automatic ;;
            rpm) dnf install -y -- "${@//=/-}" || dnf install -y -- "${bare[@]}" ;;
            pac) pacman -S --noconfirm --needed -- "${bare[@]}" ;;
            *) echo "unknown package format $f" >&2; return 1 ;;
          esac
        }
        charly_enable() {
          if [[ ! -d /run/systemd/system ]]; then charly_s=10; return 0; fi
          charly_name "$1" "$2"
          charly_systemctl "$1" enable "$charly_own_name"
        }
        charly_disable() {
          if [[ ! -d /run/systemd/system ]]; then charly_s=10; return 0; fi
          charly_name "$1" "$2"
          set -- "$1" "$charly_own_name" "${@:3}"
          case $3 in
            enabled|enabled-runtime)
              charly_systemctl "$1" is-enabled --quiet "$2" || charly_systemctl "$1" enable "$2" ;;
            *)
              if ! charly_systemctl "$1" cat -- "$2" >/dev/null 2>&1; then charly_s=10; return 0; fi
              charly_systemctl "$1" disable "$2" ;;
          esac
          case $4 in
            active|reloading|activating) charly_systemctl "$1" restart "$2" ;;
            *)
              charly_systemctl "$1" stop "$2"
              # A unit that failed would be listed as failed even when its file is gone.
              [[ $4 == failed ]] || charly_systemctl "$1" reset-failed "$2" 2>/dev/null || : ;;
          esac
        }
        charly_run_levels() { # UNIT LINK...
          local n=${1%.service} l
          if [[ ! -e /etc/init.d/$n && -d /run/systemd/system ]]; then
            charly_name s "$1"
            n=${charly_own_name%.service}
          fi
          shift
          [[ -e /etc/init.d/$n ]] || return 0
          for l in /etc/rc[0-6S].d/[SK][0-9][0-9]"$n"; do
            [[ ! -L $l || " $* " == *" $l "* ]] || rm -f -- "$l"
          done
          for l; do [[ -L $l ]] || ln -s -- "../init.d/$n" "$l"; done
        }
        charly_linger_again() {
          if [[ -e /var/lib/systemd/linger/$1 ]]; then charly_s=10; return 0; fi
          if [[ -d /run/systemd/system ]]; then loginctl enable-linger "$1"; else : >"/var/lib/systemd/linger/$1"; fi
        }
        charly_unlinger() {
          if [[ ! -e /var/lib/systemd/linger/$1 ]]; then charly_s=10; return 0; fi
          if [[ -d /run/systemd/system ]]; then loginctl disable-linger "$1"; else rm -f -- "/var/lib/systemd/linger/$1"; fi
        }
        charly_tool() {
          if ! type -P "$1" >/dev/null; then charly_s=10; return 0; fi
          "$@"
        }
        charly_stays() { [[ $# -eq 0 ]] || printf '%sQ@T@%s\n' @N@ "$*"; }
        charly_present() {
          case $1 in
            deb) dpkg-query -W -f '${db:Status-Status} ${Package}\n' -- "${@:2}" 2>/dev/null | sed -n '/^not-installed /d; s/^[^ ]* //p' ;;
            rpm) rpm -q --qf '%{NAME}\n' -- "${@:2}" 2>/dev/null | grep -v ' ' ;;
            pac) pacman -Qq -- "${@:2}" 2>/dev/null ;;
          esac || :
        }
        charly_would() {
          local out
          out=$(apt-get -s -o DPkg::Lock::Timeout=300 purge -- "$@") || { printf '%s\n' "$out" >&2; return 1; }
          sed -n 's/^\(Purg\|Remv\) \([^ :]*\).*/\2/p' <<<"$out" | sort -u
        }
        charly_forget_failed() {
          local -a gone=()
          [[ -d /run/systemd/system ]] || return 0
          mapfile -t gone < <(systemctl list-units --all --state=failed --plain --no-legend | awk '$2 == "not-found" { print $1 }')
          ((${#gone[@]} == 0)) || systemctl reset-failed -- "${gone[@]}"
        }
        charly_version() {
          case $1 in
            deb) dpkg-query -W -f '${Version}' -- "$2" ;;
            rpm) rpm -q --qf '%{VERSION}-%{RELEASE}' -- "$2" ;;
            pac) pacman -Q -- "$2" | sed 's/^[^ ]* //' ;;
          esac 2>/dev/null || :
        }
        charly_downgrade() { # FORMAT NAME=BEFORE=AFTER...
          local f=$1 p n b
          local -a back=()
          shift
          for p; do
            n=${p%%=*} b=${p#*=} b=${b%%=*}
            # Another version by now is somebody else's doing.
            [[ $(charly_version "$f" "$n") == "${p##*=}" ]] || continue
            back+=("$n=$b")
          done
          ((${#back[@]})) || return 0
          case $f in
            deb) DEBIAN_FRONTEND=noninteractive apt-get install -y --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -- "${back[@]}" ;;
            rpm) dnf downgrade -y -- "${back[@]/=/-}" ;;
            pac) false ;;
          esac || charly_remark "the former versions can't be had any more, so newer ones stay: ${back[*]}"
        }
        charly_bring_back() { # FORMAT NAME=VERSION...
          local f=$1 p n v
          local -a lost=() files=()
          shift
          for p; do
            n=${p%%=*} v=${p#*=}
            [[ ! $(charly_present "$f" "$n") || $f == deb && $(dpkg-query -W -f '${db:Status-Status}' -- "$n" 2>/dev/null) != installed ]] || continue
            # What came since and needs the room stays: nothing is removed for it.
            case $f in
              deb) DEBIAN_FRONTEND=noninteractive apt-get install -y --no-remove --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -- "$n=$v" ;;
              rpm) dnf install -y -- "$n-$v" ;;
              pac)
                shopt -s nullglob
                files=(/var/cache/pacman/pkg/"$n-$v"-*.pkg.tar*)
                for p in "${!files[@]}"; do [[ ${files[p]} != *.sig ]] || unset "files[p]"; done
                if ((${#files[@]})); then pacman -U --noconfirm -- "${files[@]:0:1}"; else pacman -S --noconfirm --needed -- "$n"; fi ;;
            esac || lost+=("$n=$v")
          done
          ((${#lost[@]} == 0)) || charly_remark "not there any more, because they can't be had or have no room: ${lost[*]}"
        }
        charly_distrust() {
          local k
          for k; do
            if rpm -q --quiet -- "gpg-pubkey-$k"; then rpm -e -- "gpg-pubkey-$k"; fi
          done
        }
        charly_remark() { printf '%sM@T@%s\n' @N@ "$1"; }
        charly_uninstall() {
          local f=$1 p r out dropped
          local -a want=() stays=() left=()
          local -A ours=()
          ((${#charly_t[@]} + ${#charly_d[@]})) || return 0
          mapfile -t want < <(charly_present "$f" "${charly_t[@]}" "${charly_d[@]}")
          if ((${#want[@]} == 0)); then charly_s=10; return 0; fi
          case $f in
            deb)
              export DEBIAN_FRONTEND=noninteractive
              while ((${#want[@]})); do
                ours=(); for p in "${want[@]}"; do ours[$p]=1; done
                out=$(charly_would "${want[@]}")
                dropped=
                for r in $out; do [[ ${ours[$r]} ]] || dropped=1; done
                [[ $dropped ]] || break
                # Something that is not ours needs some of these: find out which, and let them stay.
                left=() dropped=
                for p in "${want[@]}"; do
                  out=$(charly_would "$p")
                  for r in $out; do
                    if [[ ! ${ours[$r]} ]]; then stays+=("$p"); dropped=1; continue 2; fi
                  done
                  left+=("$p")
                done
                [[ $dropped ]] || { echo 'apt would remove packages that charly did not bring' >&2; return 1; }
                want=("${left[@]}")
              done
              charly_stays "${stays[@]}"
              if ((${#want[@]})); then
                if ((${#charly_r[@]})); then
                  # The configuration of some was there before: all are removed, and the others purged then.
                  apt-get remove -y -o DPkg::Lock::Timeout=300 -- "${want[@]}"
                  left=()
                  for p in "${want[@]}"; do [[ " ${charly_r[*]} " == *" $p "* ]] || left+=("$p"); done
                  want=("${left[@]}")
                fi
                ((${#want[@]} == 0)) || apt-get purge -y -o DPkg::Lock::Timeout=300 -- "${want[@]}"
                charly_forget_failed
              fi ;;
            rpm)
              # What others need stays: one after the other, dependencies first.
              while ((${#want[@]})) && ! out=$(rpm -e --test -- "${want[@]}" 2>&1); do
                dropped= left=()
                for p in "${want[@]}"; do
                  if [[ ! $dropped && $out == *"(installed) $p"* || ! $dropped && $out == *" $p "*' is needed by (installed)'* ]]; then dropped=$p; stays+=("$p"); else left+=("$p"); fi
                done
                if [[ ! $dropped ]]; then stays+=("${want[-1]}"); left=("${want[@]:0:${#want[@]}-1}"); fi
                want=("${left[@]}")
              done
              charly_stays "${stays[@]}"
              ((${#want[@]} == 0)) || dnf remove -y --noautoremove -- "${want[@]}" ;;
            pac)
              if ! pacman -Rn --noconfirm -- "${want[@]}"; then
                mapfile -t left < <(charly_present pac "${charly_t[@]}")
                pacman -Rsn --noconfirm -- "${left[@]}"
                mapfile -t left < <(charly_present pac "${charly_d[@]}")
                charly_stays "${left[@]}"
              fi ;;
            *) echo "unknown package format $f" >&2; return 1 ;;
          esac
        }
        charly_written() { # SINCE PATH...
          local p
          local -a there=()
          charly_theirs=()
          [[ $1 ]] || return 0
          for p in "${@:2}"; do [[ ! -e $p && ! -L $p ]] || there+=("$p"); done
          ((${#there[@]})) || return 0
          mapfile -t charly_theirs < <(find "${there[@]}" -maxdepth 0 ! -type d -newermt "@$1" 2>/dev/null)
        }
        charly_strays() { # FORMAT PATH...
          local f=$1 p
          local -a there=()
          local -A skip=()
          shift
          for p; do [[ ! -e $p && ! -L $p ]] || there+=("$p"); done
          ((${#there[@]})) || return 0
          while IFS= read -r p; do skip[$p]=1; done < <(
            case $f in
              deb) dpkg-query -S -- "${there[@]}" 2>/dev/null | sed 's/^[^/]*: //' ;;
              rpm) for p in "${there[@]}"; do rpm -qf -- "$p" >/dev/null 2>&1 && printf '%s\n' "$p"; done ;;
              pac) for p in "${there[@]}"; do pacman -Qqo -- "$p" >/dev/null 2>&1 && printf '%s\n' "$p"; done ;;
            esac)
          for p in "${charly_theirs[@]}"; do skip[$p]=1; done
          for p in "${there[@]}"; do
            if [[ ${skip[$p]} ]]; then echo "$p stays: it belongs to a package, or was changed since" >&2
            elif [[ -d $p && ! -L $p ]]; then rmdir --ignore-fail-on-non-empty -- "$p"
            else rm -f -- "$p"; fi
          done
        }

        """;
}
