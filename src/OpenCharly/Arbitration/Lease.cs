namespace OpenCharly.Arbitration;

/// <summary>Which deployment is meant, in the words that start and stop it (deploy.md §10.5).</summary>
public sealed record DeployAddress
{
    /// <summary>Deploy key.</summary>
    public required string Name { get; init; }

    /// <summary><c>vm</c> or <c>pod</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Key of a pod without its instance; empty for machines.</summary>
    public string Base { get; init; } = "";

    /// <summary>Instance; empty for none.</summary>
    public string Instance { get; init; } = "";

    /// <summary>Vm entity; empty for pods.</summary>
    public string Vm { get; init; } = "";

    /// <summary>Whether both are started and stopped as one: the same machine, or the same pod.</summary>
    public bool IsSame(DeployAddress other) => Target == other.Target && (Target == "vm" ? (Vm, Instance) == (other.Vm, other.Instance) : Name == other.Name);
}

/// <summary>A deployment that is stopped for a claimant.</summary>
/// <param name="Address">Which.</param>
/// <param name="Holds">What it holds.</param>
/// <param name="RestoreAlways">Whether it starts again whatever became of the claimant; else only after it succeeded.</param>
public sealed record Holder(DeployAddress Address, IReadOnlyList<string> Holds, bool RestoreAlways = true);

/// <summary>Somebody's sole use of resources, and whom that had to be taken from.</summary>
public sealed record Lease
{
    /// <summary>Deploy key of the claimant.</summary>
    public required string Claimant { get; init; }

    /// <summary>Which deployment it is.</summary>
    public required DeployAddress Claim { get; init; }

    /// <summary>The resources.</summary>
    public IReadOnlyList<string> Tokens { get; init; } = [];

    /// <summary>Whether it ends with the run that took it, and not with the claimant.</summary>
    public bool Transient { get; init; }

    /// <summary>Who must be started again, in the order in which they are stopped. On the list before they are.</summary>
    public IReadOnlyList<Holder> Preempted { get; init; } = [];

    /// <summary>Process that took it, so that a claimant still being made does not pass for one that is gone.</summary>
    public int OwnerPid { get; init; }

    /// <summary>When that process started, in the kernel's ticks since boot: its number may be another's by now. 0 if that is not known.</summary>
    public long OwnerStart { get; init; }

    /// <summary>When it was taken.</summary>
    public DateTimeOffset Created { get; init; }
}

/// <summary>A lease as it stands now.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="IsStranded">Whether its claimant is gone, so that nobody will end it.</param>
public sealed record LeaseStatus(Lease Lease, bool IsStranded)
{
    /// <summary>Deploy key of the claimant.</summary>
    public string Name => Lease.Claimant;

    /// <summary>The resources.</summary>
    public IReadOnlyList<string> Tokens => Lease.Tokens;

    /// <summary>Keys of the deployments that were stopped for it.</summary>
    public IReadOnlyList<string> Preempted => [.. Lease.Preempted.Select(h => h.Address.Name)];

    /// <summary>Whether it ends with the run that took it.</summary>
    public bool Transient => Lease.Transient;

    /// <summary>When it was taken.</summary>
    public DateTimeOffset Created => Lease.Created;

    /// <summary><c>active</c> or <c>STRANDED</c>.</summary>
    public string State => IsStranded ? "STRANDED" : "active";
}

/// <summary>What ending a lease led to.</summary>
/// <param name="Name">Deploy key of the claimant.</param>
/// <param name="Restored">Deployments that were started again.</param>
/// <param name="Left">Deployments that stay stopped, because the claimant failed and they want its success; the lease stays for them.</param>
/// <param name="Failed">Deployments that could not be started, each with the reason; the lease stays for them.</param>
public sealed record LeaseRestore(string Name, IReadOnlyList<string> Restored, IReadOnlyList<string> Left, IReadOnlyList<string> Failed)
{
    /// <summary>Whether the lease is gone.</summary>
    public bool IsEnded => Left.Count + Failed.Count == 0;
}
