namespace OpenCharly.Foundation;

/// <content>The deploy map as a whole: entries, families, beds, the per-host file (deploy.md).</content>
public static partial class Errors
{
    /// <summary>A write that would leave nothing of a deploy map that holds several entries.</summary>
    public static readonly ErrorCode StateEmptied = new("state.emptied", ErrorKind.Refused);

    /// <summary>A chain of deployments inside of each other that leads nowhere, in a circle, or through something without a shell.</summary>
    public static readonly ErrorCode DeployPath = new("deploy.path", ErrorKind.Usage);

    /// <summary>A verb that a deployment's target does not have.</summary>
    public static readonly ErrorCode DeployVerb = new("deploy.verb", ErrorKind.Usage);

    /// <summary>A deployment that was brought up with another one failed, and so did the other.</summary>
    public static readonly ErrorCode DeployMember = new("deploy.member", ErrorKind.Failed);

    /// <summary>A name that is no bed, where only beds are run.</summary>
    public static readonly ErrorCode BedUnknown = new("bed.not_found", ErrorKind.NotFound);

    /// <summary>A deployment that may be destroyed only with its owner's leave, which its entry does not give.</summary>
    public static readonly ErrorCode NotDisposable = new("deploy.not_disposable", ErrorKind.Refused);

    /// <summary>A lifetime of a short-lived deployment that can't be read, or one that has nothing left of it.</summary>
    public static readonly ErrorCode Ephemeral = new("deploy.ephemeral", ErrorKind.Usage);

    /// <summary>A short-lived deployment that another run is making at the same time.</summary>
    public static readonly ErrorCode EphemeralTaken = new("deploy.ephemeral_taken", ErrorKind.WrongState);
}
