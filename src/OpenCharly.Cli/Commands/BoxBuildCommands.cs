using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly box generate</c>.</summary>
internal sealed class BoxGenerateCommand : Command
{
    private readonly Argument<string[]> _names;
    private readonly Option<string?> _tag = BoxParameters.Tag();
    private readonly Option<bool> _includeDisabled = Parameters.Flag("--include-disabled", "Disabled boxes, too, if no name is given");
    private readonly Option<bool> _dryRun = Parameters.Flag("--dry-run", "Print the Containerfiles, and write nothing", "-n");

    public BoxGenerateCommand(CommandHost host) : base("generate", "Write the Containerfiles of boxes and of what they stand on")
    {
        Add(_names = BoxParameters.Names(host));
        Add(_tag);
        Add(_includeDisabled);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    public GenerateBoxesRequest Request(ParseResult parsed) => new()
    {
        Names = parsed.GetValue(_names) ?? [],
        Tag = parsed.GetValue(_tag),
        IncludeDisabled = parsed.GetValue(_includeDisabled),
        DryRun = parsed.GetValue(_dryRun),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = Request(run.Parsed);
        var boxes = await new GenerateBoxes(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false);
        run.PrintAll(boxes, all => string.Concat(all.Select(b => request.DryRun ? b.Text : b.Path + "\n")), BoxOutput.Write);
        return 0;
    }
}

/// <summary><c>charly box build</c>.</summary>
internal sealed class BoxBuildCommand : Command
{
    private readonly Argument<string[]> _names;
    private readonly Option<string?> _tag = BoxParameters.Tag();
    private readonly Option<bool> _includeDisabled = Parameters.Flag("--include-disabled", "Disabled boxes, too, if no name is given");
    private readonly Option<bool> _push = Parameters.Flag("--push", "Push each image to its registry");
    private readonly Option<string?> _platform = Parameters.Text("--platform", "OS/ARCH[,...]", "Platforms to build for (default: this machine's)");
    private readonly Option<string?> _cache = Parameters.Text("--cache", "image|registry|gha|none", "Where layers of earlier builds come from");
    private readonly Option<bool> _noCache = Parameters.Flag("--no-cache", "The same as --cache none");
    private readonly Option<int?> _jobs = Parameters.Whole("--jobs", "N", "Boxes built at once (default: defaults.jobs, else 2)");
    private readonly Option<int?> _stageJobs = Parameters.Whole("--podman-jobs", "N", "Stages of one box built at once; 0 for all");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public BoxBuildCommand(CommandHost host) : base("build", "Build the images of boxes and of what they stand on")
    {
        _cache.CompletionSources.Add("image", "registry", "gha", "none");
        Add(_names = BoxParameters.Names(host));
        foreach (var option in (Option[])[_tag, _includeDisabled, _push, _platform, _cache, _noCache, _jobs, _stageJobs, _dryRun]) Add(option);
        SetAction(host.Action(RunAsync));
    }

    public BuildBoxesRequest Request(ParseResult parsed) => new()
    {
        Names = parsed.GetValue(_names) ?? [],
        Tag = parsed.GetValue(_tag),
        IncludeDisabled = parsed.GetValue(_includeDisabled),
        Push = parsed.GetValue(_push),
        Platforms = (parsed.GetValue(_platform) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        Cache = parsed.GetValue(_noCache) ? "none" : parsed.GetValue(_cache),
        Jobs = parsed.GetValue(_jobs),
        StageJobs = parsed.GetValue(_stageJobs),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun))
        {
            var request = Request(run.Parsed);
            var planned = await new BuildBoxes(run.Context).PreviewAsync(request, cancellationToken).ConfigureAwait(false);
            return ChangePreviews.Print(run, [.. planned.Select(b => $"build {b.Reference}{(request.Push ? " and push it" : "")}")]);
        }

        var built = await new BuildBoxes(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.PrintAll(built, all => all.Count == 0 ? "" : run.Table(BoxOutput.BuiltColumns, all.Select(BoxOutput.BuiltRow)), BoxOutput.Write);
        return 0;
    }
}

/// <summary><c>charly box pull</c>.</summary>
internal sealed class BoxPullCommand : Command
{
    private readonly Argument<string> _reference = new("ref") { Description = "REGISTRY/NAME:TAG, a box of the project, or a box in a repository", HelpName = "REF" };
    private readonly Option<string?> _tag = Parameters.Text("--tag", "TAG", "Tag of a box's image (default: what the box says)");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public BoxPullCommand(CommandHost host) : base("pull", "Fetch the image of a box into local storage")
    {
        _reference.CompletionSources.Add(context => new NameCompletions(host, context).Boxes());
        Add(_reference);
        Add(_tag);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    public (string Reference, string? Tag) Request(ParseResult parsed) => (parsed.GetRequiredValue(_reference), parsed.GetValue(_tag));

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var (reference, tag) = Request(run.Parsed);
        if (run.Parsed.GetValue(_dryRun)) return ChangePreviews.Print(run, [$"pull {await new PullBox(run.Context).PreviewAsync(reference, tag, cancellationToken).ConfigureAwait(false)}"]);

        run.Print(await new PullBox(run.Context).RunAsync(reference, tag, cancellationToken).ConfigureAwait(false), BoxOutput.Image, BoxOutput.Write);
        return 0;
    }
}

/// <summary><c>charly box inspect</c>.</summary>
internal sealed class BoxInspectCommand : Command
{
    private readonly Argument<string> _name = new("box") { Description = "Box of the project; with --image also a reference to an image", HelpName = "BOX" };
    private readonly Option<bool> _image = Parameters.Flag("--image", "Look at the image in local storage instead of at the project");
    private readonly Option<string?> _field = Parameters.Text("--format", "FIELD", "Print one field bare, such as port or env; or json");

    public BoxInspectCommand(CommandHost host) : base("inspect", "Show everything of a box, as its image would say it")
    {
        _name.CompletionSources.Add(context => new NameCompletions(host, context).Boxes());
        Add(_name);
        Add(_image);
        Add(_field);
        SetAction(host.Action(RunAsync));
    }

    public (string Name, bool IsImage, string? Field) Request(ParseResult parsed) =>
        (parsed.GetRequiredValue(_name), parsed.GetValue(_image), parsed.GetValue(_field) is { } field and not ("json" or "table") ? field : null);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var (name, isImage, field) = Request(run.Parsed);
        var inspect = new InspectBox(run.Context);
        if (isImage)
        {
            var image = await inspect.ImageAsync(name, cancellationToken: cancellationToken).ConfigureAwait(false);
            (string Name, string Value)[] fields = [("image", image.Reference), ("id", image.Id), .. BoxOutput.Fields(image.Labels)];
            run.Print(field is null ? JsonText.Document(json => BoxOutput.Write(json, image)) : Bare(fields, field, name));
            return 0;
        }

        var box = (await inspect.RunAsync(name, cancellationToken).ConfigureAwait(false))[0];
        run.Print(field is null ? JsonText.Document(json => BoxOutput.Write(json, box)) : Bare([.. BoxOutput.Fields(box)], field, name));
        return 0;
    }

    private static string Bare(IReadOnlyList<(string Name, string Value)> fields, string field, string box)
    {
        var names = BoxFieldNames.All.Concat(fields.Select(f => f.Name)).Distinct().Order(StringComparer.Ordinal).ToList();
        if (!names.Contains(field)) throw new CharlyException(Errors.Usage, $"a box has no field \"{field}\"", Nearest.Suggest(field, names, $"Fields are {string.Join(", ", names)}."), target: box);
        return fields.FirstOrDefault(f => f.Name == field).Value is { Length: > 0 } value ? value + "\n" : "";
    }
}

internal static class BoxFieldNames
{
    public static IReadOnlyList<string> All { get; } =
    [
        "version", "box", "registry", "bootc", "uid", "gid", "user", "home", "port", "port_proto", "port_relay", "volume", "alias", "security", "network", "env", "env_candy",
        "path_append", "hook", "route", "init", "service", "platform.distro", "platform.format", "builder.use", "builder.provide", "candy_version", "secret", "data", "data_box",
        "env_provide", "env_require", "env_accept", "secret_require", "secret_accept", "mcp_provide", "mcp_require", "mcp_accept", "eval", "description", "shell", "status", "info",
    ];
}

internal static class BoxParameters
{
    public static Argument<string[]> Names(CommandHost host)
    {
        var names = new Argument<string[]>("boxes") { Description = "Names of boxes; all that are enabled if none is given", HelpName = "BOX", Arity = ArgumentArity.ZeroOrMore };
        names.CompletionSources.Add(context => new NameCompletions(host, context).Boxes());
        return names;
    }

    public static Option<string?> Tag() => Parameters.Text("--tag", "TAG", "Tag of the images (default: what the boxes say, else the time as YYYY.DDD.HHMM)");
}
