namespace OpenCharly.Ledger;

/// <summary>Every file and folder that OpenCharly itself makes on a target, all below the deploy user's home.</summary>
/// <param name="home">That user's home folder on the target.</param>
public sealed class GuestPaths(string home)
{
    /// <summary>The home folder.</summary>
    public string Home { get; } = home.TrimEnd('/');

    /// <summary><c>~/.config/opencharly</c>.</summary>
    public string Root { get; } = home.TrimEnd('/') + "/.config/opencharly";

    /// <summary>Folder of the environment files that log-in shells read.</summary>
    public string EnvFolder => Root + "/env.d";

    /// <summary>The ledger.</summary>
    public string Installed => Root + "/installed";

    /// <summary>Lock held for a whole add or del.</summary>
    public string Lock => Installed + "/.lock";

    /// <summary>A record a deploy id.</summary>
    public string Deploys => Installed + "/deploys";

    /// <summary>A record a candy.</summary>
    public string Layers => Installed + "/layers";

    /// <summary>One file a run that has not been folded into the records yet; empty after a run that ended.</summary>
    public string Journal => Installed + "/journal";

    /// <summary>What stood at paths before they were written, by candy.</summary>
    public string Backup => Installed + "/backup";

    /// <summary>How the recorded paths and units looked when the last run ended.</summary>
    public string Traces => Installed + "/traces";

    /// <summary>Files on their way, by run; empty after a run that ended.</summary>
    public string Stage => Installed + "/stage";

    /// <summary>The environment file of a candy.</summary>
    public string EnvFile(string candy) => $"{EnvFolder}/{candy}.env";

    /// <summary>The record of a deploy id.</summary>
    public string DeployFile(string deployId) => $"{Deploys}/{deployId}.json";

    /// <summary>The record of a candy.</summary>
    public string LayerFile(string candy) => $"{Layers}/{candy}.json";

    /// <summary>The journal of a run.</summary>
    public string JournalFile(string runId) => $"{Journal}/{runId}.log";
}
