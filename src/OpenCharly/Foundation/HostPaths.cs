namespace OpenCharly.Foundation;

/// <summary>Every file and folder that OpenCharly makes on the operator's machine, outside of projects.</summary>
/// <param name="environment">Where home and the XDG folders are.</param>
public sealed class HostPaths(CharlyEnvironment environment)
{
    /// <summary><c>$XDG_CONFIG_HOME/charly</c>.</summary>
    public string Config { get; } = Path.Combine(environment.Variable("XDG_CONFIG_HOME") ?? Path.Combine(environment.Home, ".config"), "charly");

    /// <summary><c>$XDG_DATA_HOME/charly</c>.</summary>
    public string Data { get; } = Path.Combine(environment.Variable("XDG_DATA_HOME") ?? Path.Combine(environment.Home, ".local", "share"), "charly");

    /// <summary><c>$XDG_CACHE_HOME/charly</c>.</summary>
    public string Cache { get; } = Path.Combine(environment.Variable("XDG_CACHE_HOME") ?? Path.Combine(environment.Home, ".cache"), "charly");

    /// <summary>Folder for sockets: short enough for the 107 bytes of a socket path.</summary>
    public string Runtime { get; } = Path.Combine(environment.Variable("XDG_RUNTIME_DIR") ?? $"/tmp/charly-{Environment.UserName}", "charly");

    /// <summary>Per-host state: <c>charly.yml</c> (candy-and-plan.md §1.5).</summary>
    public string HostFile => Path.Combine(Config, "charly.yml");

    /// <summary>Settings: <c>config.yml</c>.</summary>
    public string SettingsFile => Path.Combine(Config, "config.yml");

    /// <summary>Folder of the user's cluster profiles.</summary>
    public string Clusters => Path.Combine(Config, "clusters");

    /// <summary>Ledger of leases on exclusive resources.</summary>
    public string Leases => Path.Combine(Data, "preemption", "leases.yml");

    /// <summary>Records of what was installed on Android devices.</summary>
    public string AndroidRecords => Path.Combine(Data, "android");

    /// <summary>The ssh_config fragment with a stanza per virtual machine.</summary>
    public string SshConfig => Path.Combine(Config, "ssh_config");

    /// <summary>The user's own ssh_config, which includes ours.</summary>
    public string UserSshConfig { get; } = Path.Combine(environment.Home, ".ssh", "config");

    /// <summary>Folder of ssh control sockets.</summary>
    public string SshControl => Path.Combine(Runtime, "ssh");

    /// <summary>Folder of virtual machine state.</summary>
    public string Vms => Path.Combine(Data, "vm");

    /// <summary>Registry of virtual machines.</summary>
    public string VmRegistry => Path.Combine(Vms, "vms.json");

    /// <summary>Everything of VMFile machines: <c>$XDG_DATA_HOME/vmctl</c>.</summary>
    public string VmFileData => Path.Combine(Path.GetDirectoryName(Data)!, "vmctl");

    /// <summary>Registry of VMFile machines.</summary>
    public string VmFileRegistry => Path.Combine(VmFileData, "vms.json");

    /// <summary>Downloaded and built base images.</summary>
    public string VmImages => Path.Combine(Cache, "vm-images");

    /// <summary>Results of earlier runs of checks, a folder each.</summary>
    public string CheckRuns => Path.Combine(Data, "eval-runs");

    /// <summary>Locks of folders that builds of images share.</summary>
    public string BuildLocks => Path.Combine(Cache, "build-locks");

    /// <summary>Remote repositories, by host, organisation, name and version.</summary>
    public string Repositories { get; } = environment.Variable("CHARLY_REPO_CACHE")
        ?? Path.Combine(environment.Variable("XDG_CACHE_HOME") ?? Path.Combine(environment.Home, ".cache"), "charly", "repos");

    /// <summary>State folder of one virtual machine, by its id such as <c>charly-web</c>.</summary>
    public string VmState(string id) => Path.Combine(Vms, id);
}
