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
        var script = new StringBuilder(prologue).Append(UndoPrologue.Render(nonce, uid));
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
            ReverseKinds.PackageRemove => Packages(op, paths),
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

    private static string Packages(ReverseOp op, GuestPaths paths)
    {
        var strays = LedgerExtra.List(op.Extra, LedgerExtra.Strays);
        var script = new StringBuilder();

        // Looked at before packages' own scripts tidy up: what they write then is not somebody's data.
        if (strays.Count > 0) script.Append($"charly_written {Shell.Quote(op.Extra.GetValueOrDefault(LedgerExtra.StraysAt, ""))} {Shell.Join(strays)}; ");
        var copies = op.Extra.GetValueOrDefault(LedgerExtra.AccountCopies);
        if (copies is not null) script.Append($"charly_a=; if charly_accounts_are {Shell.Quote(op.Extra.GetValueOrDefault(LedgerExtra.AccountSum, ""))}; then charly_a=1; fi; ");
        script.Append($"charly_t=({Shell.Join(op.Targets)}); charly_d=({Shell.Join(LedgerExtra.List(op.Extra, LedgerExtra.Dependencies))}); charly_r=({Shell.Join(LedgerExtra.List(op.Extra, LedgerExtra.Residual))}); charly_uninstall {Shell.Quote(op.Format ?? "")}");
        if (strays.Count > 0) script.Append($"; charly_strays {Shell.Quote(op.Format ?? "")} {Shell.Join(strays.Reverse())}");
        foreach (var user in LedgerExtra.List(op.Extra, LedgerExtra.Users)) script.Append($"; if getent passwd {Shell.Quote(user)} >/dev/null; then userdel {Shell.Quote(user)}; fi");
        foreach (var group in LedgerExtra.List(op.Extra, LedgerExtra.Groups)) script.Append($"; if getent group {Shell.Quote(group)} >/dev/null; then groupdel {Shell.Quote(group)}; fi");
        if (copies is not null) script.Append($"; if [[ $charly_a ]]; then charly_accounts_back {Shell.Quote($"{paths.Backup}/{copies}")}; fi");
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
}
