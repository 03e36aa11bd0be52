namespace OpenCharly.Boxes;

/// <summary>Names of the labels that a box carries (candy-and-plan.md §8.2), without their common beginning.</summary>
internal static class LabelNames
{
    /// <summary>What every label begins with.</summary>
    public const string Prefix = "ai.opencharly.";

    /// <summary>Calendar version; an image without it is no box.</summary>
    public const string Version = "version";

    /// <summary>Name of the box.</summary>
    public const string Box = "box";

    /// <summary>Beginning of the label that lists the services of one init system.</summary>
    public const string ServicesOf = "service.";
}
