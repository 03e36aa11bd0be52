using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Yaml;
using static OpenCharly.Yaml.Nodes;

namespace OpenCharly.Arbitration;

/// <summary>The file of leases (deploy.md §10.5): written beside and renamed, under a lock that lasts as long as somebody works on it.</summary>
/// <param name="paths">Where it is.</param>
public sealed class LeaseLedger(HostPaths paths)
{
    /// <summary>Takes the lock; whoever stops and starts deployments holds it until they are done.</summary>
    public Task<FileLock> LockAsync(Action<string>? waiting, CancellationToken cancellationToken) => FileLock.AcquireAsync(paths.Leases + ".lock", waiting, cancellationToken);

    /// <summary>All leases; none if there is no file.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.LeaseLedger"/> for a file that can't be read.</exception>
    public IReadOnlyList<Lease> Read()
    {
        if (!File.Exists(paths.Leases)) return [];
        var problems = new List<Problem>();
        IReadOnlyList<YamlNode> documents;
        try
        {
            documents = YamlReader.ReadFile(paths.Leases);
        }
        catch (CharlyException e)
        {
            throw Unreadable(e.Message, e.Position);
        }

        if (documents.Count == 0) return [];
        if (documents is not [YamlMapping root]) throw Unreadable($"it holds {documents[0].Description}", documents[0].Position);
        var leases = new YamlBinder(root, "leases", problems).Items("leases").Select(node => ReadLease(node, problems)).ToArray();
        return problems is [{ } first, ..] ? throw Unreadable(first.Message, first.Position) : leases;
    }

    /// <summary>Writes all leases; with none, the file goes. The caller holds the lock.</summary>
    public void Write(IReadOnlyList<Lease> leases)
    {
        if (leases.Count > 0) AtomicFile.Write(paths.Leases, BlockYaml.Write(Map(("leases", List(leases.Select(Render))))), AtomicFile.Private);
        else File.Delete(paths.Leases);
    }

    private static YamlMapping Render(Lease lease) => Map(
        ("claimant", Text(lease.Claimant)),
        ("claim", Render(lease.Claim)),
        ("tokens", Texts(lease.Tokens)),
        ("transient", Flag(lease.Transient)),
        ("preempted", List(lease.Preempted.Select(h => Map(
            ("addr", Render(h.Address)), ("holds", Texts(h.Holds)), ("restore", Text(h.RestoreAlways ? "always" : "on-success")))))),
        ("owner_pid", Number(lease.OwnerPid)),
        ("owner_start", Number(lease.OwnerStart)),
        ("created", Text(lease.Created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))));

    private static YamlMapping Render(DeployAddress address) => Map(
        ("name", Text(address.Name)), ("target", Text(address.Target)), ("base", Text(address.Base)), ("instance", Text(address.Instance)), ("vm", Text(address.Vm)));

    private static Lease ReadLease(YamlNode node, List<Problem> problems)
    {
        var lease = Binder(node, problems);
        return new Lease
        {
            Claimant = lease.Text("claimant") ?? Missing(lease, "claimant"),
            Claim = ReadAddress(lease, "claim"),
            Tokens = lease.TextList("tokens"),
            Transient = lease.Boolean("transient") ?? false,
            Preempted = [.. lease.Items("preempted").Select(item => ReadHolder(Binder(item, problems)))],
            OwnerPid = lease.Integer("owner_pid") ?? 0,
            OwnerStart = long.TryParse(lease.Text("owner_start"), NumberStyles.None, CultureInfo.InvariantCulture, out var start) ? start : 0,
            Created = DateTimeOffset.TryParse(lease.Text("created"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created) ? created : DateTimeOffset.UnixEpoch,
        };
    }

    private static Holder ReadHolder(YamlBinder holder) => new(ReadAddress(holder, "addr"), holder.TextList("holds"), holder.Text("restore") != "on-success");

    private static DeployAddress ReadAddress(YamlBinder parent, string key)
    {
        var address = new YamlBinder(parent.Map(key) ?? new YamlMapping([], parent.Mapping.Position), $"{parent.What} {key}", parent.Problems);
        return new DeployAddress
        {
            Name = address.Text("name") ?? Missing(address, "name"),
            Target = address.Text("target") ?? Missing(address, "target"),
            Base = address.Text("base") ?? "",
            Instance = address.Text("instance") ?? "",
            Vm = address.Text("vm") ?? "",
        };
    }

    private static YamlBinder Binder(YamlNode node, List<Problem> problems)
    {
        if (node is YamlMapping map) return new YamlBinder(map, "lease", problems);
        problems.Add(new Problem(Errors.LeaseLedger, $"a lease must be a mapping, not {node.Description}", "", node.Position));
        return new YamlBinder(new YamlMapping([], node.Position), "lease", problems);
    }

    private static string Missing(YamlBinder binder, string key)
    {
        binder.Report(Errors.LeaseLedger, $"\"{key}\" is missing", "", binder.Mapping.Position);
        return "";
    }

    // Nobody who is on the list may be forgotten, so a list that can't be read is not replaced.
    private CharlyException Unreadable(string why, SourcePosition? position) => new(
        Errors.LeaseLedger,
        $"the ledger of leases can't be read: {why}",
        $"Start what it lists by hand, then delete {paths.Leases}. Nothing was changed.",
        position,
        paths.Leases);
}
