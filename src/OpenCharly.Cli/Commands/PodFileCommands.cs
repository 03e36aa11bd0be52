using System.CommandLine;
using System.Text.Json;
using OpenCharly.Cli.Output;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly cp</c>.</summary>
internal sealed class CpCommand : PodCommand
{
    private readonly Argument<string> _source = new("source") { Description = "What is copied; a path in the container begins with a colon", HelpName = "SOURCE" };
    private readonly Argument<string> _destination = new("destination") { Description = "Where to; exactly one of the two is in the container", HelpName = "DESTINATION" };
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public CpCommand(CommandHost host, string name) : base(host, name, "Copy files into or out of a running pod")
    {
        Add(_source);
        Add(_destination);
        Add(_dryRun);
    }

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var dryRun = run.Parsed.GetValue(_dryRun);
        var what = await new CopyPodItem(run.Context).RunAsync(Pod(run.Parsed), run.Parsed.GetRequiredValue(_source), run.Parsed.GetRequiredValue(_destination), dryRun, cancellationToken).ConfigureAwait(false);
        return dryRun ? ChangePreviews.Print(run, [what]) : 0;
    }
}

/// <summary><c>charly volume</c>: what a pod keeps.</summary>
internal static class VolumeCommands
{
    public static void Fill(Command group, CommandHost host)
    {
        group.Add(new VolumeListCommand(host));
        group.Add(new VolumeResetCommand(host));
    }
}

/// <summary><c>charly volume list</c>.</summary>
internal sealed class VolumeListCommand(CommandHost host) : PodCommand(host, "list", "List the volumes of a pod")
{
    private static readonly IReadOnlyList<TableColumnSpec> Columns = [new("VOLUME"), new("TYPE"), new("SOURCE"), new("PATH")];

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var volumes = await new PodNamedVolumes(run.Context).ListAsync(Pod(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.PrintAll(volumes, all => all.Count == 0 ? "no volumes\n" : run.Table(Columns, all.Select(v => (IReadOnlyList<string>)[v.Name, v.Kind.ToKebab(), v.Source, v.Path])), Write);
        return 0;
    }

    private static void Write(Utf8JsonWriter json, MountedVolume volume)
    {
        json.WriteStartObject();
        json.WriteString("name", volume.Name);
        json.WriteString("type", volume.Kind.ToKebab());
        json.WriteString("source", volume.Source);
        json.WriteString("path", volume.Path);
        json.WriteEndObject();
    }
}

/// <summary><c>charly volume reset</c>.</summary>
internal sealed class VolumeResetCommand : PodCommand
{
    private readonly Argument<string> _volume = new("volume") { Description = "Name of the volume, as volume list shows it", HelpName = "VOLUME" };
    private readonly Option<bool> _dryRun = Parameters.DryRun();
    private readonly Option<bool> _yes = Parameters.Yes();

    public VolumeResetCommand(CommandHost host) : base(host, "reset", "Remove a volume that the engine keeps, with all that is in it; the pod must not run")
    {
        Add(_volume);
        Add(_dryRun);
        Add(_yes);
    }

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var (volume, dryRun) = (run.Parsed.GetRequiredValue(_volume), run.Parsed.GetValue(_dryRun));
        var pod = Pod(run.Parsed);
        var volumes = new PodNamedVolumes(run.Context);
        var found = await volumes.ResetAsync(pod, volume, dryRun: true, cancellationToken).ConfigureAwait(false);
        if (dryRun) return ChangePreviews.Print(run, found is null ? [] : [$"remove the volume {found}"]);
        if (!run.Parsed.GetValue(_yes)) await run.ConfirmAsync($"Remove all that is in the volume {volume} of {pod.Name}?", cancellationToken).ConfigureAwait(false);
        await volumes.ResetAsync(pod, volume, dryRun: false, cancellationToken).ConfigureAwait(false);
        run.PrintAll<string>(found is null ? [] : [found], all => all.Count == 0 ? $"{volume} is empty already\n" : $"removed the volume {found}\n", (json, name) => json.WriteStringValue(name));
        return 0;
    }
}
