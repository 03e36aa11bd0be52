namespace OpenCharly.Plans;

/// <summary>A file that is fetched from the target once everything is applied (candy-and-plan.md §6.9).</summary>
/// <param name="Candy">The candy that names it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Path">Path on the target.</param>
/// <param name="RetrieveTo">Path on the operator's machine; variables of that machine are still to be filled in.</param>
/// <param name="Mode">Mode of the fetched file, octal.</param>
/// <param name="WaitSeconds">How many seconds to wait for it.</param>
/// <param name="Rewrites">Replacements in its content, in order.</param>
/// <param name="IsOptional">Whether it may be missing.</param>
public sealed record PlanArtifact(
    string Candy, string Name, string Path, string RetrieveTo, string Mode, int WaitSeconds, IReadOnlyList<PlanRewrite> Rewrites, bool IsOptional)
{
    /// <inheritdoc/>
    public bool Equals(PlanArtifact? other) => other is not null
        && (Candy, Name, Path, RetrieveTo, Mode, WaitSeconds, IsOptional) == (other.Candy, other.Name, other.Path, other.RetrieveTo, other.Mode, other.WaitSeconds, other.IsOptional)
        && Rewrites.SequenceEqual(other.Rewrites);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Candy, Name, Path, RetrieveTo);
}

/// <summary>A replacement in the content of an artifact.</summary>
/// <param name="Find">What is replaced.</param>
/// <param name="Replace">What stands there instead; variables of the operator's machine are still to be filled in.</param>
public sealed record PlanRewrite(string Find, string Replace);

/// <summary>A secret that steps of a plan are given: its name and where its value is kept, never the value.</summary>
/// <param name="Name">The variable that carries it.</param>
/// <param name="Key">Where it is kept: <c>SERVICE/ITEM</c> of the credential store.</param>
/// <param name="IsRequired">Whether one is made up where there is none.</param>
public sealed record PlanSecret(string Name, string Key, bool IsRequired);
