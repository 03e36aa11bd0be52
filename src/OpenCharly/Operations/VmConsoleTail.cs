using System.Text;
using System.Text.RegularExpressions;

namespace OpenCharly.Operations;

/// <summary>The last lines of a console log, fit for an error message: without terminal control.</summary>
internal static partial class VmConsoleTail
{
    private const int Lines = 8;

    private const int Window = 8192;

    /// <summary>A clause with the last lines, or one that says there are none.</summary>
    public static string Describe(string log)
    {
        var lines = Read(log);
        return lines.Count == 0 ? "The console has said nothing." : "The console's last lines:\n  " + string.Join("\n  ", lines);
    }

    /// <summary>One line as text: no escape sequences, no other control characters.</summary>
    public static string Clean(string line) =>
        string.Concat(Escapes().Replace(line, "").Where(c => c == '\t' || !char.IsControl(c))).TrimEnd();

    private static List<string> Read(string log)
    {
        if (!File.Exists(log)) return [];
        using var stream = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Seek(-Math.Min(stream.Length, Window), SeekOrigin.End);
        using var reader = new StreamReader(stream, new UTF8Encoding(false));
        return [.. reader.ReadToEnd().Split('\n').Select(Clean).Where(l => l.Length > 0).TakeLast(Lines)];
    }

    [GeneratedRegex(@"\x1B(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1B]*(?:\x07|\x1B\\)|[@-Z\\^_c78=>])")]
    private static partial Regex Escapes();
}
