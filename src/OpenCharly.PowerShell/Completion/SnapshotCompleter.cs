using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>Names of the snapshots of the machine that is named on the same line.</summary>
public sealed class SnapshotCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        (fakeBoundParameters["Vm"] ?? fakeBoundParameters["Name"]) is { } vm ? new OfMachine($"{vm}").CompleteArgument(commandName, parameterName, wordToComplete, commandAst, fakeBoundParameters) : [];

    private sealed class OfMachine(string vm) : QueryCompleter
    {
        private protected override async Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken)
        {
            var snapshots = await new GetVmSnapshots(context).RunAsync(vm, cancellationToken).ConfigureAwait(false);
            return snapshots.Select(s => new Offer(s.Name, s.Description ?? $"{s.Mode}, {s.Created:u}"));
        }
    }
}
