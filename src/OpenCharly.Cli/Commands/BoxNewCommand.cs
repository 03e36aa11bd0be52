using System.CommandLine;
using System.Text.Json;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly box new</c>: first files of a project, a box, a candy.</summary>
internal sealed class BoxNewCommand : Command
{
    public BoxNewCommand(CommandHost host) : base("new", "Write the first file of a project, a box, a candy")
    {
        Add(new ScaffoldCommand(host, "project", "Make a project in a folder", "DIR", (run, name, dryRun, _) => Task.FromResult(new NewProject(run.Context).Run(name, dryRun))));
        Add(new ScaffoldCommand(host, "box", "Make a box in the project", "NAME", (run, name, dryRun, token) => new NewBox(run.Context).RunAsync(name, dryRun, token)));
        Add(ScaffoldCommand.Candy(host, "candy"));
    }
}

/// <summary>A command that writes one first file and prints its path.</summary>
internal sealed class ScaffoldCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Func<Invocation, string, bool, CancellationToken, Task<string>> _make;
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public ScaffoldCommand(CommandHost host, string verb, string description, string helpName, Func<Invocation, string, bool, CancellationToken, Task<string>> make)
        : base(verb, description)
    {
        _make = make;
        Add(_name = new Argument<string>("name") { Description = helpName == "DIR" ? "Folder of the new project" : "Name of what is new", HelpName = helpName });
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    /// <summary>As <c>box new candy</c> or <c>candy new</c>.</summary>
    public static ScaffoldCommand Candy(CommandHost host, string verb) => new(host, verb, "Make a candy in the project", "NAME", async (run, name, dryRun, token) => dryRun
        ? await new NewCandy(run.Context).PreviewAsync(name, token).ConfigureAwait(false)
        : Path.Combine((await new NewCandy(run.Context).RunAsync(name, token).ConfigureAwait(false)).Folder, "charly.yml"));

    public string Request(ParseResult parsed) => parsed.GetRequiredValue(_name);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var dryRun = run.Parsed.GetValue(_dryRun);
        var path = await _make(run, Request(run.Parsed), dryRun, cancellationToken).ConfigureAwait(false);
        if (dryRun) return ChangePreviews.Print(run, [$"write {path}"]);
        run.Print(path, text => text + "\n", Write);
        return 0;
    }

    private static void Write(Utf8JsonWriter json, string path)
    {
        json.WriteStartObject();
        json.WriteString("path", path);
        json.WriteEndObject();
    }
}
