using System.Text.RegularExpressions;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>
/// Replaces variables in the path-like fields of one task (§3.2). <c>ARCH</c> and <c>BUILD_ARCH</c> belong to the target:
/// they stay as they are, and <see cref="TargetText"/> turns them into shell variables.
/// </summary>
/// <param name="plan">The plan that is compiled.</param>
/// <param name="candy">The candy.</param>
/// <param name="task">The task.</param>
internal sealed partial class TaskVariables(PlanBuilder plan, Candy candy, CandyTask task)
{
    private const int MaxDepth = 8;

    /// <summary>The text with its home and variables replaced.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TaskVariable"/> for one that nothing defines.</exception>
    public string Replace(string text) => Replace(plan.Expand(text), 0);

    private string Replace(string text, int depth) => Reference().Replace(text, match =>
    {
        var name = match.Groups[1].Value;
        if (TargetText.IsTargetVariable(name)) return match.Value;
        var value = Find(name);
        if (value is null || depth == MaxDepth)
        {
            throw new CharlyException(
                Errors.TaskVariable,
                value is null
                    ? $"candy {candy.Name}: nothing defines ${{{name}}} in \"{task.Value}\""
                    : $"candy {candy.Name}: ${{{name}}} refers to itself",
                $"Declare {name} under var:, or use one of USER, UID, GID, HOME, ARCH, BUILD_ARCH.",
                task.Position,
                candy.Name);
        }

        return Replace(plan.Expand(value), depth + 1);
    });

    private string? Find(string name) => name switch
    {
        "USER" => plan.Facts.User,
        "UID" => plan.Facts.Uid.ToString(),
        "GID" => plan.Facts.Gid.ToString(),
        "HOME" => plan.Facts.Home,
        _ => candy.Variables.GetValueOrDefault(name) ?? task.Environment.GetValueOrDefault(name) ?? candy.Environment.GetValueOrDefault(name),
    };

    [GeneratedRegex(@"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")]
    private static partial Regex Reference();
}
