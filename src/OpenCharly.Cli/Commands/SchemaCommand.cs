using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly schema</c>.</summary>
internal static class SchemaCommand
{
    public static void Fill(CommandGroup group, CommandHost host) => group.SetAction(host.Action((run, _) =>
    {
        run.Print(GetSchema.Read());
        return Task.FromResult(0);
    }));
}
