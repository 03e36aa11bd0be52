using OpenCharly.Checks;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>
/// What goes with a deployment: the children that are nested in it, and the peers that stand beside it (deploy.md §5, §6). They come up
/// after it, children first, and go down before it in the reverse order, each by the verbs that it has of its own.
/// </summary>
internal sealed class BundleFamily(CharlyContext context, Project project)
{
    /// <summary>Whether anything goes with an entry.</summary>
    public static bool Has(Deployment? entry) => entry is { Nested.Count: > 0 } or { Peers.Count: > 0 };

    /// <summary>The error of a deployment one of whose members failed.</summary>
    public static CharlyException FailureOf(string name, DeployResult member) => new(
        member.Failure!.Code == Errors.ChecksFailed ? Errors.ChecksFailed : Errors.DeployMember,
        $"{name}: {member.Name}, which goes with it, failed: {member.Failure.Message}", member.Failure.Help, member.Failure.Position, member.Name, member.Failure);

    /// <summary>Brings up what goes with a deployment that is up. A peer that fails takes the earlier ones down again.</summary>
    /// <returns>The result of the deployment itself, with those of its members.</returns>
    public async Task<DeployResult> BringUpAsync(BundleRequest request, DeployResult result, CancellationToken cancellationToken)
    {
        if (project.FindDeployment(request.Name) is not { } entry || !Has(entry)) return result;
        var members = new List<DeployResult>();
        foreach (var child in entry.Nested)
        {
            members.Add(await OneAsync(child, request, cancellationToken).ConfigureAwait(false));
            if (members[^1].Failure is not null) return Joined(result, members);
        }

        foreach (var peer in entry.Peers)
        {
            var member = await OneAsync(peer, request, cancellationToken).ConfigureAwait(false);
            members.Add(member);
            if (member.Failure is null) continue;
            foreach (var earlier in entry.Peers.TakeWhile(p => p.Key != peer.Key).Reverse()) await DownAsync(earlier, new RemoveBundleRequest { Name = earlier.Key, SshTimeout = request.SshTimeout }, cancellationToken).ConfigureAwait(false);
            return Joined(result, members);
        }

        result = Joined(result, members);
        return request.Options.Verify || entry.Options.Verify ? await VerifyAsync(context, entry, result, request.SshTimeout, cancellationToken).ConfigureAwait(false) : result;
    }

    /// <summary>Takes down what goes with a deployment: peers, then children from the last to the first. The first failure ends it.</summary>
    public async Task<IReadOnlyList<DeployResult>> TakeDownAsync(RemoveBundleRequest request, CancellationToken cancellationToken)
    {
        if (project.FindDeployment(request.Name) is not { } entry) return [];
        var members = new List<DeployResult>();
        // What is inside of a machine that goes as a whole goes with it.
        foreach (var member in entry.Peers.Reverse().Concat(entry is { Target: "vm", Life: not null } ? [] : entry.Nested.Reverse()))
        {
            members.Add(await DownAsync(member, request, cancellationToken).ConfigureAwait(false));
            if (members[^1].Failure is not null) break;
        }

        return members;
    }

    /// <summary>Takes down the peers alone, for what is made anew and brings them up again; one that does not go is an error.</summary>
    public async Task PeersDownAsync(Deployment entry, TimeSpan? sshTimeout, CancellationToken cancellationToken)
    {
        foreach (var peer in entry.Peers.Reverse())
        {
            var member = await DownAsync(peer, new RemoveBundleRequest { Name = peer.Key, SshTimeout = sshTimeout }, cancellationToken).ConfigureAwait(false);
            if (member.Failure is not null && member.Failure.Code != Errors.LedgerUnknown) throw FailureOf(entry.Key, member);
        }
    }

    private static DeployResult Joined(DeployResult result, List<DeployResult> members) => result with
    {
        Members = members,
        Changed = result.Changed || members.Exists(m => m.Changed),
        Failure = members.Find(m => m.Failure is not null) is { } failed ? FailureOf(result.Name, failed) : result.Failure,
    };

    private async Task<DeployResult> OneAsync(Deployment member, BundleRequest request, CancellationToken cancellationToken)
    {
        var own = new BundleRequest
        {
            Name = member.Key, Options = request.Options with { BuilderImage = null }, Pull = request.Pull, Force = request.Force, NoStart = request.NoStart, SshTimeout = request.SshTimeout, Apply = request.Apply,
        };
        return await CaughtAsync(member.Key, "add", token => new AddBundle(context).RunAsync(own, token), cancellationToken).ConfigureAwait(false);
    }

    // A pod that came up as a peer leaves its data only to an owner who would not mind losing it.
    private Task<DeployResult> DownAsync(Deployment member, RemoveBundleRequest request, CancellationToken cancellationToken) => CaughtAsync(
        member.Key, "del",
        token => new RemoveBundle(context).RunAsync(
            request with { Name = member.Key, Purge = member.Owner is null ? request.Purge : member is { Target: "pod", Disposable: true } }, token),
        cancellationToken);

    private static async Task<DeployResult> CaughtAsync(string name, string verb, Func<CancellationToken, Task<DeployResult>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work(cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e)
        {
            return new DeployResult { Name = name, Verb = verb, Failure = e };
        }
    }

    /// <summary>Runs the checks of a deployment that is up, and adds what came of them to its result.</summary>
    public static async Task<DeployResult> VerifyAsync(CharlyContext context, Deployment entry, DeployResult result, TimeSpan? sshTimeout, CancellationToken cancellationToken)
    {
        if (result.Failure is not null || result.Checks.Count > 0) return result;
        try
        {
            var report = await new CheckBundle(context).RunAsync(new CheckRequest { Name = entry.Key, SshTimeout = sshTimeout }, cancellationToken).ConfigureAwait(false);
            return result with { Checks = report.Results, Failure = CheckReport.Of(entry.Key, report.Results) };
        }
        catch (CharlyException e)
        {
            return result with { Failure = new CharlyException(Errors.ChecksNotRun, $"{entry.Key} was applied, but its checks could not run: {e.Message}", e.Help, e.Position, entry.Key, e) };
        }
    }
}
