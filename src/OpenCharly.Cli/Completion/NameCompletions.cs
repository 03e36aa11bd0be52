using System.CommandLine.Completions;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Completion;

/// <summary>
/// Names of things that exist, asked from the same operations as the commands that list them. Completion has no
/// place to tell an error: what can't be read, or takes too long, completes to nothing.
/// </summary>
internal sealed class NameCompletions(CommandHost host, CompletionContext completion)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public IEnumerable<CompletionItem> Vms() => Items(VmNamesAsync);

    /// <summary>Machines as the beginning of a path in one of them.</summary>
    public IEnumerable<CompletionItem> VmPaths() => Items(async (context, token) => (await VmNamesAsync(context, token).ConfigureAwait(false)).Select(name => name + ":"));

    public IEnumerable<CompletionItem> Bundles() => Items(async (context, token) =>
    {
        var bundles = await new GetBundles(context).RunAsync(new BundleQuery { Probe = false, AllTargets = true }, token).ConfigureAwait(false);
        var vms = await VmNamesAsync(context, token).ConfigureAwait(false);
        return bundles.Select(b => b.Name).Concat(vms.Select(name => "vm:" + name)).Append("host");
    });

    /// <summary>Pods, running or not.</summary>
    public IEnumerable<CompletionItem> Pods() => Items(async (context, token) =>
    {
        var pods = await new GetPods(context).RunAsync(new PodQuery { Probe = false }, token).ConfigureAwait(false);
        return pods.Select(pod => pod.Name);
    });

    public IEnumerable<CompletionItem> Candies() => Items(async (context, token) =>
    {
        var candies = await new GetCandies(context).RunAsync(token).ConfigureAwait(false);
        return candies.Select(candy => candy.Name);
    });

    /// <summary>Beds of the project.</summary>
    public IEnumerable<CompletionItem> Beds() => Items(async (context, token) => await new RunBed(context).NamesAsync(token).ConfigureAwait(false));

    /// <summary>Boxes of the project.</summary>
    public IEnumerable<CompletionItem> Boxes() => Items(async (context, token) =>
    {
        var boxes = await new GetBoxes(context).RunAsync(token).ConfigureAwait(false);
        return boxes.Select(box => box.Name);
    });


    /// <summary>Scripts that run a command in a box.</summary>
    public IEnumerable<CompletionItem> Aliases() => Items((context, _) => Task.FromResult(new BoxAliases(context).List().Select(alias => alias.Name)));

    /// <summary>Machines that the project describes, made or not.</summary>
    public IEnumerable<CompletionItem> VmEntities() => Items(async (context, token) =>
    {
        var entities = await new GetVmSpecs(context).RunAsync(token).ConfigureAwait(false);
        return entities.Select(entity => entity.Name);
    });

    /// <summary>Snapshots of a machine.</summary>
    public IEnumerable<CompletionItem> Snapshots(string vm) => Items(async (context, token) =>
    {
        var snapshots = await new GetVmSnapshots(context).RunAsync(vm, token).ConfigureAwait(false);
        return snapshots.Select(snapshot => snapshot.Name);
    });

    /// <summary>Domains of this user's libvirt session.</summary>
    public IEnumerable<CompletionItem> Domains() => Items(async (context, token) =>
    {
        var domains = await new ImportVm(context).ListAsync(token).ConfigureAwait(false);
        return domains.Select(domain => domain.Domain);
    });

    /// <summary>Machines that a VMFile defines.</summary>
    public IEnumerable<CompletionItem> VmFileMachines(string? file) => Items((context, _) =>
        Task.FromResult(new ReadVmFile(context).Run(file).Machines.Select(machine => machine.Name)));

    /// <summary>Cluster profiles.</summary>
    public IEnumerable<CompletionItem> Clusters() => Items(async (context, token) => await new GetClusters(context).RunAsync(token).ConfigureAwait(false));

    /// <summary>Claimants that have a lease.</summary>
    public IEnumerable<CompletionItem> Claimants() => Items(async (context, token) => (await new GetLeases(context).RunAsync(token).ConfigureAwait(false)).Select(l => l.Name));

    /// <summary>Images in the cache.</summary>
    public IEnumerable<CompletionItem> Images() => Items((context, _) => Task.FromResult<IEnumerable<string>>(new GetImages(context).Names()));

    /// <summary>Images in this machine's podman.</summary>
    public IEnumerable<CompletionItem> LocalImages() => Items(async (context, token) => await new GetLocalImages(context).RunAsync(token).ConfigureAwait(false));

    /// <summary>Templates on this machine.</summary>
    public IEnumerable<CompletionItem> Templates() => Items((context, _) => Task.FromResult<IEnumerable<string>>(new GetTemplates(context).Names()));

    /// <summary>Services that keep a secret.</summary>
    public IEnumerable<CompletionItem> SecretServices() => Items((context, _) =>
        Task.FromResult(new GetSecrets(context).List().Select(n => n.Service).Append("charly/secret")));

    /// <summary>Secrets of a service.</summary>
    public IEnumerable<CompletionItem> SecretItems(string service) => Items((context, _) =>
        Task.FromResult(new GetSecrets(context).List().Where(n => n.Service == service).Select(n => n.Item)));

    private static async Task<IEnumerable<string>> VmNamesAsync(CharlyContext context, CancellationToken cancellationToken)
    {
        var vms = await new GetVms(context).RunAsync(new VmQuery(), cancellationToken).ConfigureAwait(false);
        return vms.Select(vm => vm.Name);
    }

    private IEnumerable<CompletionItem> Items(Func<CharlyContext, CancellationToken, Task<IEnumerable<string>>> ask)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            var folder = host.Global.ProjectFolder(completion.ParseResult, host.Environment);
            var context = new CharlyContext(host.Environment, null, host.Processes, folder);
            // The parser asks synchronously.
            var names = Task.Run(() => ask(context, limit.Token), limit.Token).GetAwaiter().GetResult();
            return [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(name => new CompletionItem(name))];
        }
        catch (Exception e) when (e is CharlyException or OperationCanceledException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
