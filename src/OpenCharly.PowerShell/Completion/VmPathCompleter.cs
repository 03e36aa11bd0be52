using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>Paths that may lie in a guest: names of virtual machines with the colon that follows them, and files here.</summary>
public sealed class VmPathCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        [
            .. new Machines().CompleteArgument(commandName, parameterName, wordToComplete, commandAst, fakeBoundParameters),
            .. CompletionCompleters.CompleteFilename(wordToComplete),
        ];

    private sealed class Machines : QueryCompleter
    {
        private protected override async Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken)
        {
            var machines = await new GetVms(context).RunAsync(new VmQuery(), cancellationToken).ConfigureAwait(false);
            return machines.Select(vm => new Offer(vm.Name + ":", $"{vm.Status}, {vm.Backend}"));
        }
    }
}
