namespace OpenCharly.Cli.Commands;

/// <summary>What <c>--dry-run</c> prints for verbs that tell what they would do in lines.</summary>
internal static class ChangePreviews
{
    public static int Print(Invocation run, IReadOnlyList<string> changes)
    {
        run.PrintAll(changes, all => all.Count == 0 ? "nothing would change\n" : string.Concat(all.Select(c => $"would {c}\n")), (json, change) => json.WriteStringValue(change));
        return 0;
    }
}
