namespace OpenCharly.Model;

/// <summary>Install options (deploy.md §2.1); what is not said is false.</summary>
public sealed record InstallOptions
{
    /// <summary>Units may be written and enabled.</summary>
    public bool WithServices { get; init; }

    /// <summary>Package repositories may be changed.</summary>
    public bool AllowRepoChanges { get; init; }

    /// <summary>Scripts may run as root.</summary>
    public bool AllowRootTasks { get; init; }

    /// <summary>Candies without a matching section are left out.</summary>
    public bool SkipIncompatible { get; init; }

    /// <summary>Checks run afterwards.</summary>
    public bool Verify { get; init; }

    /// <summary>All three gates, no preflight, no prompts.</summary>
    public bool Yes { get; init; }

    /// <summary>Builder image.</summary>
    public string? BuilderImage { get; init; }

    /// <summary>Both together: booleans or-ed, the builder image of <paramref name="over"/> first.</summary>
    public InstallOptions Merge(InstallOptions over) => new()
    {
        WithServices = WithServices || over.WithServices,
        AllowRepoChanges = AllowRepoChanges || over.AllowRepoChanges,
        AllowRootTasks = AllowRootTasks || over.AllowRootTasks,
        SkipIncompatible = SkipIncompatible || over.SkipIncompatible,
        Verify = Verify || over.Verify,
        Yes = Yes || over.Yes,
        BuilderImage = over.BuilderImage ?? BuilderImage,
    };
}
