namespace OpenCharly.Operations;

/// <summary>What <c>CopyBoxToVm</c> works from.</summary>
public sealed record CopyBoxToVmRequest
{
    /// <summary>Name of the machine; empty for the only one of the VMFile.</summary>
    public required string Name { get; init; }

    /// <summary>Image in this machine's podman; a name without tag means its newest version.</summary>
    public required string Image { get; init; }

    /// <summary>Name of the image in the guest, such as <c>localhost/web:latest</c>; the image's own if null.</summary>
    public string? As { get; init; }

    /// <summary>Into the storage of the account that ssh logs in as; else into root's.</summary>
    public bool Rootless { get; init; }

    /// <summary>Only say what would be sent.</summary>
    public bool DryRun { get; init; }
}

/// <summary>How an image came into a guest.</summary>
public enum BoxTransferWay
{
    /// <summary>It was there already, whole, so nothing was sent.</summary>
    None,

    /// <summary>Only the layers that the guest did not have were sent.</summary>
    Layers,

    /// <summary>All of it was sent in one stream, because the guest forbids forwarding, or its copy was damaged.</summary>
    Whole,
}

/// <summary>What a copy of an image into a guest moved, or would move.</summary>
public sealed record BoxTransfer
{
    /// <summary>The machine.</summary>
    public required string Vm { get; init; }

    /// <summary>The image here, with its tag.</summary>
    public required string Image { get; init; }

    /// <summary>Its name in the guest.</summary>
    public required string Tag { get; init; }

    /// <summary>Its id, 64 hexadecimal digits: the same here and there.</summary>
    public required string ImageId { get; init; }

    /// <summary>Whether it is in the log-in user's storage; else in root's.</summary>
    public bool Rootless { get; init; }

    /// <summary>How it came.</summary>
    public BoxTransferWay Way { get; init; }

    /// <summary>Layers that were sent.</summary>
    public int LayersSent { get; init; }

    /// <summary>Layers that the guest had already.</summary>
    public int LayersPresent { get; init; }

    /// <summary>Bytes of layers, configuration and manifest that were sent, before ssh's encryption.</summary>
    public long BytesSent { get; init; }

    /// <summary>Bytes of all layers of the image.</summary>
    public long ImageBytes { get; init; }

    /// <summary>How often it was sent: more than once if a copy was damaged or cut.</summary>
    public int Attempts { get; init; }

    /// <summary>Whether it was only a preview.</summary>
    public bool DryRun { get; init; }

    /// <summary>Wall clock time.</summary>
    public TimeSpan Duration { get; init; }
}
