using OpenCharly.Boxes;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Pods.Engines;
using OpenCharly.Pods.Secrets;

namespace OpenCharly.Operations;

/// <summary>A pod that is decided in full, with all that has to be written for it. Values of secrets are in memory only.</summary>
internal sealed record PreparedPod
{
    public required FoundPod Found { get; init; }

    public required PodEntry Entry { get; init; }

    public required BoxImage Image { get; init; }

    public required ContainerEngine Engine { get; init; }

    public required PodPlan Plan { get; init; }

    public required RunMode Mode { get; init; }

    public required IReadOnlyList<PortMapping> Ports { get; init; }

    public required Provides Provides { get; init; }

    public IReadOnlyList<PreparedSecret> Secrets { get; init; } = [];

    /// <summary>Credentials that were given or written in plain text, and belong into the store.</summary>
    public IReadOnlyList<(CredentialAddress Address, string Value)> Credentials { get; init; } = [];

    /// <summary>Whether credentials of the file itself have to go to the store, so that the file is copied first.</summary>
    public bool MigratesFile { get; init; }

    public DetectedDevices? Devices { get; init; }

    public IReadOnlyList<string> Warnings { get; init; } = [];

    public PodKey Key => Entry.Key;
}
