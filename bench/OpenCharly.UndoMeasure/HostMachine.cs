using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.UndoMeasure;

/// <summary>A host behind ssh that is there already, such as the one that <c>tools/container</c> makes; its account becomes root without a password.</summary>
/// <param name="catalog">Folder of the candies.</param>
/// <param name="config">An ssh configuration that knows <paramref name="host"/>.</param>
/// <param name="host">The host's name there.</param>
internal sealed class HostMachine(string catalog, string config, string host)
    : Machine(catalog, $"deploy:\n  {Key}:\n    target: local\n    host: {host}\n    ssh_arg: [-F, {config}]\n")
{
    private const string Key = "undo";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public override string Kind => "container";

    /// <inheritdoc/>
    protected override string Bundle => Key;

    /// <summary>Warms it up.</summary>
    public static async Task<Machine> StartAsync(string catalog, string config, string host, CancellationToken cancellationToken)
    {
        var machine = new HostMachine(catalog, config, host);
        await machine.WarmUpAsync(cancellationToken).ConfigureAwait(false);
        return machine;
    }

    /// <inheritdoc/>
    public override Task<CommandResult> TryAsync(string command, CancellationToken cancellationToken) =>
        Context.Processes.RunAsync(new ProcessRequest("ssh", "-F", config, "-o", "BatchMode=yes", host, command) { Timeout = Limit }, cancellationToken);
}
