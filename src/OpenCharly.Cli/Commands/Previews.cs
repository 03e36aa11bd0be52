namespace OpenCharly.Cli.Commands;

/// <summary>What <c>--dry-run</c> prints of a verb that makes, changes or removes one thing: a sentence, or the thing as JSON.</summary>
internal static class Previews
{
    /// <summary>Prints.</summary>
    /// <param name="run">The run.</param>
    /// <param name="member">What the thing is called in JSON.</param>
    /// <param name="value">The thing.</param>
    /// <param name="text">The sentence.</param>
    /// <returns>0.</returns>
    public static int Print(Invocation run, string member, string value, string text)
    {
        run.Print(value, _ => text + "\n", (json, item) =>
        {
            json.WriteStartObject();
            json.WriteString(member, item);
            json.WriteEndObject();
        });
        return 0;
    }
}
