using OpenCharly.Operations;

namespace OpenCharly.Cli.Output;

/// <summary>What is wrong with a project, for people and for editors that read <c>file:line:column:</c>.</summary>
internal static class ProblemText
{
    public static string Of(ProjectReport report, Palette palette)
    {
        var blocks = report.Problems.Select(problem =>
        {
            var place = problem.Position is { } position ? $"{position}: " : "";
            var word = problem.IsWarning ? palette.Yellow("warning") : palette.Red("error");
            var help = problem.Help.Length > 0 ? $"  {palette.Cyan("help")}: {problem.Help}\n" : "";
            return $"{place}{word} {problem.Code.Id}: {problem.Message}\n{help}";
        });
        return string.Concat(blocks) + Summary(report);
    }

    private static string Summary(ProjectReport report)
    {
        var errors = report.Errors.Count();
        var warnings = report.Problems.Count - errors;
        var found = (errors, warnings) switch
        {
            (0, 0) => "no problem",
            (0, _) => Count(warnings, "warning", "warnings"),
            (_, 0) => Count(errors, "error", "errors"),
            _ => $"{Count(errors, "error", "errors")}, {Count(warnings, "warning", "warnings")}",
        };
        return $"{Count(report.Candies, "candy", "candies")}, {Count(report.Boxes, "box", "boxes")}, {Count(report.Others, "other entity", "other entities")}: {found}\n";
    }

    private static string Count(int number, string one, string many) => $"{number} {(number == 1 ? one : many)}";
}
