using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.LiveTests.Support;

/// <summary>A test against real programs; skipped, naming what is missing, where they are not installed.</summary>
/// <remarks>The word <c>root</c> asks for a test run as root; everything else is a program.</remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LiveFactAttribute : FactAttribute
{
    public LiveFactAttribute(params string[] needs) => Skip = Need.Missing(needs);
}

/// <summary>As <see cref="LiveFactAttribute"/>, for a test with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LiveTheoryAttribute : TheoryAttribute
{
    public LiveTheoryAttribute(params string[] needs) => Skip = Need.Missing(needs);
}

/// <summary>What a live test needs from this machine.</summary>
public static class Need
{
    private static readonly ProcessRunner Programs = new(CharlyEnvironment.FromProcess());

    /// <summary>Why a test can't run here, or null if it can.</summary>
    public static string? Missing(params string[] needs)
    {
        var missing = needs.Where(n => n == "root" ? !Environment.IsPrivilegedProcess : Programs.Find(n) is null).ToList();
        return missing.Count == 0 ? null : $"needs {string.Join(", ", missing)}";
    }

    /// <summary>Whether a process of this machine runs; one that only waits to be reaped does not.</summary>
    public static bool IsAlive(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The full path of a program that <see cref="Missing"/> found.</summary>
    public static string Program(string name) => Programs.Find(name) ?? throw new FileNotFoundException(name);
}
