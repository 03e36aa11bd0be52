using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly box list</c>: what the project defines, one a line.</summary>
internal sealed class BoxListCommand : Command
{
    public BoxListCommand(CommandHost host) : base("list", "List what the project defines")
    {
        Add(new CandyListCommand(host, "candies"));
        Add(new BoxListBoxesCommand(host));
        Add(Items(host, "targets", "List the boxes in the order in which they are built", (list, token) => list.TargetsAsync(token), BoxOutput.Target));
        Add(Items(host, "services", "List the services of the candies", (list, token) => list.ServicesAsync(token), BoxOutput.Line));
        Add(Items(host, "routes", "List the HTTP routes of the candies", (list, token) => list.RoutesAsync(token), BoxOutput.Route));
        Add(Items(host, "volumes", "List the volumes of the candies", (list, token) => list.VolumesAsync(token), BoxOutput.Line));
        Add(Items(host, "aliases", "List the command aliases of the candies", (list, token) => list.AliasesAsync(token), BoxOutput.Line));
        Add(Items(host, "tags", "List the distribution tags of the boxes", (list, token) => list.TagsAsync(token), BoxOutput.Line));
    }

    private static Command Items(CommandHost host, string name, string description, Func<ListBoxes, CancellationToken, Task<IReadOnlyList<BoxListItem>>> ask, Func<BoxListItem, string> line)
    {
        var command = new Command(name, description);
        command.SetAction(host.Action(async (run, cancellationToken) =>
        {
            run.PrintAll(await ask(new ListBoxes(run.Context), cancellationToken).ConfigureAwait(false), all => string.Concat(all.Select(line)), BoxOutput.Write);
            return 0;
        }));
        return command;
    }
}

/// <summary><c>charly box list candies</c> and <c>charly candy list</c>.</summary>
internal sealed class CandyListCommand : Command
{
    public CandyListCommand(CommandHost host, string name) : base(name, "List the candies of the project") => SetAction(host.Action(RunAsync));

    private static async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var candies = await new GetCandies(run.Context).RunAsync(cancellationToken).ConfigureAwait(false);
        run.PrintAll(candies, all => string.Concat(all.Select(c => EntityText.Line(c.Name, c.Status))), EntityJson.Write);
        return 0;
    }
}

/// <summary><c>charly box list boxes</c>.</summary>
internal sealed class BoxListBoxesCommand : Command
{
    public BoxListBoxesCommand(CommandHost host) : base("boxes", "List the boxes of the project") => SetAction(host.Action(RunAsync));

    private static async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var boxes = await new GetBoxes(run.Context).RunAsync(cancellationToken).ConfigureAwait(false);
        run.PrintAll(boxes, all => string.Concat(all.Select(b => EntityText.Line(b.Name, b.Enabled ? "working" : "disabled"))), EntityJson.Write);
        return 0;
    }
}
