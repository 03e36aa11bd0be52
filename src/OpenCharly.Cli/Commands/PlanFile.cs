using System.CommandLine;
using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Cli.Commands;

/// <summary>A file of plans, or standard input.</summary>
internal static class PlanFile
{
    public static Argument<string> Argument() => new("file")
    {
        Description = "File that \"plan export\" or \"bundle add --dry-run --json\" wrote; - is standard input",
        HelpName = "FILE",
    };

    /// <summary>Whether a word names a file of plans and not a target: standard input, a name ending in .json, a file that is there.</summary>
    public static bool IsFile(Invocation run, string word) =>
        word == "-" || word.EndsWith(".json", StringComparison.Ordinal) || File.Exists(run.Context.Environment.Resolve(word));

    public static async Task<IReadOnlyList<InstallPlan>> ReadAsync(Invocation run, string file, CancellationToken cancellationToken)
    {
        if (file == "-")
        {
            run.Tell(NoticeLevel.Debug, "reading the plan from standard input");
            // The console reads synchronously whatever it is asked, so the wait is one that Ctrl-C can end.
            var text = await Task.Run(run.Terminal.In.ReadToEnd, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            return PlanJson.Read(text, "standard input");
        }

        var path = run.Context.Environment.Resolve(file);
        if (!File.Exists(path))
        {
            throw new CharlyException(Errors.FileMissing, $"there is no file {path}", "Write one with \"charly plan export NAME -o FILE\".");
        }

        return PlanJson.Read(await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false), file);
    }
}
