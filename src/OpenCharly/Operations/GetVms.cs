using System.IO.Enumeration;
using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Lists virtual machines with their live state.</summary>
public sealed class GetVms
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public GetVms(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal GetVms(VmServices services) => _services = services;

    /// <summary>Machines by name; no match for a plain name is <c>vm.not_found</c>, for a wildcard it is an empty list.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/>, <see cref="Errors.BadName"/>, <see cref="Errors.RegistryCorrupt"/>.</exception>
    public async Task<IReadOnlyList<CharlyVm>> RunAsync(VmQuery query, CancellationToken cancellationToken = default)
    {
        var handles = _services.Registry.Read().Values.OrderBy(h => VmName.Of(h).ToString(), StringComparer.Ordinal).ToArray();
        var wanted = query.Names.Count == 0 ? handles : [.. handles.Where(h => query.Names.Any(n => Matches(n, VmName.Of(h))))];
        foreach (var plain in query.Names.Where(n => !IsPattern(n)))
        {
            var name = VmName.Parse(plain);
            if (!wanted.Any(h => VmName.Of(h) == name)) throw NotFound(await _services.AbsentAsync(name, cancellationToken).ConfigureAwait(false));
        }

        var result = new List<CharlyVm>();
        foreach (var handle in wanted)
        {
            var vm = await DescribeAsync(handle, cancellationToken).ConfigureAwait(false);
            if (!query.RunningOnly || vm.Status is VmStatus.Running or VmStatus.Suspended) result.Add(vm);
        }

        return result;
    }

    private static bool IsPattern(string name) => name.AsSpan().ContainsAny('*', '?');

    private static bool Matches(string wanted, VmName name) =>
        IsPattern(wanted) ? FileSystemName.MatchesSimpleExpression(wanted, name.ToString(), ignoreCase: false) : VmName.Parse(wanted) == name;

    /// <summary>A listing only knows machines that there are; the help still tells apart what is declared.</summary>
    private static CharlyException NotFound(CharlyException absent) => new(Errors.VmNotFound, absent.Message, absent.Help, target: absent.Target);

    private async Task<CharlyVm> DescribeAsync(VmHandle handle, CancellationToken cancellationToken)
    {
        try
        {
            return await _services.DescribeAsync(handle, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.BackendMissing)
        {
            // One machine that can't be asked must not hide the others.
            _services.Notice(NoticeLevel.Warning, e.Message);
            return new CharlyVm { Name = VmName.Of(handle).ToString(), Id = handle.Name, Backend = handle.Backend, Status = VmStatus.Failed, Failure = e.Message };
        }
    }
}
