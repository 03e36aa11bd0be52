using System.CommandLine;
using System.Text.Json;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly alias</c>: commands of boxes that are called like any other.</summary>
internal static class AliasCommands
{
    public static void Fill(Command group, CommandHost host)
    {
        group.Add(Add(host));
        group.Add(Remove(host));
        group.Add(List(host));
        group.Add(Install(host));
        group.Add(Uninstall(host));
    }

    private static Command Add(CommandHost host)
    {
        var name = new Argument<string>("name") { Description = "Name of the alias", HelpName = "NAME" };
        var box = new Argument<string>("box") { Description = "The box that the command runs in", HelpName = "BOX" };
        var text = new Argument<string?>("command") { Description = "The shell command; the name if left out", HelpName = "COMMAND", Arity = ArgumentArity.ZeroOrOne };
        box.CompletionSources.Add(context => new NameCompletions(host, context).Boxes());
        var (dest, dryRun) = (Dest(), Parameters.DryRun());
        var command = new Command("add", "Write a script that runs a command in a box") { name, box, text, dest, dryRun };
        command.SetAction(host.Action((run, _) =>
        {
            var isDry = run.Parsed.GetValue(dryRun);
            var alias = new BoxAliases(run.Context, run.Parsed.GetValue(dest)).Add(run.Parsed.GetRequiredValue(name), run.Parsed.GetRequiredValue(box), run.Parsed.GetValue(text), isDry);
            run.Print(alias, a => isDry ? $"would write {a.Path}\n" : $"{a.Path}\n", Write);
            return Task.FromResult(0);
        }));
        return command;
    }

    private static Command Remove(CommandHost host)
    {
        var name = new Argument<string>("name") { Description = "Name of the alias", HelpName = "NAME" };
        name.CompletionSources.Add(context => new NameCompletions(host, context).Aliases());
        var (dest, dryRun) = (Dest(), Parameters.DryRun());
        var command = new Command("remove", "Delete such a script") { name, dest, dryRun };
        command.SetAction(host.Action((run, _) =>
        {
            var isDry = run.Parsed.GetValue(dryRun);
            var alias = new BoxAliases(run.Context, run.Parsed.GetValue(dest)).Remove(run.Parsed.GetRequiredValue(name), isDry);
            run.Print(alias, a => isDry ? $"would delete {a.Path}\n" : $"{a.Path} deleted\n", Write);
            return Task.FromResult(0);
        }));
        return command;
    }

    private static Command List(CommandHost host)
    {
        var dest = Dest();
        var command = new Command("list", "List these scripts") { dest };
        command.SetAction(host.Action((run, _) =>
        {
            var aliases = new BoxAliases(run.Context, run.Parsed.GetValue(dest)).List();
            run.PrintAll(aliases, all => run.Table([new("NAME"), new("BOX"), new("COMMAND", Wraps: true)], all.Select(a => (IReadOnlyList<string>)[a.Name, a.Box, a.Command ?? "-"])), Write);
            return Task.FromResult(0);
        }));
        return command;
    }

    private static Command Install(CommandHost host)
    {
        var box = new Argument<string>("box") { Description = "A box whose image is in local storage", HelpName = "BOX" };
        box.CompletionSources.Add(context => new NameCompletions(host, context).Boxes());
        var (dest, dryRun) = (Dest(), Parameters.DryRun());
        var command = new Command("install", "Write the scripts that the image of a box offers") { box, dest, dryRun };
        command.SetAction(host.Action(async (run, cancellationToken) =>
        {
            var isDry = run.Parsed.GetValue(dryRun);
            var aliases = await new BoxAliases(run.Context, run.Parsed.GetValue(dest)).InstallAsync(run.Parsed.GetRequiredValue(box), isDry, cancellationToken).ConfigureAwait(false);
            run.PrintAll(aliases, all => string.Concat(all.Select(a => isDry ? $"would write {a.Path}\n" : $"{a.Path}\n")), Write);
            return 0;
        }));
        return command;
    }

    private static Command Uninstall(CommandHost host)
    {
        var box = new Argument<string>("box") { Description = "The box that the scripts are of", HelpName = "BOX" };
        box.CompletionSources.Add(context => new NameCompletions(host, context).Boxes());
        var (dest, dryRun) = (Dest(), Parameters.DryRun());
        var command = new Command("uninstall", "Delete all scripts of a box") { box, dest, dryRun };
        command.SetAction(host.Action((run, _) =>
        {
            var isDry = run.Parsed.GetValue(dryRun);
            var aliases = new BoxAliases(run.Context, run.Parsed.GetValue(dest)).Uninstall(run.Parsed.GetRequiredValue(box), isDry);
            run.PrintAll(aliases, all => string.Concat(all.Select(a => isDry ? $"would delete {a.Path}\n" : $"{a.Path} deleted\n")), Write);
            return Task.FromResult(0);
        }));
        return command;
    }

    private static Option<string?> Dest() => Parameters.Text("--dest", "DIR", "Folder of the scripts; ~/.local/bin if left out");

    private static void Write(Utf8JsonWriter json, BoxAlias alias)
    {
        json.WriteStartObject();
        json.WriteString("name", alias.Name);
        json.WriteString("box", alias.Box);
        json.Text("command", alias.Command);
        json.WriteString("path", alias.Path);
        json.WriteEndObject();
    }
}
