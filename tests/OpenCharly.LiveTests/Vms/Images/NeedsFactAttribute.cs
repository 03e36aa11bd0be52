using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.LiveTests.Vms.Images;

/// <summary>A test that needs programs, and says which one is missing when it is skipped.</summary>
public sealed class NeedsFactAttribute : FactAttribute
{
    public NeedsFactAttribute(params string[] programs)
    {
        var runner = new ProcessRunner(CharlyEnvironment.FromProcess());
        if (programs.FirstOrDefault(p => runner.Find(p) is null) is { } missing) Skip = $"{missing} is not installed";
    }
}
