using System.CommandLine;
using OpenCharly.Foundation;

namespace OpenCharly.Cli;

/// <summary>The options that every command takes.</summary>
internal sealed class GlobalOptions
{
    public Option<string> Dir { get; } = new("--dir", "-C")
    {
        Description = "Folder of the project (default: CHARLY_PROJECT_DIR, else the current folder)",
        HelpName = "DIR",
        Recursive = true,
    };

    public Option<string> Repo { get; } = new("--repo")
    {
        Description = "Remote repository that is the project (default: CHARLY_PROJECT_REPO)",
        HelpName = "OWNER/REPO[@REF]",
        Recursive = true,
    };

    public Option<OutputFormat> Format { get; } = new("--format")
    {
        Description = "How results are printed: table or json",
        HelpName = "table|json",
        Recursive = true,
        CustomParser = result => result.Tokens[0].Value switch
        {
            "table" => OutputFormat.Table,
            "json" => OutputFormat.Json,
            "text" => OutputFormat.Text,
            "tap" => OutputFormat.Tap,
            var other => Unknown(result, other),
        },
    };

    public Option<bool> Json { get; } = new("--json") { Description = "The same as --format json", Recursive = true };

    public Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "Tell everything, with the output of steps as it comes",
        Recursive = true,
    };

    /// <summary>Where the verb runs. It is read before everything else; here it is for the help page, and for whoever writes it later.</summary>
    public Option<string> Host { get; } = new("--host") { Description = "Machine that the verb runs on, over ssh: an alias of hosts.ALIAS, or [user@]host[:port]; comes first", HelpName = "HOST" };

    public GlobalOptions() => Format.CompletionSources.Add("table", "json");

    public void AddTo(Command command)
    {
        command.Options.Add(Host);
        command.Options.Add(Dir);
        command.Options.Add(Repo);
        command.Options.Add(Format);
        command.Options.Add(Json);
        command.Options.Add(Verbose);
    }

    public OutputFormat FormatOf(ParseResult parsed) =>
        parsed.GetValue(Json) ? OutputFormat.Json
        : parsed.GetResult(Format) is { Implicit: false, Errors: var errors } && !errors.Any() ? parsed.GetValue(Format)
        : OutputFormat.Table;

    public string? ProjectFolder(ParseResult parsed, CharlyEnvironment environment)
    {
        if ((parsed.GetValue(Dir) ?? environment.Variable("CHARLY_PROJECT_DIR")) is not { } folder) return null;
        var path = environment.Resolve(folder);
        return Directory.Exists(path)
            ? path
            : throw new CharlyException(Errors.CfgNoProject, $"there is no folder {path}", "Name an existing folder with --dir.");
    }

    /// <summary>The remote repository that is the project; null if it is a folder of this machine.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.CfgDirAndRepo"/> if a folder was named, too.</exception>
    public string? ProjectRepository(ParseResult parsed, CharlyEnvironment environment)
    {
        var repository = parsed.GetValue(Repo);
        if (repository is not null && parsed.GetValue(Dir) is not null) throw new CharlyException(Errors.CfgDirAndRepo, "--dir and --repo exclude each other", "Give one of them.");
        if (repository is not null) return repository;
        return parsed.GetValue(Dir) is null && environment.Variable("CHARLY_PROJECT_DIR") is null ? environment.Variable("CHARLY_PROJECT_REPO") : null;
    }

    /// <summary>The error of a format that the command does not offer; null if it does.</summary>
    public CharlyException? RefuseFormat(ParseResult parsed)
    {
        var format = FormatOf(parsed);
        if (format is OutputFormat.Table or OutputFormat.Json || (parsed.CommandResult.Command as IOffersFormats)?.Formats.Contains(format) == true) return null;
        return new CharlyException(Errors.Usage, $"{UsageError.PathOf(parsed.CommandResult)} does not print {format.ToString().ToLowerInvariant()}", "Use --format table or --format json.");
    }

    private static OutputFormat Unknown(System.CommandLine.Parsing.ArgumentResult result, string value)
    {
        result.AddError($"\"{value}\" is no format; the formats are table and json.");
        return OutputFormat.Table;
    }
}
