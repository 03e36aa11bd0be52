using System.CommandLine;
using OpenCharly.Operations;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Cli.Commands;

/// <summary>The choices that <c>config</c>, <c>start</c> and <c>update</c> take, each as far as it applies.</summary>
internal sealed class PodChoices
{
    private readonly Option<string?> _tag = Parameters.Text("--tag", "CALVER", "Version of the box, for this run");
    private readonly Option<string[]> _environment = PodParameters.Many("--env", "NAME=VALUE", "Variable; kept in the entry", "-e");
    private readonly Option<bool> _clean = Parameters.Flag("--clean", "Forget the entry's variables first", "-c");
    private readonly Option<string?> _file = Parameters.Text("--env-file", "PATH", "File of variables; kept in the entry");
    private readonly Option<string[]> _ports = PodParameters.Many("--port", "HOST:CONTAINER", "Pin a port; kept in the entry", "-p");
    private readonly Option<string[]> _volumes = PodParameters.Many("--volume", "NAME:TYPE[:PATH]", "Back a volume by volume, bind or encrypted; kept in the entry", "-v");
    private readonly Option<string[]> _binds = PodParameters.Many("--bind", "NAME[=PATH]", "Back a volume by a folder of this machine; kept in the entry");
    private readonly Option<string[]> _encrypts = PodParameters.Many("--encrypt", "NAME", "Back a volume by an encrypted folder; kept in the entry");
    private readonly Option<bool> _keepMounted = Parameters.Flag("--keep-mounted", "Leave encrypted volumes mounted");
    private readonly Option<bool> _manual = Parameters.OneOf("--password", "Make missing secrets up, or ask for them (default: auto)", new Dictionary<string, bool> { ["auto"] = false, ["manual"] = true });
    private readonly Option<string[]> _refresh = PodParameters.Many("--refresh-secret", "NAME", "Renew a secret of the image; all for every one");
    private readonly Option<string?> _memoryMax = Parameters.Text("--memory-max", "SIZE", "Hard memory limit; kept in the entry");
    private readonly Option<string?> _memoryHigh = Parameters.Text("--memory-high", "SIZE", "Memory above which the kernel throttles; kept in the entry");
    private readonly Option<string?> _swap = Parameters.Text("--memory-swap-max", "SIZE", "Swap limit; kept in the entry");
    private readonly Option<string?> _cpus = Parameters.Text("--cpus", "N", "Processors; kept in the entry");
    private readonly Option<bool> _seed = Parameters.Flag("--seed", "Copy files of the image into volumes (the default)");
    private readonly Option<bool> _noSeed = Parameters.Flag("--no-seed", "Copy no files of the image into volumes");
    private readonly Option<bool> _forceSeed = Parameters.Flag("--force-seed", "Copy files of the image over those in volumes");
    private readonly Option<string?> _dataFrom = Parameters.Text("--data-from", "IMAGE", "Image whose files are copied instead");
    private readonly Option<bool> _updateAll = Parameters.Flag("--update-all", "Write the quadlets of all other configured pods anew");
    private readonly Option<string?> _sshKey = Parameters.Text("--ssh-key", "auto|FILE|generate|none", "Public SSH key that the pod lets in");
    private readonly Option<string[]> _sidecars = PodParameters.Many("--sidecar", "TEMPLATE", "Attach a sidecar; kept in the entry");
    private readonly Option<bool> _noAutodetect = Parameters.Flag("--no-autodetect", "Do not look for devices of this machine");
    private readonly Option<bool> _build = Parameters.Flag("--build", "Build the image of the box first");
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Write nothing, and print what would be written" };

    private PodChoices()
    {
    }

    /// <summary>All choices.</summary>
    public static PodChoices ForConfig(Command command)
    {
        var choices = new PodChoices();
        foreach (var option in (Option[])
            [
                choices._tag, choices._environment, choices._clean, choices._file, choices._ports, choices._volumes, choices._binds, choices._encrypts, choices._keepMounted, choices._manual, choices._refresh,
                choices._memoryMax, choices._memoryHigh, choices._swap, choices._cpus, choices._seed, choices._noSeed, choices._forceSeed, choices._dataFrom, choices._updateAll, choices._sshKey,
                choices._sidecars, choices._noAutodetect, choices._build, choices._dryRun,
            ]) command.Add(option);
        return choices;
    }

    /// <summary>Those of a start.</summary>
    public static PodChoices ForStart(Command command)
    {
        var choices = new PodChoices();
        foreach (var option in (Option[])[choices._tag, choices._environment, choices._file, choices._ports, choices._volumes, choices._binds, choices._noAutodetect, choices._build]) command.Add(option);
        return choices;
    }

    /// <summary>Those of an update.</summary>
    public static PodChoices ForUpdate(Command command)
    {
        var choices = new PodChoices();
        foreach (var option in (Option[])[choices._tag, choices._build, choices._seed, choices._noSeed, choices._forceSeed, choices._dataFrom]) command.Add(option);
        return choices;
    }

    public ConfigurePodRequest Read(ParseResult parsed, PodRequest pod, SeedMode seed) => new()
    {
        Name = pod.Name,
        Instance = pod.Instance,
        Tag = parsed.GetValue(_tag),
        Environment = parsed.GetValue(_environment) ?? [],
        Clean = parsed.GetValue(_clean),
        EnvironmentFile = parsed.GetValue(_file),
        Ports = parsed.GetValue(_ports) ?? [],
        Volumes = parsed.GetValue(_volumes) ?? [],
        Binds = parsed.GetValue(_binds) ?? [],
        Encrypts = parsed.GetValue(_encrypts) ?? [],
        KeepMounted = parsed.GetValue(_keepMounted),
        ManualPasswords = parsed.GetValue(_manual),
        RefreshSecrets = parsed.GetValue(_refresh) ?? [],
        MemoryMax = parsed.GetValue(_memoryMax),
        MemoryHigh = parsed.GetValue(_memoryHigh),
        MemorySwapMax = parsed.GetValue(_swap),
        Cpus = parsed.GetValue(_cpus),
        Seed = parsed.GetValue(_noSeed) ? null : parsed.GetValue(_forceSeed) ? SeedMode.Force : seed,
        DataFrom = parsed.GetValue(_dataFrom),
        UpdateAll = parsed.GetValue(_updateAll),
        SshKey = parsed.GetValue(_sshKey),
        Sidecars = parsed.GetValue(_sidecars) ?? [],
        Autodetect = !parsed.GetValue(_noAutodetect),
        Build = parsed.GetValue(_build),
        DryRun = parsed.GetValue(_dryRun),
    };
}
