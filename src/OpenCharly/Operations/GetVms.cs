using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Lists virtual machines with their live state.</summary>
public sealed class GetVms
{
    private const int AtOnce = 8;

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
        var all = _services.Registry.Read();
        var handles = all.Values.OrderBy(h => VmName.Of(h).ToString(), StringComparer.Ordinal).ThenBy(h => VmName.Of(h).IsVmFile).ToArray();
        var names = new List<(string Text, VmName? Name)>();
        foreach (var text in query.Names) names.Add((text, NamePattern.IsPattern(text) ? null : await _services.ResolveAsync(text, cancellationToken).ConfigureAwait(false)));
        var wanted = names.Count == 0 ? handles : [.. handles.Where(h => names.Any(n => n.Name is null ? IsLike(n.Text, VmName.Of(h)) : n.Name == VmName.Of(h)))];
        foreach (var name in names.Select(n => n.Name).OfType<VmName>())
        {
            if (!wanted.Any(h => VmName.Of(h) == name)) throw NotFound(await _services.AbsentAsync(name, cancellationToken).ConfigureAwait(false));
        }

        // One that is slow to answer must not make the others wait, and the per-host file is read once for all.
        var states = _services.States.ReadAll();
        var deadlines = wanted.Any(h => VmName.Of(h).IsEphemeral) ? _services.Deadlines() : new Dictionary<string, DateTimeOffset>();
        var lives = await AskAtOnceAsync(wanted, cancellationToken).ConfigureAwait(false);
        var found = new CharlyVm[wanted.Length];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, wanted.Length),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (i, stop) => found[i] = await DescribeAsync(wanted[i], states, lives, stop).ConfigureAwait(false)).ConfigureAwait(false);
        var result = new List<CharlyVm>();
        foreach (var (handle, described) in wanted.Zip(found))
        {
            var vm = described with { Deadline = deadlines.TryGetValue(handle.Name, out var deadline) ? deadline : null };

            // Where both worlds have the name, the plain one means charly's machine.
            if (vm.IsVmFile && all.ContainsKey(new VmName(vm.Name).Id)) vm = vm with { Name = VmName.Of(handle).Key };
            if (!query.RunningOnly || vm.IsVmFile || vm.Status is VmStatus.Running or VmStatus.Suspended) result.Add(vm);
        }

        return result;
    }

    private static bool IsLike(string pattern, VmName name) => NamePattern.Matches(pattern, name.ToString());

    /// <summary>A listing only knows machines that there are; the help still tells apart what is declared.</summary>
    private static CharlyException NotFound(CharlyException absent) => new(Errors.VmNotFound, absent.Message, absent.Help, target: absent.Target);

    /// <summary>Asks each backend once for all of its machines, where it has a way to; the others are asked one by one.</summary>
    private async Task<Dictionary<string, Answer>> AskAtOnceAsync(VmHandle[] wanted, CancellationToken cancellationToken)
    {
        var answers = new Dictionary<string, Answer>(StringComparer.Ordinal);
        foreach (var group in wanted.GroupBy(h => h.Backend).Where(g => g.Count() > 1))
        {
            VmHandle[] handles = [.. group];
            try
            {
                if (await _services.Router.For(handles[0]).StatesAsync(handles, cancellationToken).ConfigureAwait(false) is not { } lives) continue;
                foreach (var handle in handles) answers[handle.Name] = new Answer(lives[handle.Name], null);
            }
            catch (CharlyException e) when (e.Code.Kind is ErrorKind.Failed or ErrorKind.Unreachable)
            {
                _services.Notice(NoticeLevel.Warning, e.Message);
                foreach (var handle in handles) answers[handle.Name] = new Answer(null, e.Message);
            }
        }

        return answers;
    }

    private async Task<CharlyVm> DescribeAsync(
        VmHandle handle, IReadOnlyDictionary<string, VmDeployState> states, IReadOnlyDictionary<string, Answer> answers, CancellationToken cancellationToken)
    {
        var answer = answers.GetValueOrDefault(handle.Name);
        if (answer?.Failure is { } failure) return Unknown(failure);
        try
        {
            var state = VmName.Of(handle).IsVmFile ? null : states.GetValueOrDefault(VmName.Of(handle).Key);
            return await _services.DescribeAsync(handle, state, answer?.Live, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code.Kind is ErrorKind.Failed or ErrorKind.Unreachable)
        {
            // One machine that can't be asked must not hide the others.
            _services.Notice(NoticeLevel.Warning, e.Message);
            return Unknown(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Such as files that another account left in its folder.
            _services.Notice(NoticeLevel.Warning, $"{VmName.Of(handle)}: {e.Message}");
            return Unknown(e.Message);
        }

        CharlyVm Unknown(string why) => new()
        {
            Name = VmName.Of(handle).ToString(), Id = handle.Name, IsVmFile = VmName.Of(handle).IsVmFile, Backend = handle.Backend, Status = VmStatus.Failed, Failure = why,
        };
    }

    /// <summary>What a backend said of a machine when it was asked for all of them: its state, or why it can't say.</summary>
    private sealed record Answer(VmLive? Live, string? Failure);
}
