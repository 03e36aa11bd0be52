using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Targets;

/// <summary>The error that another machine's charly ended with, as it prints it with <c>--format json</c>: with its own code, kind and help.</summary>
internal static class RemoteError
{
    /// <summary>The last error of what was written; null if there is none.</summary>
    /// <param name="text">Standard error: a JSON object a line, and what other programs wrote between.</param>
    /// <param name="host">The machine, for the message.</param>
    /// <param name="target">What was worked on.</param>
    public static CharlyException? Of(string text, string host, string target)
    {
        foreach (var line in text.Split('\n').Where(l => l.StartsWith('{')).Reverse())
        {
            try
            {
                using var document = JsonDocument.Parse(line);
                if (!document.RootElement.TryGetProperty("error", out var error) || error.ValueKind != JsonValueKind.Object) continue;
                var code = new ErrorCode(Text(error, "code") ?? Errors.RunTarget.Id, Kind(error));
                return new CharlyException(code, $"{host}: {Text(error, "message")}", Text(error, "help") ?? "", target: target);
            }
            catch (JsonException)
            {
                // A line of another program that happens to begin so.
                continue;
            }
        }

        return null;
    }

    private static ErrorKind Kind(JsonElement error) =>
        error.TryGetProperty("exit_code", out var code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out var number) && Enum.IsDefined((ErrorKind)number) ? (ErrorKind)number : ErrorKind.Failed;

    private static string? Text(JsonElement error, string name) => error.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
