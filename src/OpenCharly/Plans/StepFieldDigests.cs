using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OpenCharly.Plans;

/// <summary>
/// A short digest of each field of a step, kept with its record: a later plan whose step has another digest can then say
/// which fields differ. Fields that are empty, and places on the operator's disk, are left out.
/// </summary>
internal static class StepFieldDigests
{
    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["caps"] = "capabilities", ["copr"] = "coprs", ["dest"] = "destination", ["env_file"] = "file", ["env_vars"] = "variables", ["path_add"] = "PATH entries",
        ["path_append"] = "PATH entries", ["repo"] = "repository", ["repos"] = "repositories", ["resolved_user"] = "user", ["to"] = "destination", ["vars"] = "variables",
    };

    /// <summary>The digests as ledgers keep them: <c>name=8 hex digits</c>, separated by blanks.</summary>
    public static string Of(InstallStep step)
    {
        var written = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(written, StepFields.Options)) StepFields.Write(json, step);
        using var document = JsonDocument.Parse(written.WrittenMemory);
        return string.Join(' ', document.RootElement.EnumerateObject()
            .Where(f => !StepFields.Places.Contains(f.Name) && !IsEmpty(f.Value))
            .Select(f => $"{f.Name}={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(f.Value.GetRawText())).AsSpan(0, 4))}"));
    }

    /// <summary>Reads what <see cref="Of"/> wrote.</summary>
    public static IReadOnlyDictionary<string, string> Read(string? text)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (pair.Split('=') is [var name, var digest]) map[name] = digest;
        }

        return map;
    }

    /// <summary>The fields by which a step of this kind is the same step with another content.</summary>
    public static IReadOnlyList<string> Identity(InstallStep step) => step switch
    {
        SystemPackagesStep => ["format", "phase"],
        BuilderStep => ["builder"],
        OpStep { Verb: "cmd" } => ["verb"],
        OpStep { Verb: "copy" or "download" } => ["verb", "to"],
        OpStep => ["verb", "value"],
        FileStep => ["dest"],
        ServicePackagedStep => ["unit"],
        ServiceCustomStep => ["name"],
        ShellHookStep => ["env_file"],
        ShellSnippetStep => ["shell", "destination"],
        RepoChangeStep => ["file"],
        LocalPkgInstallStep => ["source"],
        _ => [],
    };

    /// <summary>The word for a field, for people.</summary>
    public static string Word(InstallStep step, string field) => field == "value" && step is OpStep op
        ? op.Verb switch { "cmd" => "command", "copy" => "source", "download" => "address", "link" => "target", _ => "path" }
        : Words.GetValueOrDefault(field) ?? field.Replace('_', ' ');

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.False or JsonValueKind.Null => true,
        JsonValueKind.Number => value.TryGetInt64(out var number) && number == 0,
        JsonValueKind.String => value.GetString()!.Length == 0,
        _ => false,
    };
}
