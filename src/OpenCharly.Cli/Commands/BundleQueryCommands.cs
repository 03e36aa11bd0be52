using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly bundle show</c>: what the per-host file says.</summary>
internal sealed class BundleShowCommand : Command
{
    private readonly Argument<string?> _name;
    private readonly Option<string?> _instance = Parameters.Text("--instance", "NAME", "Instance", "-i");

    public BundleShowCommand(CommandHost host) : base("show", "Print the per-host file, or one entry of it")
    {
        Add(_name = new Argument<string?>("name")
        {
            Description = "Deploy key; the whole file if left out",
            HelpName = "NAME",
            Arity = ArgumentArity.ZeroOrOne,
        });
        _name.CompletionSources.Add(context => new NameCompletions(host, context).Bundles());
        Add(_instance);
        SetAction(host.Action(RunAsync));
    }

    /// <summary>The deploy key, <c>name/instance</c> with an instance; null for the whole file.</summary>
    public string? Request(ParseResult parsed) =>
        parsed.GetValue(_name) is not { } name ? null
        : parsed.GetValue(_instance) is { } instance ? $"{name}/{instance}"
        : name;

    private Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var path = run.Context.Paths.HostFile;
        new HostFile(run.Context.Paths).CheckForm();
        if (!File.Exists(path))
        {
            run.Print(run.IsJson ? "{}\n" : "No charly.yml configured\n");
            return Task.FromResult(0);
        }

        var excerpt = HostFileExcerpt.Read(path, Request(run.Parsed));
        run.Print(run.IsJson ? excerpt.Json() : excerpt.Yaml());
        return Task.FromResult(0);
    }
}

/// <summary><c>charly bundle status</c>.</summary>
internal sealed class BundleStatusCommand : Command
{
    private readonly Argument<string[]> _names = new("names")
    {
        Description = "Deploy keys, with the wildcards * and ?; all if none is given",
        HelpName = "NAME",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> _nested = Parameters.Flag("--nested", "List nested deployments as well, each behind the one that it is in");
    private readonly Option<bool> _offline = Parameters.Flag("--offline", "Do not ask the targets; only what the files of this machine know");

    public BundleStatusCommand(CommandHost host) : base("status", "List deployments with what their targets have on record")
    {
        _names.CompletionSources.Add(context => new NameCompletions(host, context).Bundles());
        Add(_names);
        Add(_offline);
        Add(_nested);
        SetAction(host.Action(RunAsync));
    }

    public BundleQuery Request(ParseResult parsed) => new()
    {
        Names = parsed.GetValue(_names) ?? [],
        Probe = !parsed.GetValue(_offline),
        AllTargets = true,
        Nested = parsed.GetValue(_nested),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var bundles = await new GetBundles(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.PrintAll(
            bundles,
            all => BundleAudit.Text(run, all),
            BundleJson.Write);
        return 0;
    }
}

/// <summary><c>charly bundle path</c>.</summary>
internal sealed class BundlePathCommand : Command
{
    public BundlePathCommand(CommandHost host) : base("path", "Print the path of the per-host file") =>
        SetAction(host.Action((run, _) =>
        {
            run.Print(run.Context.Paths.HostFile, path => path + "\n", (json, path) =>
            {
                json.WriteStartObject();
                json.WriteString("path", path);
                json.WriteEndObject();
            });
            return Task.FromResult(0);
        }));
}
