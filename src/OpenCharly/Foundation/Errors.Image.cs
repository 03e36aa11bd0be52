namespace OpenCharly.Foundation;

/// <content>Container images and their engine (pod.md §3, candy-and-plan.md §8).</content>
public static partial class Errors
{
    /// <summary>The image is not in local storage; nothing is pulled without being asked for.</summary>
    public static readonly ErrorCode ImageNotLocal = new("ErrImageNotLocal", ErrorKind.WrongState);

    /// <summary>The image carries no labels of a box, or labels that can't be read.</summary>
    public static readonly ErrorCode ImageMetadata = new("image.metadata", ErrorKind.WrongState);

    /// <summary>Several images fit a short name, and nothing tells which is meant.</summary>
    public static readonly ErrorCode ImageAmbiguous = new("image.ambiguous", ErrorKind.Usage);

    /// <summary>Text that can't be a reference to an image, or a kind of reference that can't be used here.</summary>
    public static readonly ErrorCode ImageReference = new("image.reference", ErrorKind.Usage);

    /// <summary>The container engine refused a request.</summary>
    public static readonly ErrorCode ImageEngine = new("image.engine_failed", ErrorKind.Failed);

    /// <summary>The deploy key that an image shall get belongs to another image or target.</summary>
    public static readonly ErrorCode DeployBox = new("deploy.box", ErrorKind.Refused);

    /// <summary>An image could not be built.</summary>
    public static readonly ErrorCode ImageBuild = new("image.build_failed", ErrorKind.Failed);

    /// <summary>An image could not be pushed.</summary>
    public static readonly ErrorCode ImagePush = new("image.push_failed", ErrorKind.Unreachable);

    /// <summary>An image could not be pulled.</summary>
    public static readonly ErrorCode ImagePull = new("image.pull_failed", ErrorKind.Unreachable);
}
