namespace OpenCharly.Plans;

/// <summary>A unit that a package brought.</summary>
public sealed record ServicePackagedStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.ServicePackaged;

    /// <summary>Unit name with suffix.</summary>
    public required string Unit { get; init; }

    /// <summary>Whether it is enabled and started.</summary>
    public bool Enable { get; init; }

    /// <summary>Text of the drop-in; null if there is none.</summary>
    public string? OverridesText { get; init; }

    /// <summary>Path of the drop-in.</summary>
    public string? OverridesPath { get; init; }

    /// <inheritdoc/>
    public override string Summary => $"{(Enable ? "enable " : "")}{Unit}{(OverridesPath is null ? "" : " with overrides")}";
}

/// <summary>A unit that the candy describes.</summary>
public sealed record ServiceCustomStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.ServiceCustom;

    /// <summary>Unit name without suffix: <c>charly-&lt;candy&gt;-&lt;name&gt;</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Text of the unit file.</summary>
    public required string UnitText { get; init; }

    /// <summary>Path of the unit file.</summary>
    public required string UnitPath { get; init; }

    /// <summary>Whether it is enabled and started.</summary>
    public bool Enable { get; init; }

    /// <inheritdoc/>
    public override string Summary => $"{Name}.service{(Enable ? ", enabled" : "")}";
}

/// <summary>A reboot of the guest, after everything else of its candy.</summary>
public sealed record RebootStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.Reboot;

    /// <inheritdoc/>
    public override string Summary => "reboot";
}
