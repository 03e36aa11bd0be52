using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary>A command that edits the file of a candy or a box and prints its path, or with <c>--dry-run</c> what it would hold.</summary>
internal abstract class EntityEditCommand : Command
{
    private readonly Option<bool> _dryRun = Parameters.Flag("--dry-run", "Print what the file would hold, and change nothing");
    private readonly Argument<string> _name;

    protected EntityEditCommand(CommandHost host, string kind, string verb, string description) : base(verb, description)
    {
        Add(_name = new Argument<string>("name") { Description = $"Name of the {kind}", HelpName = "NAME" });
        if (kind == "candy") _name.CompletionSources.Add(context => new NameCompletions(host, context).Candies());
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    /// <summary>Makes the edit.</summary>
    protected abstract Task<EntityEdit> EditAsync(Invocation run, string name, bool dryRun, CancellationToken cancellationToken);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var dryRun = run.Parsed.GetValue(_dryRun);
        var edit = await EditAsync(run, run.Parsed.GetRequiredValue(_name), dryRun, cancellationToken).ConfigureAwait(false);
        run.Print(edit, e => dryRun ? e.Text : $"{e.File}{(e.IsChanged ? "" : " unchanged")}\n", (json, e) =>
        {
            json.WriteStartObject();
            json.WriteString("path", e.File);
            json.WriteBoolean("changed", e.IsChanged && !dryRun);
            if (dryRun) json.WriteString("text", e.Text);
            json.WriteEndObject();
        });
        return 0;
    }
}

/// <summary><c>candy set</c> and <c>box set</c>.</summary>
internal sealed class SetFieldCommand : EntityEditCommand
{
    private readonly string _kind;
    private readonly Argument<string> _field = new("field") { Description = "Keys joined with dots, such as description.feature", HelpName = "FIELD" };
    private readonly Argument<string> _value = new("value") { Description = "The value as YAML; \"\" removes the field", HelpName = "VALUE" };

    public SetFieldCommand(CommandHost host, string kind) : base(host, kind, "set", $"Set one field of a {kind}")
    {
        _kind = kind;
        Add(_field);
        Add(_value);
    }

    protected override Task<EntityEdit> EditAsync(Invocation run, string name, bool dryRun, CancellationToken cancellationToken) =>
        new SetField(run.Context).RunAsync(_kind, name, run.Parsed.GetRequiredValue(_field), run.Parsed.GetRequiredValue(_value), dryRun, cancellationToken);
}

/// <summary>A command that takes a list of names: packages for a candy, candies for a box.</summary>
internal sealed class ListEditCommand : EntityEditCommand
{
    private readonly Func<Invocation, string, string[], bool, CancellationToken, Task<EntityEdit>> _edit;
    private readonly Argument<string[]> _items;

    private ListEditCommand(
        CommandHost host, string kind, string verb, string description, string what, Func<Invocation, string, string[], bool, CancellationToken, Task<EntityEdit>> edit)
        : base(host, kind, verb, description)
    {
        _edit = edit;
        Add(_items = new Argument<string[]>("items") { Description = what, HelpName = "ITEM", Arity = ArgumentArity.OneOrMore });
        if (kind == "box") _items.CompletionSources.Add(context => new NameCompletions(host, context).Candies());
    }

    /// <summary><c>candy add-rpm</c>, <c>add-deb</c>, <c>add-pac</c>, <c>add-aur</c>.</summary>
    public static ListEditCommand Packages(CommandHost host, string format) => new(
        host, "candy", "add-" + format, $"Add {format} packages to a candy", "Packages",
        (run, name, items, dryRun, token) => new AddPackages(run.Context).RunAsync(name, format, items, dryRun, token));

    /// <summary><c>box add-candy</c>.</summary>
    public static ListEditCommand AddCandy(CommandHost host) => new(
        host, "box", "add-candy", "Add candies to a box", "Candies", (run, name, items, dryRun, token) => new EditBoxCandies(run.Context).AddAsync(name, items, dryRun, token));

    /// <summary><c>box rm-candy</c>.</summary>
    public static ListEditCommand RemoveCandy(CommandHost host) => new(
        host, "box", "rm-candy", "Take candies out of a box", "Candies", (run, name, items, dryRun, token) => new EditBoxCandies(run.Context).RemoveAsync(name, items, dryRun, token));

    protected override Task<EntityEdit> EditAsync(Invocation run, string name, bool dryRun, CancellationToken cancellationToken) =>
        _edit(run, name, run.Parsed.GetRequiredValue(_items), dryRun, cancellationToken);
}

/// <summary><c>candy add-scenario</c>.</summary>
internal sealed class AddScenarioCommand : EntityEditCommand
{
    private readonly Argument<string> _scenario = new("scenario") { Description = "Name of the scenario", HelpName = "SCENARIO" };
    private readonly Argument<string[]> _then = new("then") { Description = "What must be so, in words", HelpName = "THEN", Arity = ArgumentArity.OneOrMore };

    public AddScenarioCommand(CommandHost host) : base(host, "candy", "add-scenario", "Add a scenario to a candy")
    {
        Add(_scenario);
        Add(_then);
    }

    protected override Task<EntityEdit> EditAsync(Invocation run, string name, bool dryRun, CancellationToken cancellationToken) =>
        new AddScenario(run.Context).RunAsync(name, run.Parsed.GetRequiredValue(_scenario), run.Parsed.GetRequiredValue(_then), dryRun, cancellationToken);
}

/// <summary><c>box write</c>: the file of a box, from standard input.</summary>
internal sealed class BoxWriteCommand(CommandHost host) : EntityEditCommand(host, "box", "write", "Replace the file of a box by standard input")
{
    protected override async Task<EntityEdit> EditAsync(Invocation run, string name, bool dryRun, CancellationToken cancellationToken)
    {
        var text = await Task.Run(run.Terminal.In.ReadToEnd, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        return await new BoxFile(run.Context).WriteAsync(name, text, dryRun, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary><c>box cat</c>.</summary>
internal sealed class BoxCatCommand : Command
{
    private readonly Argument<string> _name = new("name") { Description = "Name of the box", HelpName = "NAME" };

    public BoxCatCommand(CommandHost host) : base("cat", "Print the file of a box")
    {
        Add(_name);
        SetAction(host.Action(async (run, token) =>
        {
            run.Print(await new BoxFile(run.Context).ReadAsync(run.Parsed.GetRequiredValue(_name), token).ConfigureAwait(false));
            return 0;
        }));
    }
}
