using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>Names of the machines that VMFile.kdl of the current folder defines.</summary>
public sealed class VmFileMachineCompleter : QueryCompleter
{
    private protected override Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken) =>
        Task.FromResult(new ReadVmFile(context).Run().Machines.Select(m => new Offer(m.Name, $"{m.Vcpus} processors, {m.MemoryMb} MB")));
}
