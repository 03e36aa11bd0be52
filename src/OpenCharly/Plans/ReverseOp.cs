namespace OpenCharly.Plans;

/// <summary>
/// One operation that undoes part of a step. Kind names and JSON keys are those of the ledger
/// (candy-and-plan.md §7.3, §7.5); the kinds are the constants of <see cref="ReverseKinds"/>.
/// </summary>
public sealed record ReverseOp
{
    /// <summary>Kind, such as <c>package-remove</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Package format, for package operations.</summary>
    public string? Format { get; init; }

    /// <summary>Paths, packages or units that it works on.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>On whose behalf it works.</summary>
    public StepScope Scope { get; init; }

    /// <summary>Further facts, such as <c>backup</c>, <c>dependencies</c> or <c>marker</c>.</summary>
    public IReadOnlyDictionary<string, string> Extra { get; init; } = new Dictionary<string, string>();

    /// <summary>The removal command as rendered at install time, for package operations.</summary>
    public string? UninstallCommand { get; init; }
}

/// <summary>The kinds of reverse operation (candy-and-plan.md §7.5).</summary>
public static class ReverseKinds
{
    /// <summary>Remove packages that were not there before.</summary>
    public const string PackageRemove = "package-remove";

    /// <summary><c>cargo uninstall</c>.</summary>
    public const string CargoUninstall = "cargo-uninstall";

    /// <summary><c>npm uninstall -g</c>.</summary>
    public const string NpmUninstall = "npm-uninstall-g";

    /// <summary>Delete a pixi environment.</summary>
    public const string PixiEnvRemove = "pixi-env-remove";

    /// <summary>Delete a file as root, or restore what stood there.</summary>
    public const string RemoveFileSystem = "rm-file-system";

    /// <summary>Delete a file as the user, or restore what stood there.</summary>
    public const string RemoveFileUser = "rm-file-user";

    /// <summary>Delete a folder that the step made.</summary>
    public const string RemoveFolder = "rm-dir-recursive";

    /// <summary>Disable and stop a unit.</summary>
    public const string ServiceDisable = "service-disable";

    /// <summary>Delete a unit file.</summary>
    public const string ServiceRemove = "service-remove";

    /// <summary>Delete a drop-in and its empty folder.</summary>
    public const string RemoveDropIn = "remove-dropin";

    /// <summary>Let an account's service manager end with its last log-in again, if it did so before. (Added here.)</summary>
    public const string LingerDisable = "linger-disable";

    /// <summary>Leave a unit enabled that was enabled before.</summary>
    public const string RestoreEnabled = "restore-enabled";

    /// <summary>Strip a managed block from a file.</summary>
    public const string RemoveManagedBlock = "remove-managed-block";

    /// <summary>Delete the candy's env.d file.</summary>
    public const string RemoveEnvFile = "remove-envd-file";

    /// <summary>Delete a repository file, or strip its block.</summary>
    public const string RemoveRepoFile = "remove-repo-file";

    /// <summary>Disable a copr.</summary>
    public const string CoprDisable = "copr-disable";
}

/// <summary>Keys of <see cref="ReverseOp.Extra"/> that the compiler sets.</summary>
public static class ReverseExtra
{
    /// <summary>The candy, or deployment, that a file or block belongs to.</summary>
    public const string Layer = "layer";

    /// <summary>Tag of a managed block, as <see cref="ManagedBlock"/> takes it.</summary>
    public const string Marker = "marker";

    /// <summary>Shell of a managed block.</summary>
    public const string Shell = "shell";

    /// <summary>Unit that is restarted, if it runs, when its drop-in has gone.</summary>
    public const string Restart = "restart";

    /// <summary>Package format of a repository file.</summary>
    public const string Format = "format";

    /// <summary><c>true</c>: the folder is removed only if the step that carries the operation made it.</summary>
    public const string OnlyIfCreated = "only_if_created";
}
