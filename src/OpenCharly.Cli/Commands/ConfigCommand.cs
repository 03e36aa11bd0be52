using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;
using OpenCharly.Pods;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly config</c> and <c>charly config setup</c>, which are the same, with the verbs on volumes below it.</summary>
internal static class ConfigCommand
{
    // Options of every command that take what follows them.
    private static readonly string[] WithValue = ["--dir", "-C", "--repo", "--format", "--host"];

    private static readonly string[] Verbs = ["setup", "status", "mount", "unmount", "passwd", "remove", "templates"];

    /// <summary>Fills the group. A word that is no verb is the key of a pod to set up.</summary>
    public static void Fill(Command group, CommandHost host)
    {
        group.Add(new ConfigSetupCommand(host));
        group.Add(new ConfigVolumesCommand(host, "status", "Show the encrypted volumes of a pod"));
        group.Add(new ConfigVolumesCommand(host, "mount", "Mount the encrypted volumes of a pod"));
        group.Add(new ConfigVolumesCommand(host, "unmount", "Unmount the encrypted volumes of a pod"));
        group.Add(new ConfigPasswordCommand(host));
        group.Add(new ConfigRemoveCommand(host));
        group.Add(new ConfigTemplatesCommand(host));
    }

    /// <summary>The line with the verb <c>setup</c> put in where it was left out.</summary>
    public static IReadOnlyList<string> Complete(IReadOnlyList<string> arguments)
    {
        var at = 0;
        while (at < arguments.Count && arguments[at].StartsWith('-')) at += WithValue.Contains(arguments[at]) ? 2 : 1;
        if (at >= arguments.Count || arguments[at] != "config" || at + 1 >= arguments.Count || Verbs.Contains(arguments[at + 1])) return arguments;
        if (arguments[at + 1] == "--list-sidecars") return [.. arguments.Take(at + 1), "templates", .. arguments.Skip(at + 2)];
        return arguments[at + 1] is "--help" or "-h" ? arguments : [.. arguments.Take(at + 1), "setup", .. arguments.Skip(at + 1)];
    }
}

/// <summary><c>charly config setup</c>.</summary>
internal sealed class ConfigSetupCommand : PodCommand
{
    private readonly PodChoices _choices;
    private readonly Option<bool> _templates = Parameters.Flag("--list-sidecars", "Print the templates of sidecars, and do nothing");

    public ConfigSetupCommand(CommandHost host) : base(host, "setup", "Save the choices for a pod and write its quadlet")
    {
        _choices = PodChoices.ForConfig(this);
        Add(_templates);
    }

    public ConfigurePodRequest Request(ParseResult parsed) => _choices.Read(parsed, Pod(parsed), SeedMode.Initial);

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_templates)) return ConfigTemplatesCommand.Print(run);
        var result = await new ConfigurePod(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.Print(result, PodText.Configuration, PodJson.Write);
        return 0;
    }
}

/// <summary><c>charly config status</c>, <c>mount</c> and <c>unmount</c>.</summary>
internal sealed class ConfigVolumesCommand : PodCommand
{
    private static readonly IReadOnlyList<TableColumnSpec> Columns = [new("NAME"), new("INITIALIZED"), new("MOUNTED"), new("PATH")];
    private readonly Option<string?> _volume = Parameters.Text("--volume", "NAME", "Only this volume");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public ConfigVolumesCommand(CommandHost host, string name, string description) : base(host, name, description)
    {
        Add(_volume);
        if (name != "status") Add(_dryRun);
    }

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var volumes = new PodVolumes(run.Context);
        var pod = Pod(run.Parsed);
        var volume = run.Parsed.GetValue(_volume);
        if (Name != "status" && run.Parsed.GetValue(_dryRun)) return await PreviewAsync(run, new PreviewPod(run.Context).VolumesAsync(pod, Name == "mount" ? PodVerb.Mount : PodVerb.Unmount, volume, cancellationToken)).ConfigureAwait(false);
        var states = Name switch
        {
            "mount" => await volumes.MountAsync(pod, volume, cancellationToken).ConfigureAwait(false),
            "unmount" => await volumes.UnmountAsync(pod, volume, cancellationToken).ConfigureAwait(false),
            _ => await volumes.StatusAsync(pod, volume, cancellationToken).ConfigureAwait(false),
        };
        run.PrintAll(states, all => all.Count == 0 ? "" : run.Table(Columns, all.Select(s => (IReadOnlyList<string>)[s.Name, Word(s.IsInitialized), Word(s.IsMounted), s.Path])), PodJson.Write);
        return 0;
    }

    private static string Word(bool value) => value ? "yes" : "no";
}

/// <summary><c>charly config passwd</c>.</summary>
internal sealed class ConfigPasswordCommand : PodCommand
{
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public ConfigPasswordCommand(CommandHost host) : base(host, "passwd", "Change the passphrase of the encrypted volumes of a pod") => Add(_dryRun);

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return await PreviewAsync(run, new PreviewPod(run.Context).VolumesAsync(Pod(run.Parsed), PodVerb.ChangePassphrase, null, cancellationToken)).ConfigureAwait(false);
        await new PodVolumes(run.Context).ChangePassphraseAsync(Pod(run.Parsed), null, cancellationToken).ConfigureAwait(false);
        return 0;
    }
}

/// <summary><c>charly config remove</c>.</summary>
internal sealed class ConfigRemoveCommand : PodCommand
{
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public ConfigRemoveCommand(CommandHost host) : base(host, "remove", "Stop a pod and what it provides; quadlet and entry stay") => Add(_dryRun);

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return await PreviewAsync(run, new PreviewPod(run.Context).DisableAsync(Pod(run.Parsed), cancellationToken)).ConfigureAwait(false);
        await new RemovePod(run.Context).DisableAsync(Pod(run.Parsed), cancellationToken).ConfigureAwait(false);
        return 0;
    }
}

/// <summary><c>charly config --list-sidecars</c>.</summary>
internal sealed class ConfigTemplatesCommand : Command
{
    private static readonly IReadOnlyList<TableColumnSpec> Columns = [new("TEMPLATE"), new("IMAGE"), new("PARAMETERS"), new("DESCRIPTION", Wraps: true)];

    public ConfigTemplatesCommand(CommandHost host) : base("templates", "Print the templates of sidecars") => SetAction(host.Action((run, _) => Task.FromResult(Print(run))));

    public static int Print(Invocation run)
    {
        run.PrintAll(
            SidecarTemplate.All, all => run.Table(Columns, all.Select(t => (IReadOnlyList<string>)[t.Name, t.Image, string.Join(' ', t.RequiredParameters), t.Description])), PodJson.Write);
        return 0;
    }
}
