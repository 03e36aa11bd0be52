namespace OpenCharly.LiveTests.Support;

/// <summary>A test with <see cref="SudoUsers"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SudoTheoryAttribute : TheoryAttribute
{
    public SudoTheoryAttribute() => Skip = Need.Missing(SudoUsers.Needs);
}
