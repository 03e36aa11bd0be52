using OpenCharly.Plans;

namespace OpenCharly.Cli.Output;

internal static class PlanJson
{
    public static string Write(IReadOnlyList<InstallPlan> plans) => throw new NotImplementedException();

    public static IReadOnlyList<InstallPlan> Read(string text, string file) => throw new NotImplementedException();
}
