using System.CommandLine;
using OpenCharly.Model;

namespace OpenCharly.Cli.Commands;

/// <summary>The gates and install options that <c>bundle add</c>, <c>plan export</c> and <c>plan apply</c> take alike.</summary>
internal sealed class GateOptions
{
    private readonly Option<bool> _withServices = Parameters.Flag("--with-services", "Write and enable units");
    private readonly Option<bool> _allowRepoChanges = Parameters.Flag("--allow-repo-changes", "Change package repositories");
    private readonly Option<bool> _allowRootTasks = Parameters.Flag("--allow-root-tasks", "Run scripts of candies as root");
    private readonly Option<bool> _yes = Parameters.Yes("Open all three gates, look for no root rights first, and do not ask");

    public GateOptions(Command command)
    {
        command.Add(_withServices);
        command.Add(_allowRepoChanges);
        command.Add(_allowRootTasks);
        command.Add(_yes);
    }

    public InstallOptions Of(ParseResult parsed) => new()
    {
        WithServices = parsed.GetValue(_withServices),
        AllowRepoChanges = parsed.GetValue(_allowRepoChanges),
        AllowRootTasks = parsed.GetValue(_allowRootTasks),
        Yes = parsed.GetValue(_yes),
    };
}
