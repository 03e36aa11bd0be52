using System.Diagnostics.CodeAnalysis;

namespace OpenCharly.Operations;

/// <summary>A deployment of any target as it is right now: a row of <c>charly status</c> (pod.md §15.4).</summary>
public sealed record DeploymentState : DeploymentFacts
{
    /// <summary>Makes a row.</summary>
    public DeploymentState()
    {
    }

    [SetsRequiredMembers]
    private DeploymentState(CharlyPod pod) : base(pod)
    {
        Kind = "pod";
        Status = pod.StatusWord;
        Pod = pod;
    }

    /// <summary>Target: <c>pod vm k8s local android</c>.</summary>
    public required string Kind { get; init; }

    /// <summary><c>running stopped paused dead removing failed enabled</c>, <c>not configured</c>, or <c>unknown</c> for what did not answer.</summary>
    public required string Status { get; init; }

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => Status == "running";

    /// <summary>The pod that it is; null for other targets.</summary>
    public CharlyPod? Pod { get; init; }

    /// <summary>The machine that it is; null for other targets.</summary>
    public Vms.CharlyVm? Machine { get; init; }

    /// <summary>A pod as a row.</summary>
    public static DeploymentState Of(CharlyPod pod) => new(pod);

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Name}";
}
