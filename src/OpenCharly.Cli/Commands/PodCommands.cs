using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly start</c>.</summary>
internal sealed class StartCommand : PodCommand
{
    private readonly PodChoices _choices;
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public StartCommand(CommandHost host, string name) : base(host, name, "Start a pod; configure it first if that was not done")
    {
        _choices = PodChoices.ForStart(this);
        Add(_dryRun);
    }

    protected override DeploymentVerb? Verb => DeploymentVerb.Start;

    public ConfigurePodRequest Request(ParseResult parsed) => _choices.Read(parsed, Pod(parsed), SeedMode.Initial);

    protected override async Task<int> OnMachineAsync(Invocation run, string name, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return await VmPreviews.PrintAsync(run, new PreviewVmRequest(VmVerb.Start, name), cancellationToken).ConfigureAwait(false);
        run.Print(await new StartVm(run.Context).RunAsync(name, cancellationToken).ConfigureAwait(false), VmText.OneLine, VmJson.Write);
        return 0;
    }

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return await PreviewAsync(run, new PreviewPod(run.Context).StartAsync(Request(run.Parsed), cancellationToken)).ConfigureAwait(false);
        run.Print(await new StartPod(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false), PodText.OneLine, PodJson.Write);
        return 0;
    }
}

/// <summary><c>charly stop</c>.</summary>
internal sealed class StopCommand : PodCommand
{
    private readonly Option<bool> _unmount = Parameters.Flag("--unmount", "Unmount encrypted volumes, too");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public StopCommand(CommandHost host, string name) : base(host, name, "Stop a pod, or a machine; quadlet and entry stay")
    {
        Add(_unmount);
        Add(_dryRun);
    }

    protected override DeploymentVerb? Verb => DeploymentVerb.Stop;

    protected override async Task<int> OnMachineAsync(Invocation run, string name, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return await VmPreviews.PrintAsync(run, new PreviewVmRequest(VmVerb.Stop, name), cancellationToken).ConfigureAwait(false);
        run.Print(await new StopVm(run.Context).RunAsync(new StopVmRequest { Name = name }, cancellationToken).ConfigureAwait(false), VmText.OneLine, VmJson.Write);
        return 0;
    }

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return await PreviewAsync(run, new PreviewPod(run.Context).StopAsync(Pod(run.Parsed), run.Parsed.GetValue(_unmount), cancellationToken)).ConfigureAwait(false);
        run.Print(await new StopPod(run.Context).RunAsync(Pod(run.Parsed), run.Parsed.GetValue(_unmount), cancellationToken).ConfigureAwait(false), PodText.OneLine, PodJson.Write);
        return 0;
    }
}

/// <summary><c>charly restart</c>.</summary>
internal sealed class RestartCommand : PodCommand
{
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public RestartCommand(CommandHost host, string name) : base(host, name, "Stop a pod, or a machine, and start it again") => Add(_dryRun);

    protected override DeploymentVerb? Verb => DeploymentVerb.Restart;

    protected override async Task<int> OnMachineAsync(Invocation run, string name, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return await VmPreviews.PrintAsync(run, new PreviewVmRequest(VmVerb.Restart, name), cancellationToken).ConfigureAwait(false);
        run.Print(await new RestartVm(run.Context).RunAsync(new StopVmRequest { Name = name }, cancellationToken).ConfigureAwait(false), VmText.OneLine, VmJson.Write);
        return 0;
    }

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return await PreviewAsync(run, new PreviewPod(run.Context).RestartAsync(Pod(run.Parsed), cancellationToken)).ConfigureAwait(false);
        run.Print(await new StopPod(run.Context).RestartAsync(Pod(run.Parsed), cancellationToken).ConfigureAwait(false), PodText.OneLine, PodJson.Write);
        return 0;
    }
}

/// <summary><c>charly update</c>, which is also <c>charly bundle update</c>: of any target that can be made anew.</summary>
internal sealed class UpdateCommand : PodCommand
{
    private readonly PodChoices _choices;
    private readonly Option<bool> _build = Parameters.Flag("--build", "Build the box, or the machine's disk, anew first");
    private readonly Option<bool> _noPull = Parameters.Flag("--no-pull", "Use the local image as it is");
    private readonly Option<bool> _pull = Parameters.Flag("--pull", "Pull a full reference first (the default)");
    private readonly Option<bool> _nodeOnly = Parameters.Flag("--node-only", "Only this deployment: no nested children, no peers");
    private readonly Option<bool> _dryRun = Parameters.DryRun();
    private readonly GateOptions _gates;

    public UpdateCommand(CommandHost host, string name) : base(host, name, "Bring a deployment to the newest of what it is made of; a machine is made anew")
    {
        _choices = PodChoices.ForUpdate(this);
        Add(_build);
        Add(_pull);
        Add(_noPull);
        Add(_nodeOnly);
        Add(_dryRun);
        _gates = new GateOptions(this);
    }

    public UpdateBundleRequest Request(ParseResult parsed)
    {
        var pod = Pod(parsed);
        var choices = _choices.Read(parsed, pod, SeedMode.Merge);
        return new UpdateBundleRequest
        {
            Name = pod.Instance is null ? pod.Name : $"{pod.Name}/{pod.Instance}",
            Tag = choices.Tag,
            Build = parsed.GetValue(_build),
            Pull = !parsed.GetValue(_noPull),
            Seed = choices.Seed,
            DataFrom = choices.DataFrom,
            Options = _gates.Of(parsed),
            NodeOnly = parsed.GetValue(_nodeOnly),
            DryRun = parsed.GetValue(_dryRun),
        };
    }

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken) =>
        DeployOutput.Print(run, await new UpdateBundle(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false));
}

/// <summary><c>charly remove</c>.</summary>
internal sealed class RemoveCommand : PodCommand
{
    private readonly Option<bool> _purge = Parameters.Flag("--purge", "Delete the engine's volumes of the pod, too");
    private readonly Option<bool> _keep = Parameters.Flag("--keep-deploy", "Keep the entry");
    private readonly Option<bool> _dryRun = Parameters.DryRun();
    private readonly Option<bool> _yes = Parameters.Yes();

    public RemoveCommand(CommandHost host, string name) : base(host, name, "Remove a pod: container, units, entry")
    {
        Add(_purge);
        Add(_keep);
        Add(_dryRun);
        Add(_yes);
    }

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var pod = Pod(run.Parsed);
        var request = new RemovePodRequest { Name = pod.Name, Instance = pod.Instance, Purge = run.Parsed.GetValue(_purge), KeepDeploy = run.Parsed.GetValue(_keep), DryRun = run.Parsed.GetValue(_dryRun) };
        if (request is { DryRun: false, Purge: true } && !run.Parsed.GetValue(_yes)) await run.ConfirmAsync($"Remove {pod.Name} with the data in its volumes?", cancellationToken).ConfigureAwait(false);
        var removed = await new RemovePod(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false);
        run.PrintAll(removed, all => string.Concat(all.Select(r => (request.DryRun ? "would remove " : "removed ") + r + "\n")), (json, item) => json.WriteStringValue(item));
        return 0;
    }
}

/// <summary><c>charly seed</c>.</summary>
internal sealed class SeedCommand : PodCommand
{
    private readonly Option<bool> _force = Parameters.Flag("--force", "Copy over files that are there");
    private readonly Option<string?> _volume = Parameters.Text("--volume", "NAME", "Only this volume");
    private readonly Option<string?> _dataFrom = Parameters.Text("--data-from", "IMAGE", "Image whose files are copied instead");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public SeedCommand(CommandHost host, string name) : base(host, name, "Copy files of the image into the volumes of a pod")
    {
        Add(_force);
        Add(_volume);
        Add(_dataFrom);
        Add(_dryRun);
    }

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var mode = run.Parsed.GetValue(_force) ? SeedMode.Force : SeedMode.Initial;
        var (volume, dataFrom) = (run.Parsed.GetValue(_volume), run.Parsed.GetValue(_dataFrom));
        if (run.Parsed.GetValue(_dryRun)) return await PreviewAsync(run, new PreviewPod(run.Context).SeedAsync(Pod(run.Parsed), mode, volume, dataFrom, cancellationToken)).ConfigureAwait(false);
        var seeded = await new SeedPod(run.Context).RunAsync(Pod(run.Parsed), mode, volume, dataFrom, cancellationToken).ConfigureAwait(false);
        if (seeded.Count == 0) run.Tell(NoticeLevel.Info, mode == SeedMode.Force ? "the image brings no files for its volumes" : "nothing was copied: the volumes have files, or the image brings none; --force copies over what is there");
        run.PrintAll(seeded, all => string.Concat(all.Select(v => $"seeded {v}\n")), (json, item) => json.WriteStringValue(item));
        return 0;
    }
}

/// <summary><c>charly logs</c>.</summary>
internal sealed class LogsCommand : PodCommand
{
    private readonly Option<bool> _follow = Parameters.Flag("--follow", "Go on with new lines until interrupted", "-f");
    private readonly Option<int?> _tail = Parameters.Whole("--tail", "N", "Only the last N lines", "-n");
    private readonly Option<string?> _sidecar = Parameters.Text("--sidecar", "NAME", "Log of this sidecar");

    public LogsCommand(CommandHost host, string name) : base(host, name, "Print what a pod has printed")
    {
        Add(_follow);
        Add(_tail);
        Add(_sidecar);
    }

    protected override DeploymentVerb? Verb => DeploymentVerb.Logs;

    protected override async Task<int> OnMachineAsync(Invocation run, string name, CancellationToken cancellationToken)
    {
        var request = new VmLogRequest { Name = name, Console = true, Tail = run.Parsed.GetValue(_tail) ?? 0, Follow = run.Parsed.GetValue(_follow) };
        await foreach (var line in new GetVmLog(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false))
        {
            run.Print(run.IsJson ? VmJson.LogLine(line) : line.Text + "\n");
            if (request.Follow) await run.Terminal.Out.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        return 0;
    }

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var pod = Pod(run.Parsed);
        var request = new PodLogRequest { Name = pod.Name, Instance = pod.Instance, Follow = run.Parsed.GetValue(_follow), Tail = run.Parsed.GetValue(_tail), Sidecar = run.Parsed.GetValue(_sidecar) };
        await new GetPodLog(run.Context).RunAsync(
            request,
            line =>
            {
                run.Print(run.IsJson ? PodJson.LogLine(line) : line + "\n");
                if (request.Follow) run.Terminal.Out.Flush();
            },
            cancellationToken).ConfigureAwait(false);
        return 0;
    }
}

/// <summary><c>charly shell</c>.</summary>
internal sealed class ShellCommand : PodCommand
{
    private readonly Option<string?> _command = Parameters.Text("--command", "COMMAND", "Run one command and return its exit code", "-c");
    private readonly Option<bool> _tty = Parameters.Flag("--tty", "A terminal for the command");
    private readonly Option<string[]> _environment = PodParameters.Many("--env", "NAME=VALUE", "Variable", "-e");
    private readonly Option<string?> _file = Parameters.Text("--env-file", "PATH", "File of variables");
    private readonly Option<string[]> _volumes = PodParameters.Many("--volume", "NAME:TYPE[:PATH]", "Volume of a throw-away container", "-v");
    private readonly Option<string[]> _binds = PodParameters.Many("--bind", "NAME[=PATH]", "Volume of a throw-away container in a folder of this machine");
    private readonly Option<string?> _tag = Parameters.Text("--tag", "CALVER", "Version of the box, for a throw-away container");
    private readonly Option<bool> _build = Parameters.Flag("--build", "Build the image of the box first, and take a throw-away container of it");
    private readonly Option<bool> _noAutodetect = Parameters.Flag("--no-autodetect", "Do not look for devices of this machine");

    public ShellCommand(CommandHost host, string name) : base(host, name, "Open a shell in a pod, or in a throw-away container of its image")
    {
        Add(_command);
        Add(_tty);
        Add(_environment);
        Add(_file);
        Add(_volumes);
        Add(_binds);
        Add(_tag);
        Add(_build);
        Add(_noAutodetect);
    }

    protected override DeploymentVerb? Verb => DeploymentVerb.Shell;

    protected override (string? Command, bool Terminal) InPlace(ParseResult parsed) => (parsed.GetValue(_command), parsed.GetValue(_command) is null || parsed.GetValue(_tty));

    protected override async Task<int> OnMachineAsync(Invocation run, string name, CancellationToken cancellationToken)
    {
        var (command, terminal) = InPlace(run.Parsed);
        var session = await new EnterVm(run.Context).RunAsync(new EnterVmRequest { Name = name, Command = command, Terminal = terminal }, cancellationToken).ConfigureAwait(false);
        return await SessionAsync(run, session, cancellationToken).ConfigureAwait(false);
    }

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var pod = Pod(run.Parsed);
        var command = run.Parsed.GetValue(_command);
        var request = new EnterPodRequest
        {
            Name = pod.Name, Instance = pod.Instance, Command = command, Terminal = command is null || run.Parsed.GetValue(_tty), ForceTerminal = run.Parsed.GetValue(_tty),
            Environment = run.Parsed.GetValue(_environment) ?? [], EnvironmentFile = run.Parsed.GetValue(_file), Volumes = run.Parsed.GetValue(_volumes) ?? [], Binds = run.Parsed.GetValue(_binds) ?? [],
            Tag = run.Parsed.GetValue(_tag), Build = run.Parsed.GetValue(_build), Autodetect = !run.Parsed.GetValue(_noAutodetect),
        };
        var session = await new EnterPod(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false);
        run.Pause();
        return await InteractiveProgram.RunAsync(session, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary><c>charly cmd</c>.</summary>
internal sealed class CmdCommand : PodCommand
{
    private readonly Argument<string> _command = new("command") { Description = "Command line for sh", HelpName = "COMMAND" };
    private readonly Option<string[]> _environment = PodParameters.Many("--env", "NAME=VALUE", "Variable", "-e");
    private readonly Option<string?> _sidecar = Parameters.Text("--sidecar", "NAME", "Run in this sidecar");
    private readonly Option<bool> _noNotify = Parameters.Flag("--no-notify", "Taken for the sake of old scripts: nobody is ever notified");

    public CmdCommand(CommandHost host, string name) : base(host, name, "Run a command in a running pod")
    {
        Add(_command);
        Add(_environment);
        Add(_sidecar);
        Add(_noNotify);
    }

    protected override DeploymentVerb? Verb => DeploymentVerb.Cmd;

    protected override (string? Command, bool Terminal) InPlace(ParseResult parsed) => (parsed.GetRequiredValue(_command), false);

    protected override async Task<int> OnMachineAsync(Invocation run, string name, CancellationToken cancellationToken)
    {
        var session = await new EnterVm(run.Context).RunAsync(new EnterVmRequest { Name = name, Command = run.Parsed.GetRequiredValue(_command), Terminal = false }, cancellationToken).ConfigureAwait(false);
        return await SessionAsync(run, session, cancellationToken).ConfigureAwait(false);
    }

    protected override async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var pod = Pod(run.Parsed);
        var request = new EnterPodRequest
        {
            Name = pod.Name, Instance = pod.Instance, Command = run.Parsed.GetRequiredValue(_command), Terminal = false, MustRun = true, Environment = run.Parsed.GetValue(_environment) ?? [], Sidecar = run.Parsed.GetValue(_sidecar),
        };
        var session = await new EnterPod(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false);
        run.Pause();
        return await InteractiveProgram.RunAsync(session, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary><c>charly status</c>.</summary>
internal sealed class StatusCommand : Command
{
    private readonly Argument<string[]> _keys;
    private readonly Option<string?> _instance = PodParameters.Instance();
    private readonly Option<bool> _all = Parameters.Flag("--all", "Also what does not run", "-a");
    private readonly Option<bool> _nested = Parameters.Flag("--nested", "Also deployments inside of others");

    public StatusCommand(CommandHost host, string name) : base(name, "Show what runs")
    {
        Add(_keys = PodParameters.Keys(host));
        _keys.CompletionSources.Add(context => new NameCompletions(host, context).Bundles());
        Add(_instance);
        Add(_all);
        Add(_nested);
        SetAction(host.Action(RunAsync));
    }

    public StatusQuery Request(ParseResult parsed)
    {
        var keys = parsed.GetValue(_keys) ?? [];
        if (parsed.GetValue(_instance) is { } instance) keys = keys is [var only] ? [$"{only}/{instance}"] : throw new CharlyException(Errors.Usage, "-i needs exactly one key", "Write the keys in full: BASE/INSTANCE.");
        return new StatusQuery { Names = keys, RunningOnly = keys.Length == 0 && !parsed.GetValue(_all), Details = keys is [var one] && !NamePattern.IsPattern(one), Nested = parsed.GetValue(_nested) };
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = Request(run.Parsed);
        var rows = await new GetStatus(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false);
        if (request.Names is [var name] && !NamePattern.IsPattern(name) && rows is [var row])
        {
            run.Print(row, PodText.Details, PodJson.Write);
            return 0;
        }

        if (rows.Count == 0) run.Tell(NoticeLevel.Info, request.RunningOnly ? "nothing runs; charly status --all shows the rest" : "no deployments");
        run.PrintAll(rows, all => all.Count == 0 ? "" : run.Table(PodText.Columns, all.SelectMany(PodText.Rows)), PodJson.Write);
        return 0;
    }
}
